# SPDX-License-Identifier: MIT
# ration: `make help` lists what there is to make. Sources are found by wildcard, room by room: a
# new file needs no edit here. Any variable may be set on the command line.

VERSION = 0.1.0
PREFIX ?= /usr/local
BUILD  ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
CFLAGS ?= -O2 -g
PYTHON ?= /usr/bin/python3
PROVE  ?= prove
FUZZ_S ?= 600
comma  := ,

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror)
ALL_CFLAGS = -std=gnu11 $(WARN) -I. -MMD -MP $(CFLAGS)
# No fortified variants either: shim/bare.c has the plain ones.
PIC        = -fPIC -fvisibility=hidden -ftls-model=initial-exec -U_FORTIFY_SOURCE
# Atomics that choose at run time (gcc 10 and later, aarch64) bring a constructor.
PIC       += $(if $(filter aarch64-%,$(shell $(CC) -dumpmachine 2>&-)),-mno-outline-atomics)
# No start files: no constructor, nothing weak to look for in vain (2 700 instructions an exec).
# Nor libc, whose place and versions each exec would look for: what is used of it is in shim/bare.c.
SHIM_LINK  = -shared -nostdlib -Wl,-soname,libration.so \
             -Wl,-z,defs,-z,norelro,-z,lazy,-z,noseparate-code,-Bsymbolic-functions
versions   = $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine 2>&-)),shim/versions.map)
SHIM_LINK += $(versions:%=-Wl$(comma)--version-script=%)
# For core, cli and unit tests. Not the shim nor the probes: a guest's libc is questioned, through
# us, before a sanitizer has set itself up.
san = $(if $(SAN),-fsanitize=$(SAN))

# For the programs, which root runs over what users made; the shim has what costs no exec anything.
HARDEN = $(if $(SAN)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) -fPIE \
         -fstack-protector-strong
HARDEN_LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack

