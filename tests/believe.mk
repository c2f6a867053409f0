# SPDX-License-Identifier: MIT
# Whether the tests can be believed: tests/believe.sh. RUNS= how often, FILES= of which (all that
# make check runs), BESIDE= quiet or stress (both).
RUNS ?= 5
believe: deps venv everything ## all tests five times quiet, five beside stress-ng (RUNS=, FILES=)
	$(in_build) PROVE='$(PROVE)' BESIDE='$(BESIDE)' sh tests/believe.sh $(RUNS) $(FILES)

.PHONY: believe
