# SPDX-License-Identifier: GPL-2.0-only
# The lab: emulated hosts.  Included by the top Makefile.
LAB_SRCS := $(wildcard lab/*.c)
LAB_OBJS := $(LAB_SRCS:%.c=$(B)/obj/%.o)
LAB_CFLAGS = -std=gnu11 -D_GNU_SOURCE -MMD -MP $(WARN) \
	     -DLAB_TOP='"$(CURDIR)"'
LAB := $(B)/bin/mmubench-lab
LAB_TESTS := lab/test/faults lab/test/kernels lab/test/generations \
	     lab/test/deterministic
# What `make lab` runs, and where.
LAB_HOSTS ?= default
LAB_ARGS ?= --profile smoke --deterministic

.PHONY: lab-bin lab-kernel lab lab-check

lab-bin: $(LAB)
bins: $(LAB)

$(LAB): $(LAB_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $^ -lutil -o $@

$(LAB_OBJS): $(B)/obj/%.o: %.c lab/lab.mk | $(B)/.setup-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(LAB_CFLAGS) $(CFLAGS) -c $< -o $@

lab-kernel: $(B)/.setup-lab ## build the kernel that lab hosts boot, from KSRC
	@lab/kernel.sh $(B) $(if $(KSRC),--ksrc "$(KSRC)")

lab: all $(B)/.setup-lab ## smoke run on all default lab hosts
	@$(LAB) run $(LAB_HOSTS) $(if $(KSRC),--ksrc "$(KSRC)") $(LAB_ARGS)

lab-check: all $(B)/.setup-lab ## the lab's own tests: faults, generations, determinism
	@B=$(B) tools/tap-run -t 1800 $(LAB_TESTS)

# The lab's part of the main job.
BENCH_NEEDS += $(B)/.setup-lab
BENCH_PARTS += lab/bench
