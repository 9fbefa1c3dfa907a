# SPDX-License-Identifier: GPL-2.0-only
#
# The only entry point.  "make help" lists the targets and these variables, which
# may be set on make's command line or in the environment; defaults in brackets.
#
#   KSRC=               kernel tree, tarball or version to build on (6.12)
#   B=                  build directory (build)
#   CC=                 gcc or clang (gcc)
#   CFLAGS=             compiler flags for the programs (-O2 -g)
#   DEVELOPER=1         treat warnings as errors
#   V=1                 show the compiler's command lines
#   BENCH_ARGS=         bench: more arguments for mmubench run
#   LAB_BENCH_HOSTS=    bench: lab hosts for the cases that this host skips (amd-npt,intel-noad)
#   LAB_HOSTS=          lab: hosts to run (default)
#   LAB_ARGS=           lab: options and arguments for mmubench run (--profile smoke --deterministic)
#   COMPARE_ARGS=       compare-upstream: sizes for dirty logging (-b 256M -v 1 -i 10)
#   COMPARE_LAB=        compare-upstream: lab host for aging if this host has no page_idle (amd-npt)
#   COMPARE_AGING_ARGS= compare-upstream: sizes for aging (-b 32M -v 1 -i 6 --bar 10)
#   PROOF_HOSTS=        proof: lab hosts to run on (amd-npt,amd-shadow)
#   PROOF_ARGS=         proof: more arguments for proof/run
#   MMUBENCH_NO_SETUP=1 install no packages, only name those that are missing
#   MMUBENCH_STATE=     directory for the journals of changed host settings (/run/mmubench)

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

B ?= build
KSRC ?=
ifeq ($(origin CC),default)
CC := gcc
endif

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wshadow=local \
	-Wno-unused-parameter -Wno-missing-field-initializers
IS_CLANG := $(findstring clang,$(shell $(CC) --version))
ifneq ($(IS_CLANG),)
WARN := $(filter-out -Wshadow=local,$(WARN)) -Wno-gnu-variable-sized-type-not-at-end
endif
ifeq ($(DEVELOPER),1)
WARN += -Werror
endif
BASE_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Ilib -I$(B)/gen -pthread -MMD -MP $(WARN)
LIBS := -lhwloc -lnuma -ljansson -lm -ldl
# Optional: --trace.
TRACEFS := $(shell pkg-config --cflags --libs libtracefs 2>/dev/null)
ifneq ($(TRACEFS),)
BASE_CFLAGS += -DHAVE_TRACEFS $(filter-out -l% -L%,$(TRACEFS))
LIBS += $(filter -l% -L%,$(TRACEFS))
endif
# Optional: --span, by calls that libbpf has since 1.0.
BPF := $(shell pkg-config --cflags --libs 'libbpf >= 1.0' 2>/dev/null)
ifneq ($(BPF),)
BASE_CFLAGS += -DHAVE_BPF $(filter-out -l% -L%,$(BPF))
LIBS += $(filter -l% -L%,$(BPF))
endif

# ---- what there is ---------------------------------------------------------

