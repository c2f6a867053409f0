# SPDX-License-Identifier: MIT
# What is newest today; included by tests/python.mk. A release of tomorrow is to be seen by the next
# change: so no version is pinned, and what is there is brought up to date each time.
NEWEST ?= build/newest
# Of the Pythons of this distribution, the one with the highest number that can make a venv.
pythons       = ls /usr/bin | grep -E '^python3\.[0-9]+$$' | sort -t. -k2,2nr
newest_python = $(firstword $(shell for p in `$(pythons)`; do \
                  /usr/bin/$$p -c 'import ensurepip, venv' 2>&- && echo /usr/bin/$$p; done))
in_newest     = $(in_build) VENV=$(abspath $(NEWEST)) MATRIX=$(abspath $(NEWEST))

newest: deps venv everything newest-wheels ## the newest release of every runtime: held as we say
	$(MAKE) --no-print-directory MATRIX=$(NEWEST) $(BUILD)/tests/matrix/mkl
	$(in_newest) $(PROVE) $(addprefix tests/e2e/,truth.t calls.t ways.t)
	$(in_newest) $(NEWEST)/bin/python -B tests/matrix/newest.py

newest-wheels: tests/newest.txt
	[ -x $(NEWEST)/bin/python ] || $(newest_python) -m venv $(NEWEST)
	$(NEWEST)/bin/$(pip_install) --upgrade --upgrade-strategy eager -r $<

bench-newest: deps everything newest-wheels ## pools on the newest NumPy, and on it stripped
	$(in_newest) sh bench/newest.sh

.PHONY: newest newest-wheels bench-newest
