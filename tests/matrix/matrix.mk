# SPDX-License-Identifier: MIT
# Every runtime, mode and wish; included by the Makefile of the root.

# Its programs: wheels, and those of torch with TORCH=wheel.
MATRIX ?= build/matrix
MATRIX_TORCH ?= build/matrix-torch
PROGRAMS ?=

# PROGRAMS="-k torch -k numba" are those with that in their names; all, without. What has been run
# is kept, and the document is made of it.
in_matrix = $(in_build) $(VENV)/bin/python -B tests/matrix
matrix: deps venv everything matrix-deps ## every runtime, mode and wish: the same results (hour)
	status=0; $(in_matrix)/matrix.py $(PROGRAMS) || status=$$?; \
	  $(in_matrix)/report.py && exit $$status

fuzz: deps venv everything matrix-deps ## the same programs, shares changing at random (hour)
	status=0; $(in_matrix)/fuzz.py $(PROGRAMS) || status=$$?; \
	  $(in_matrix)/report.py && exit $$status

matrix-deps: $(MATRIX)/.stamp $(if $(TORCH),$(MATRIX_TORCH)/.stamp)
	@sh tests/deps.sh matrix
	$(MAKE) --no-print-directory matrix-programs

matrix_bin = $(BUILD)/tests/matrix
matrix-programs: $(addprefix $(matrix_bin)/,openmp-gcc openmp-clang mkl blis tbb)

$(matrix_bin)/%: tests/matrix/guest.h
$(matrix_bin)/openmp-%: tests/matrix/openmp.c
	@mkdir -p $(@D)
	$* $(ALL_CFLAGS) -pthread -fopenmp -o $@ $< -lm

$(matrix_bin)/mkl: tests/matrix/mkl.c
	$(CC) $(ALL_CFLAGS) -pthread -o $@ $< -L$(MATRIX)/lib -l:libmkl_rt.so.3

$(matrix_bin)/blis: tests/matrix/blis.c
	$(CC) $(ALL_CFLAGS) -pthread -o $@ $< \
	  $(firstword $(wildcard /usr/lib/*/blis-openmp/libblis.so.4))

$(matrix_bin)/tbb: tests/matrix/tbb.cpp
	$(CXX) -std=c++17 -Wall -Wextra -MMD -MP $(CFLAGS) -pthread -o $@ $< -ltbb

$(MATRIX)/.stamp: tests/matrix/requirements.txt | $(deps_first)
$(MATRIX_TORCH)/.stamp: tests/matrix/torch.txt | $(deps_first)
$(MATRIX)/.stamp $(MATRIX_TORCH)/.stamp:
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/$(pip_install) -r $<
	touch $@

# SUITES: packages; without, those of suites.py.
suites: deps everything matrix-deps ## the tests of SciPy and scikit-learn: the same outcomes (hour)
	$(MATRIX)/bin/$(pip_install) pytest
	$(in_build) $(MATRIX)/bin/python -B tests/matrix/suites.py $(SUITES)

# OpenMP programs made at random, COUNT of each flavour. TEAMS= which; LLVM and Fortran are Debian's.
COUNT ?= 1000
teams_all = gcc llvm newest intel python
teams_bin = $(BUILD)/tests/fuzz/teams
fuzz-teams: deps venv everything ## OpenMP programs made at random, shares too: the same results
	@sh tests/deps.sh check fuzz
	$(MAKE) --no-print-directory teams-programs
	$(in_build) $(PYTHON) -B tests/fuzz/teams/run.py -n $(COUNT) $(or $(TEAMS),$(teams_all))

teams-programs: $(addprefix $(teams_bin)/,$(or $(TEAMS),$(teams_all)))
teams_flags = -Wall -Wextra -I. -O1 -g -fPIC -fopenmp

teams_files = $(addprefix $(teams_bin)/$(1)-,teams.o steps.o keep.o local.o) $(teams_bin)/common.o
teams_heads = $(addprefix tests/fuzz/teams/,teams.h steps.h)

$(teams_bin)/gcc-local.o $(teams_bin)/llvm-local.o: tests/fuzz/teams/local.cpp $(teams_heads)
	@mkdir -p $(@D)
	$(if $(findstring gcc-,$@),g++,clang++) $(teams_flags) -c -o $@ $<

$(teams_bin)/gcc-%.o: tests/fuzz/teams/%.c $(teams_heads)
	@mkdir -p $(@D)
	gcc -std=gnu11 $(teams_flags) -c -o $@ $<

$(teams_bin)/llvm-%.o: tests/fuzz/teams/%.c $(teams_heads)
	@mkdir -p $(@D)
	clang -std=gnu11 -DTEAMS_LLVM $(teams_flags) -c -o $@ $<

$(teams_bin)/common.o: tests/fuzz/teams/common.f90
	@mkdir -p $(@D)
	gfortran -Wall -O1 -g -fPIC -fopenmp -c -o $@ $<

$(teams_bin)/gcc: $(call teams_files,gcc)
	g++ -fopenmp -o $@ $^ -lgfortran -lpthread

$(teams_bin)/llvm: $(call teams_files,llvm)
	clang++ -fopenmp -o $@ $^ -lgfortran -lpthread

$(teams_bin)/libteams.so: $(call teams_files,gcc)
	g++ -shared -fopenmp -o $@ $^ -lgfortran -lpthread

# As a library of Python's; what it spawns is the program.
$(teams_bin)/python: tests/fuzz/teams/python.py $(teams_bin)/libteams.so $(teams_bin)/gcc
	printf '#!/bin/sh\nLIBTEAMS=%s TEAMS=%s exec %s -B %s "$$@"\n' \
	  $(abspath $(teams_bin)/libteams.so $(teams_bin)/gcc) $(PYTHON) $(abspath $<) >$@
	chmod +x $@

# LLVM's program with its newest runtime that apt offers, and with Intel's.
define teams_with
	ln -sf $(abspath $(1)) $(@D)/$(@F).lib/libomp.so.5
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$$@"\n' \
	  $(abspath $(@D)/$(@F).lib) $(abspath $<) >$@
	chmod +x $@
endef
$(teams_bin)/newest: $(teams_bin)/llvm
	@mkdir -p $@.lib
	cd $@.lib && apt-get -q download "$$(apt-cache search --names-only '^libomp5-[0-9]+$$' | \
	  sort -V | sed -n '$$s/ .*//p')" && dpkg-deb -x libomp5-*.deb .
	$(call teams_with,$@.lib/usr/lib/llvm-*/lib/libomp.so.5)

$(teams_bin)/intel: $(teams_bin)/llvm | $(deps_first)
	@mkdir -p $@.lib
	$(PYTHON) -m venv $@.lib/venv
	$@.lib/venv/bin/$(pip_install) intel-openmp==2026.2.0
	$(call teams_with,$@.lib/venv/lib/libiomp5.so)

.PHONY: suites fuzz-teams teams-programs matrix matrix-deps matrix-programs fuzz