ALL_LIB_SRCS := $(wildcard lib/*/*.c)
UNIT_SRCS := $(wildcard tests/unit/u-*.c tests/unit/c-*.c)
# Files that use the selftests library include kvmcompat.h and nothing else does.
KVM_SRCS := $(shell grep -l '"rig/kvmcompat.h"' $(ALL_LIB_SRCS) $(UNIT_SRCS) /dev/null)
KVM_LIB_SRCS := $(filter lib/%,$(KVM_SRCS))
GUEST_SRCS := $(wildcard lib/guest/*.c)
LIB_SRCS := $(filter-out $(KVM_LIB_SRCS) $(GUEST_SRCS),$(ALL_LIB_SRCS))
# A program is a file with a main(); its folder's other files are linked to it.
FAMILIES := access_tracking dirty_log fast_pf stress
FAMILY_SRCS := $(wildcard $(FAMILIES:%=tests/%/*.c) $(FAMILIES:%=tests/%/*/*.c))
PROG_SRCS := $(shell grep -lw '^int main' $(FAMILY_SRCS) /dev/null)
PROG_HELP_SRCS := $(filter-out $(PROG_SRCS),$(FAMILY_SRCS))
CMD_SRCS := $(wildcard cmd/*.c)
KVM_UNIT_SRCS := $(filter tests/%,$(KVM_SRCS))
HOST_UNIT_SRCS := $(filter-out $(KVM_UNIT_SRCS),$(UNIT_SRCS))
# What unit tests share: files of that folder that are no test themselves.
UNIT_HELP_SRCS := $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c))

PROGS := $(PROG_SRCS:tests/%.c=$(B)/bin/%)
UNITS := $(HOST_UNIT_SRCS:tests/unit/%.c=$(B)/unit/%)
KVM_UNITS := $(KVM_UNIT_SRCS:tests/unit/%.c=$(B)/unit-kvm/%)

# ---- set-up ----------------------------------------------------------------

# The stamps keep a second make from asking dpkg again.
$(B)/.setup-%:
	@mkdir -p $(B)
	@B=$(B) tools/setup $*
	@touch $@

# Debian has packages for the versions that KSRC may name.
KSRC_VERSION := $(shell echo '$(KSRC)' | grep -xE '[0-9]+\.[0-9]+')
KSRC_SETUP := $(if $(KSRC),$(if $(wildcard $(KSRC)),,$(KSRC_VERSION:%=ksrc-%)),ksrc)

$(B)/ksrc.path: tools/ksrc $(KSRC_SETUP:%=$(B)/.setup-%) FORCE
	@mkdir -p $(B)
	@tools/ksrc $(B) $(if $(KSRC),"$(KSRC)") >$@.tmp || { rm -f $@.tmp; exit 64; }
	@cmp -s $@.tmp $@ && rm -f $@.tmp || mv $@.tmp $@

$(B)/kvmlib.mk: $(B)/ksrc.path tools/kvmlib tools/kvmlib-shape | $(B)/.setup-build $(B)/.setup-headers
	@echo "building the KVM selftests library of $$(cat $(B)/ksrc.path)"
	@tools/kvmlib $(B) $$(cat $(B)/ksrc.path)

FORCE:

# Only targets that need the library pull it in: help, clean, unit tests do not.
GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out help clean distclean fmt lint setup check-unit unit-bins $(B)/unit/%,$(GOALS)),)
include $(B)/kvmlib.mk
endif

# ---- build -----------------------------------------------------------------

# A folder is made once, not before every file in it: "| $$(@D)/" asks for it.
.SECONDEXPANSION:
$(B)/%/:
	@mkdir -p $@

KVM_CFLAGS = $(BASE_CFLAGS) $(CFLAGS) $(KVMLIB_CFLAGS)
# Guest code: no vector registers, no calls the guest cannot reach.
GUEST_CFLAGS := -mgeneral-regs-only -fno-stack-protector -fno-PIE \
	-fcf-protection=none -fno-tree-loop-distribute-patterns \
	-fno-optimize-sibling-calls -fno-jump-tables -U_FORTIFY_SOURCE
ifneq ($(IS_CLANG),)
GUEST_CFLAGS := $(filter-out -fno-tree-loop-distribute-patterns,$(GUEST_CFLAGS)) -fno-builtin
endif

# Baked in: which commit this is, and whether it was changed.
VERSION_H := $(B)/gen/version_text.h
$(VERSION_H): FORCE
	@mkdir -p $(@D)
	@v=$$(git describe --always --dirty 2>/dev/null || echo unknown); \
	echo "#define MMUBENCH_VERSION_TEXT \"$$v\"" >$@.tmp; \
	cmp -s $@.tmp $@ && rm -f $@.tmp || mv $@.tmp $@
$(B)/obj/lib/base/version.o $(B)/obj-san/lib/base/version.o: $(VERSION_H)

LIB_OBJS := $(LIB_SRCS:%.c=$(B)/obj/%.o)
KVM_LIB_OBJS := $(KVM_LIB_SRCS:%.c=$(B)/obj-kvm/%.o)
GUEST_OBJS := $(GUEST_SRCS:%.c=$(B)/obj/%.o)

$(LIB_OBJS) $(CMD_SRCS:%.c=$(B)/obj/%.o): $(B)/obj/%.o: %.c | $(B)/.setup-build $$(@D)/
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -fno-PIE -c $< -o $@

$(GUEST_OBJS): $(B)/obj/%.o: %.c | $(B)/.setup-build $$(@D)/
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) $(GUEST_CFLAGS) -c $< -o $@

# Text that is part of a program.
$(B)/obj-kvm/tests/stress/program.o: $(wildcard tests/stress/program/*.part)
$(B)/obj-kvm/%.o: %.c $(B)/kvmlib.mk | $$(@D)/
	$(Q)$(CC) $(KVM_CFLAGS) -c $< -o $@

# Which files there are, so that an archive loses those whose source is gone.
LISTED := $(strip $(ALL_LIB_SRCS) $(KVM_SRCS) $(UNIT_HELP_SRCS) $(wildcard lab/*.c lab/*/*.c))
ifneq ($(wildcard $(B)/.),)
ifneq ($(file <$(B)/lib.list),$(LISTED))
$(file >$(B)/lib.list,$(LISTED))
endif
endif

