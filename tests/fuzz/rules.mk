# SPDX-License-Identifier: MIT
# Each reads what others can write, whatever bytes stand there, for FUZZ_S seconds (clang).
fuzz_cc = clang -std=gnu11 $(WARN) -I. -g -O1 -fsanitize=fuzzer,address,undefined \
  -fno-sanitize-recover=all -DRATION_VERSION='"$(VERSION)"' -DRATION_LIBDIR='"$(PREFIX)/lib/ration"'
# fuzz_run NAME [OPTION...]: its corpus is kept in the build.
fuzz_run = mkdir -p $(BUILD)/tests/fuzz/corpus-$(1) && $(BUILD)/tests/fuzz/$(1) \
  -max_total_time=$(FUZZ_S) -timeout=10 -verbosity=0 -print_final_stats=1 \
  -artifact_prefix=$(BUILD)/tests/fuzz/ $(2) $(BUILD)/tests/fuzz/corpus-$(1)

fuzz-rules: ## feed the reader of the site's table garbage, for FUZZ_S seconds (clang)
	@mkdir -p $(BUILD)/tests/fuzz
	$(fuzz_cc) -o $(BUILD)/tests/fuzz/rules tests/fuzz/rules.c core/rules.c core/budget.c
	$(call fuzz_run,rules,-max_len=4096)

# Of libconfuse, as it is installed, only what it does with memory is watched.
fuzz-conf: ## the same for the configuration
	@mkdir -p $(BUILD)/tests/fuzz/corpus-conf
	$(fuzz_cc) -o $(BUILD)/tests/fuzz/conf tests/fuzz/conf.c $(conf_src) $(core_src) -lconfuse
	cp conf/ration.conf $(BUILD)/tests/fuzz/corpus-conf
	$(call fuzz_run,conf,-max_len=4096 -dict=tests/fuzz/conf.dict)

fuzz-ledger: ## the same for guests' readers of the ledger and the fences
	@mkdir -p $(BUILD)/tests/fuzz
	$(fuzz_cc) -o $(BUILD)/tests/fuzz/ledger tests/fuzz/ledger.c $(core_src)
	$(call fuzz_run,ledger,-max_len=8192)

# What root's commands, and others' watchers, read of a user: shared memory, and /proc.
foreign = rows claims proc
foreign_src = $(addprefix cli/,foreign.c procfile.c owner.c say.c) conf/apart.c $(core_src)
rows_src    = cli/ctl-rows.c cli/ctl-fences.c cli/excess.c cli/cpulist.c
claims_src  = cli/claims.c
proc_src    = cli/machine.c cli/preload.c cli/stat.c
fuzz-foreign: $(foreign:%=fuzz-%) ## the same for root's readers of ledger, fences, and /proc
$(foreign:%=fuzz-%): fuzz-%:
	@mkdir -p $(BUILD)/tests/fuzz
	$(fuzz_cc) -o $(BUILD)/tests/fuzz/$* tests/fuzz/$*.c $($*_src) $(foreign_src)
	$(call fuzz_run,$*,-max_len=8192)

fuzz-all: fuzz-rules fuzz-conf fuzz-ledger fuzz-foreign ## all of these, FUZZ_S seconds each
.PHONY: fuzz-all fuzz-rules fuzz-conf fuzz-ledger fuzz-foreign $(foreign:%=fuzz-%)
