# SPDX-License-Identifier: MIT
# Python for tests and demo, shared by all BUILDs; included by the Makefile of the root. The wheels
# of requirements.txt, older numpys, and wheels that bring other runtimes. The demo takes the first
# if they are here, or else numpy alone.
VENV      ?= build/venv
DEMO_VENV ?= build/demo-venv
NUMPYS    ?= build/numpy
RUNTIMES  ?= build/runtimes
demo_venv  = $(if $(wildcard $(VENV)/.stamp),,$(DEMO_VENV)/.stamp)

venv: $(VENV)/.stamp $(NUMPYS)/.stamp $(RUNTIMES)/.stamp ## Python for the tests, under build/

pip = $(VENV)/bin/$(pip_install)
pip_install = python -m pip install --quiet --disable-pip-version-check --only-binary :all:
$(VENV)/.stamp: requirements.txt | $(deps_first)
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(pip) -r $<
	touch $@

# Without PyPI, Debian's NumPy will do for the demo.
$(DEMO_VENV)/.stamp: requirements.txt | $(deps_first)
	rm -rf $(DEMO_VENV)
	$(PYTHON) -m venv $(DEMO_VENV)
	$(DEMO_VENV)/bin/$(pip_install) -c $< numpy && touch $@ || { rm -rf $(DEMO_VENV); \
	  echo "demo: no NumPy from PyPI: taking Debian's"; sh tests/deps.sh numpy; }

# Where a version has no wheel for this Python, its marker says so, and pip leaves a folder empty.
$(NUMPYS)/.stamp: tests/numpy-versions.txt | $(VENV)/.stamp
	rm -rf $(NUMPYS)
	set -e; sed -n 's/^numpy==\([0-9.]*\).*/\1 &/p' $< | while read -r v wheel; do \
	  $(pip) --no-deps --target $(NUMPYS)/$$v "$$wheel" </dev/null; done
	find $(NUMPYS) -maxdepth 1 -type d -empty -delete
	touch $@

$(RUNTIMES)/.stamp: tests/runtimes.txt | $(VENV)/.stamp
	rm -rf $(RUNTIMES)
	$(pip) --no-deps --target $(RUNTIMES) -r $<
	touch $@

.PHONY: venv

include tests/newest.mk