# Two archives, so that a program without KVM pulls in nothing that needs it.
# Members are appended (q): files of two folders may have the same name.
$(B)/libbase.a: $(LIB_OBJS) $(GUEST_OBJS) $(wildcard $(B)/lib.list)
	@rm -f $@ && ar qcs $@ $(filter %.o,$^)
$(B)/libkvmpart.a: $(KVM_LIB_OBJS) $(wildcard $(B)/lib.list)
	@rm -f $@ && ar qcs $@ $(filter %.o,$^)
# lib/rig/kvmcompat.c stands between the library and old kernels.
KVM_ARCHIVES = -Wl,--wrap=ioctl -Wl,--start-group $(B)/libkvmpart.a \
	$(B)/libbase.a -Wl,--end-group $(KVMLIB_A)

$(foreach f,$(FAMILIES),$(eval $(filter $(B)/bin/$f/%,$(PROGS)): \
	$(patsubst %.c,$(B)/obj-kvm/%.o,$(filter tests/$f/%,$(PROG_HELP_SRCS)))))
$(PROGS): $(B)/bin/%: $(B)/obj-kvm/tests/%.o $(B)/libkvmpart.a $(B)/libbase.a | $$(@D)/
	$(Q)$(CC) $(CFLAGS) -pthread -no-pie $(filter %.o,$^) $(KVM_ARCHIVES) $(LIBS) -o $@

$(B)/bin/mmubench: $(CMD_SRCS:%.c=$(B)/obj/%.o) $(B)/libbase.a | $$(@D)/
	$(Q)$(CC) $(CFLAGS) -pthread -no-pie $^ $(LIBS) -o $@

# Unit tests: everything that needs no KVM, under ASan and UBSan.
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
SAN_OBJS := $(LIB_SRCS:%.c=$(B)/obj-san/%.o) $(GUEST_SRCS:%.c=$(B)/obj-san/%.o) \
	$(UNIT_HELP_SRCS:%.c=$(B)/obj-san/%.o)
$(B)/obj-san/%.o: %.c | $(B)/.setup-build $(B)/.setup-check $$(@D)/
	$(Q)$(CC) $(BASE_CFLAGS) -O1 -g $(SAN) -c $< -o $@
$(B)/libbase-san.a: $(SAN_OBJS) $(wildcard $(B)/lib.list)
	@rm -f $@ && ar qcs $@ $(filter %.o,$^)
$(UNITS): $(B)/unit/%: $(B)/obj-san/tests/unit/%.o $(B)/libbase-san.a | $$(@D)/
	$(Q)$(CC) $(SAN) -pthread $(WRAP) $^ $(LIBS) -lcmocka -o $@
# This one makes allocations fail, and answers for KVM's stats.
$(B)/unit/u-nomem: WRAP := $(foreach f,malloc calloc realloc ioctl,-Wl,--wrap=$f)
$(KVM_UNITS): $(B)/unit-kvm/%: $(B)/obj-kvm/tests/unit/%.o $(B)/libkvmpart.a $(B)/libbase.a | $$(@D)/
	$(Q)$(CC) $(CFLAGS) -pthread -no-pie $< $(KVM_ARCHIVES) $(LIBS) -lcmocka -o $@

V ?= 0
Q := $(if $(filter 1,$(V)),,@)

.PHONY: all bins unit-bins help clean distclean setup FORCE
all: bins ## build the driver and all scenario programs
bins: $(PROGS) $(if $(CMD_SRCS),$(B)/bin/mmubench)
unit-bins: $(UNITS)

setup: $(B)/.setup-build $(B)/.setup-headers $(B)/.setup-plot ## install the packages that bench needs

-include lab/lab.mk
-include proof/proof.mk
-include tests/check.mk
-include tests/dirty_log/compare.mk

help: ## list targets and variables
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 22
	@echo && sed -n 's/^#   \([A-Z_]*=\)/  \1/p' $(firstword $(MAKEFILE_LIST))

clean: ## remove build results, except what is slow to make: sources, selftests library, lab/, mmu-impl/host/
	rm -rf $(B)/bin $(B)/check $(B)/gen $(B)/obj $(B)/obj-* $(B)/unit $(B)/unit-* \
		$(B)/mmu-impl/user $(B)/lib*.a $(B)/lib.list

distclean: ## remove the whole build directory
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' -path '*/obj*' 2>/dev/null)
