# SPDX-License-Identifier: GPL-2.0-only
# The lab: emulated hosts.  Included by the top Makefile.

LAB_SRCS := $(wildcard lab/*.c $(addprefix lab/,$(addsuffix /*.c,emu image run ab)))
LAB_OBJS := $(LAB_SRCS:%.c=$(B)/obj/%.o)
LAB_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -Ilib -MMD -MP $(WARN) \
	     -DLAB_TOP='"$(CURDIR)"'
LAB := $(B)/bin/mmubench-lab
LAB_UNIT := $(B)/unit-lab/lab
# What `make lab` runs, and where.
LAB_HOSTS ?= default
LAB_ARGS ?= --profile smoke --deterministic
LAB_TESTS := $(LAB_UNIT) lab/test/words lab/test/caches lab/test/faults lab/test/shell \
	     lab/test/kernels lab/test/generations lab/test/placement \
	     lab/test/ab lab/test/deterministic

# The parts of `make check` and `make bench`.
CHECK_NEEDS += $(LAB) $(LAB_UNIT) lab-kernel
CHECK_PARTS += $(LAB_UNIT) lab/test/words lab/test/smoke lab/test/kill-aging
BENCH_NEEDS += $(LAB) lab-kernel
BENCH_PARTS += lab/bench

.PHONY: lab-bin lab-kernel lab lab-check

lab-bin: $(LAB)
bins: $(LAB)

$(LAB): $(LAB_OBJS) $(B)/libbase.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -no-pie $^ -lutil -lz -o $@

$(LAB_OBJS): $(B)/obj/%.o: %.c lab/lab.mk | $(B)/.setup-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(LAB_CFLAGS) $(CFLAGS) -c $< -o $@

$(LAB_UNIT): lab/test/unit.c $(addprefix lab/run/,stream.c klog.c stamp.c store.c) \
		$(wildcard lab/emu/*.c) lib/base/timing.c \
		$(wildcard lab/*.h lab/*/*.h) | $(B)/.setup-build
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -I. -Ilib $(WARN) -g $(SAN) \
		$(filter %.c,$^) -lutil -lz -o $@

# Runs inside a host, so without the sanitizers.
LAB_NODES := $(B)/unit-lab/nodes
$(LAB_NODES): lab/test/nodes.c $(B)/libbase.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -no-pie $^ $(LIBS) -o $@

lab-kernel: $(B)/.setup-lab ## build the kernel that lab hosts boot, from KSRC
	@lab/image/kernel.sh $(B) $(if $(KSRC),--ksrc "$(KSRC)")

lab: all $(B)/.setup-lab ## run the smoke profile on all default lab hosts
	@KSRC="$(KSRC)" $(LAB) run $(LAB_HOSTS) $(LAB_ARGS)

lab-check: all $(LAB_UNIT) $(LAB_NODES) $(B)/.setup-lab ## test the lab itself: faults, generations, determinism
	@B=$(B) tools/tap-run -t 3600 $(LAB_TESTS)
