# SPDX-License-Identifier: MIT
# Every runtime, mode and wish; included by the Makefile of the root.

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

.PHONY: matrix matrix-deps matrix-programs fuzz
