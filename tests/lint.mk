# SPDX-License-Identifier: MIT
# What reads the sources, and lays them out: no build is needed.
lint: ## style and static checks
	@BUILD=$(BUILD) bash tests/lint.sh

tidy: ## clang-tidy, side by side
	echo $(wildcard $(addsuffix /*.c,core shim cli conf demo)) | xargs -n 6 -P $(shell nproc) \
	  sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 -I. -DRATION_VERSION=\"\" \
	  -DRATION_LIBDIR=\"\"' sh

format: ## have clang-format lay out all C
	clang-format -i $(wildcard $(addsuffix /*.[ch],core shim cli conf demo bench tests/*))
