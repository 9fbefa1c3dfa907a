# SPDX-License-Identifier: GPL-2.0-only
# The lab: emulated hosts.  Included by the top Makefile.

LAB_SRCS := $(wildcard lab/*.c $(addprefix lab/,$(addsuffix /*.c,base emu image run ab)))
LAB_OBJS := $(LAB_SRCS:%.c=$(B)/obj/%.o)
LAB_CFLAGS = $(BASE_CFLAGS) -I. -DLAB_TOP='"$(CURDIR)"'
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

lab-bin: $(LAB) ## build the lab's own program
bins: $(LAB)

$(LAB): $(LAB_OBJS) $(B)/libbase.a | $$(@D)/
	$(Q)$(CC) $(CFLAGS) -no-pie $^ -lutil -lz $(LIBS) -o $@

$(LAB_OBJS): $(B)/obj/%.o: %.c lab/lab.mk | $(B)/.setup-build $$(@D)/
	$(Q)$(CC) $(LAB_CFLAGS) $(CFLAGS) -c $< -o $@

# Unit tests link all of the lab but its main(), with the sanitizers.
LAB_SAN_OBJS := $(patsubst %.c,$(B)/obj-san/%.o,$(filter-out lab/lab.c,$(LAB_SRCS)))
$(B)/obj-san/lab/%.o: lab/%.c lab/lab.mk | $(B)/.setup-build $(B)/.setup-check $$(@D)/
	$(Q)$(CC) $(LAB_CFLAGS) -O1 -g $(SAN) -c $< -o $@
$(B)/liblab-san.a: $(LAB_SAN_OBJS) $(wildcard $(B)/lib.list)
	@rm -f $@ && ar qcs $@ $(filter %.o,$^)
$(LAB_UNIT): $(patsubst %.c,$(B)/obj-san/%.o,$(wildcard lab/test/unit*.c)) $(B)/liblab-san.a $(B)/libbase-san.a | $$(@D)/
	$(Q)$(CC) $(SAN) -pthread $^ -lutil -lz $(LIBS) -o $@

# Runs inside a host, so without the sanitizers.
LAB_NODES := $(B)/unit-lab/nodes
$(LAB_NODES): lab/test/nodes.c $(B)/libbase.a | $$(@D)/
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -no-pie $^ $(LIBS) -o $@

lab-kernel: $(B)/.setup-lab ## build the kernel that lab hosts boot, from KSRC
	@lab/image/kernel.sh $(B) $(if $(KSRC),--ksrc "$(KSRC)")

lab: all $(B)/.setup-lab ## run the smoke profile on all default lab hosts
	@KSRC="$(KSRC)" $(LAB) run $(LAB_HOSTS) $(LAB_ARGS)

lab-check: all $(LAB_UNIT) $(LAB_NODES) $(B)/.setup-lab ## test the lab itself: faults, generations, determinism
	@B=$(B) tools/tap-run -t 3600 $(LAB_TESTS)
