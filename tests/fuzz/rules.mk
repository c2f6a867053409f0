# SPDX-License-Identifier: MIT
fuzz-rules: ## feed the reader of the site's table garbage, for FUZZ_S seconds (clang)
	@mkdir -p $(BUILD)/tests/fuzz/corpus-rules
	clang -std=gnu11 $(WARN) -I. -g -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -o $(BUILD)/tests/fuzz/rules tests/fuzz/rules.c core/rules.c \
	  core/budget.c
	$(BUILD)/tests/fuzz/rules -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=10 -verbosity=0 \
	  -print_final_stats=1 -artifact_prefix=$(BUILD)/tests/fuzz/ \
	  $(BUILD)/tests/fuzz/corpus-rules
.PHONY: fuzz-rules

# Of libconfuse, as it is installed, only what it does with memory is watched.
fuzz-conf: ## feed the configuration reader garbage, for FUZZ_S seconds (clang)
	@mkdir -p $(BUILD)/tests/fuzz/corpus
	clang -std=gnu11 $(WARN) -I. -g -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -o $(BUILD)/tests/fuzz/conf tests/fuzz/conf.c $(conf_src) \
	  -lconfuse
	cp conf/ration.conf $(BUILD)/tests/fuzz/corpus
	$(BUILD)/tests/fuzz/conf -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=10 -verbosity=0 \
	  -print_final_stats=1 -artifact_prefix=$(BUILD)/tests/fuzz/ -dict=tests/fuzz/conf.dict \
	  $(BUILD)/tests/fuzz/corpus