obj      = $(patsubst %.c,$(BUILD)/%.$(1),$(2))
bins     = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
core_src = $(wildcard core/*.c)
shim_src = $(wildcard shim/*.c) $(core_src)
conf_src = $(wildcard conf/*.c)
ctl_src  = $(wildcard cli/rationctl.c cli/ctl-*.c)
# What every program of ours may use, as an archive from which each takes what it calls: core,
# conf, and the files of cli/ that are no program's own.
own_src  = $(filter-out cli/ration.c $(ctl_src),$(wildcard cli/*.c)) $(core_src) $(conf_src)
own      = $(BUILD)/own.a
# STATIC=1 is for programs that have to run where there is no libconfuse (the wheel).
own_libs = $(if $(STATIC),-l:libconfuse.a,-Wl,--push-state,--as-needed -lconfuse -Wl,--pop-state)
# A probe says what it needs beyond libc on a line of its own: /* link: -lopenblas */
link_of  = $(shell sed -n 's,^/\* link: \(.*\) \*/$$,\1,p' $<)

progs  = $(patsubst cli/%.c,$(BUILD)/%,$(wildcard cli/ration.c cli/rationctl.c))
units  = $(call bins,tests/unit/*.c)
probes = $(patsubst $(BUILD)/tests/probe/lib%,$(BUILD)/tests/probe/lib%.so, \
           $(call bins,tests/probe/*.c))
demos  = $(call bins,demo/*.c)
benches  = $(call bins,bench/*.c)
mans   = $(patsubst %.scd,$(BUILD)/%,$(wildcard man/*.scd))
# The sets of tests/deps.sh that a goal brings, before the first compilation, also under -j.
sets_demo  = demo
sets_venv  = demo
$(foreach goal,check check-security mutants bench newest bench-newest,$(eval sets_$(goal) = check))
sets_check-long       = check long
sets_check-package    = check lint package
sets_check-site       = check site
sets_believe          = check stress
sets_check-vm         = check vm
sets_check-vm-systemd = check vm
sets_matrix = check matrix
sets_fuzz   = check matrix
sets_fuzz-teams = check fuzz
sets       = $(sort $(foreach goal,$(MAKECMDGOALS),$(sets_$(goal))))
deps_first = $(if $(sets),deps)
tools      = $(BUILD)/.tools
in_build = BUILD=$(abspath $(BUILD)) VENV=$(abspath $(VENV)) NUMPYS=$(abspath $(NUMPYS)) \
           RUNTIMES=$(abspath $(RUNTIMES)) MATRIX=$(abspath $(MATRIX)) \
           MATRIX_TORCH=$(abspath $(MATRIX_TORCH))

machine = $(or $(shell $(CC) -dumpmachine 2>/dev/null),$(shell uname -m)-)
narrow = $(if $(filter x86_64-%,$(machine)),$(BUILD)/narrow/libration.so)

all: $(BUILD)/libration.so $(narrow) $(progs) ## build what gets installed

# Asked once: what there is to type is told in one line, not in those of a compiler.
compiles = $(shell printf '\043include <confuse.h>' | $(CC) $(CFLAGS) -E -xc - >/dev/null 2>&1 \
  && echo yes)
$(tools): | $(deps_first)
	@$(if $(compiles),,$(error no compiler or libconfuse here: run "make deps" first))
	@mkdir -p $(@D) && touch $@

$(BUILD)/libration.so: shim/seal.sh $(versions) $(call obj,pic.o,$(shim_src))
	$(CC) $(SHIM_LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) -lgcc
	sh shim/seal.sh $@

# An empty library, with which 32-bit programs do without the other in silence (cli/spelling.h). It
# needs no 32-bit libc, but a compiler for x86-64.
$(BUILD)/narrow/libration.so: shim/seal.sh | $(tools)
	@mkdir -p $(@D)
	$(CC) -m32 -shared -nostdlib -Wl,-soname,libration.so,--hash-style=sysv,-s \
	  -Wl,--build-id=none,-z,noexecstack,-z,noseparate-code,-z,norelro -o $@ \
	  -x assembler /dev/null
	sh shim/seal.sh $@

$(BUILD)/ration: $(call obj,o,cli/ration.c) $(own)
	$(CC) $(san) $(HARDEN_LINK) $(LDFLAGS) -o $@ $^ $(own_libs)

$(BUILD)/rationctl: $(call obj,o,$(ctl_src)) $(own)
	$(CC) $(san) $(HARDEN_LINK) $(LDFLAGS) -o $@ $^ $(own_libs)

$(own): $(call obj,o,$(own_src))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.pic.o: %.c | $(tools)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PIC) -c -o $@ $<

$(BUILD)/%.o: %.c | $(tools)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(HARDEN) $(san) -c -o $@ $<

# It runs before anything of a call is saved but its general registers.
$(BUILD)/shim/call.pic.o: ALL_CFLAGS += $(if $(filter x86_64-% aarch64-%,$(shell \
                                          $(CC) -dumpmachine)),-mgeneral-regs-only)

# The version and the place of the installed shim are known to the programs alone.
$(BUILD)/cli/%.o: ALL_CFLAGS += -DRATION_VERSION='"$(VERSION)"' \
                                -DRATION_LIBDIR='"$(PREFIX)/lib/ration"'

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(own)
	$(CC) $(san) $(LDFLAGS) -o $@ $^ $(own_libs) $(shell pkg-config --libs check)

$(BUILD)/tests/probe/lib%.so: tests/probe/lib%.c | $(tools)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $< $(link_of)

# Probes are programs like anyone's; but a few know the ledger, to look at it and sweep it away.
probe_own = $(addprefix $(BUILD)/tests/probe/,forget granted over rows scope shake) \
            $(addprefix $(BUILD)/tests/probe/,foul-segment foul-table)
$(probe_own): $(own)
$(probe_own): link_of = $(own) $(san)
$(BUILD)/tests/probe/%: tests/probe/%.c | $(tools)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -pthread -o $@ $< $(link_of)

$(BUILD)/demo/invert: own_libs += -llapacke -lopenblas
$(BUILD)/bench/forks.o: ALL_CFLAGS += -fopenmp
$(BUILD)/bench/forks: own_libs += -fopenmp -lopenblas
$(demos) $(benches): $(BUILD)/%: $(BUILD)/%.o $(own)
	$(CC) $(san) $(LDFLAGS) -pthread -o $@ $^ $(own_libs) -lm

everything: all $(units) $(probes) $(demos) $(benches) ## all, tests, demo and bench programs

include tests/python.mk tests/believe.mk tests/lint.mk

check: deps venv everything ## install what is missing, build, run the tests
	$(in_build) $(PROVE) $(units) $(wildcard tests/e2e/*.t) \
	  $(if $(filter 0,$(shell id -u)),$(wildcard tests/security/*.t))

check-unit: $(units) ## the unit tests alone; also with SAN=address,undefined
	$(PROVE) $^

mutants: deps venv ## break the sources on purpose: each fault is found by a test (PART=)
	$(in_build) sh tests/mutants/run.sh $(PART)

check-security: deps everything ## what others can do to one, in namespaces (root; in check)
	$(in_build) $(PROVE) $(wildcard tests/security/*.t)

check-long: deps venv everything ## the tests that take minutes
	$(in_build) $(PROVE) $(wildcard tests/long/*.t)

# Roots are kept in build/package, packages fetched once; nothing of this machine is changed.
check-package: deps everything ## the packages, Slurm and quotas, in fresh Debian roots (root)
	$(in_build) $(PROVE) $(wildcard tests/package/*.t)

check-site: deps venv everything ## tests of whole sites, each in a Debian root of its own (root)
	sh tests/site/root.sh $(abspath $(BUILD))/site/root
	sh tests/site/root.sh $(abspath $(BUILD))/site/old bullseye gcc,libc6-dev,python3-numpy
	$(in_build) $(PROVE) $(wildcard tests/site/*.t)

# The image is kept in build/vm. TESTS= others of tests/vm/*.t; more in tests/vm/run.sh.
check-vm: TESTS = $(patsubst %,tests/vm/%.t,machine budgets fence quota)
check-vm-systemd: TESTS = $(patsubst %,tests/vm/%.t,machine scope slices units teams)
check-vm: ## three users on 16 CPUs, systemd, cgroup v2: in qemu; minutes
check-vm-systemd: ## the same for scopes, slices, OpenMP teams and some unit tests
check-vm check-vm-systemd: deps venv everything
	$(in_build) sh tests/vm/run.sh $(TESTS)

include tests/matrix/matrix.mk tests/fuzz/rules.mk tests/security/security.mk

demo: deps $(demo_venv) all $(demos) ## install what is missing, build, show the main job
	$(in_build) DEMO_VENV=$(abspath $(DEMO_VENV)) sh demo/compare.sh

bench: deps venv everything ## what a hooked call, and carrying the shim, cost
	$(BUILD)/bench/round
	$(in_build) $(PYTHON) bench/pools.py
	$(in_build) $(PYTHON) bench/two.py
	$(in_build) $(PYTHON) bench/runtimes.py
	$(in_build) $(PYTHON) bench/fence.py

deps: ## install what build, manual and demo need (apt; root or sudo)
	@sh tests/deps.sh $(or $(sets),demo man)

lint-deps: ## install what lint, man and the CI need
	@sh tests/deps.sh check lint

man: $(mans) ## the manual pages (needs scdoc)

$(BUILD)/man/%: man/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@

bindir  = $(DESTDIR)$(PREFIX)/bin
libdir  = $(DESTDIR)$(PREFIX)/lib/ration
datadir = $(DESTDIR)$(PREFIX)/share
unitdir = $(DESTDIR)$(PREFIX)/lib/systemd/system
# Read by this name (conf/conf.h), whatever PREFIX says. An administrator's changes stay.
siteconf = $(DESTDIR)/etc/ration.conf
bash_files = $(wildcard completions/bash/*)
zsh_files  = $(wildcard completions/zsh/*)

install: all ## install under PREFIX (and DESTDIR)
	install -D -m 644 $(BUILD)/libration.so $(libdir)/libration.so
	@$(if $(narrow),$(MAKE) --no-print-directory install-narrow,:)
	@$(MAKE) --no-print-directory install-units
	install -d $(bindir)
	install -m 755 $(progs) $(bindir)
	@test -e $(siteconf) || install -D -m 644 conf/ration.conf $(siteconf) || \
	  echo "$(siteconf) is left to the administrator; ration works without it"
	install -d $(datadir)/bash-completion/completions $(datadir)/zsh/site-functions
	install -m 644 $(bash_files) $(datadir)/bash-completion/completions
	install -m 644 $(zsh_files) $(datadir)/zsh/site-functions
	@if command -v scdoc >/dev/null; then $(MAKE) --no-print-directory install-man; \
	else echo "scdoc is not here: no manual pages installed (make deps brings it)"; fi

# Where the loader's word for $LIB leads: see cli/spelling.h.
install-narrow:
	install -D -m 644 $(narrow) $(libdir)/lib/libration.so
	ln -sfn .. $(libdir)/lib/x86_64-linux-gnu
	ln -sfn . $(libdir)/lib/i386-linux-gnu
	ln -sfn . $(libdir)/lib64
	ln -sfn lib $(libdir)/lib32

# They run where an administrator has used rationctl enable, and nowhere else.
install-units:
	install -d $(unitdir)
	sed 's,@BINDIR@,$(PREFIX)/bin,' packaging/systemd/ration-apply.service.in \
	  >$(unitdir)/ration-apply.service
	chmod 644 $(unitdir)/ration-apply.service
	install -m 644 $(addprefix packaging/systemd/ration-apply.,path timer) $(unitdir)

install-man: man
	set -e; for m in $(mans); do \
	  install -D -m 644 $$m $(datadir)/man/man$${m##*.}/$${m##*/}; done

uninstall: ## take away what install put there, and what was put in force
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' sh packaging/uninstall.sh
	rm -rf $(libdir)
	rm -f $(bindir)/ration $(bindir)/rationctl $(unitdir)/ration-apply.*
	! cmp -s conf/ration.conf $(siteconf) || rm -f $(siteconf) || true
	rm -f $(patsubst completions/bash/%,$(datadir)/bash-completion/completions/%,$(bash_files))
	rm -f $(patsubst completions/zsh/%,$(datadir)/zsh/site-functions/%,$(zsh_files))
	rm -f $(foreach m,$(notdir $(mans)),$(datadir)/man/man$(patsubst .%,%,$(suffix $(m)))/$(m))

# Whoever packages says who he is; the revision is that of the package.
DEB_REVISION   ?= 1
DEB_MAINTAINER ?= ration maintainers <maintainers@ration.example>
deb: ## a Debian package, BUILD/deb/ration_*.deb (needs dpkg-dev, scdoc)
	BUILD=$(BUILD) VERSION=$(VERSION) REVISION=$(DEB_REVISION) SOURCE=$(CURDIR) \
	  MAINTAINER='$(DEB_MAINTAINER)' MAKEFLAGS= sh packaging/deb.sh

wheel: ## a wheel for pip, BUILD/ration-*.whl
	RATION_WHEEL_BUILD=$(BUILD)/wheel $(PYTHON) -B packaging/ration_wheel.py $(BUILD)

clean: ## remove everything under BUILD
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST:%.d=) | expand -t 22

.PHONY: all everything check check-unit check-security mutants check-long check-package \
	check-site check-vm check-vm-systemd fuzz-conf demo bench deps lint-deps lint tidy format \
	venv man install install-man install-narrow install-units uninstall deb wheel clean help
.SECONDARY:
-include $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/*/*.d)
