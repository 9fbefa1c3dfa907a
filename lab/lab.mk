# SPDX-License-Identifier: GPL-2.0-only
# The lab: emulated hosts.  Included by the top Makefile, which sets B.
B ?= build

LAB_SRCS := $(wildcard lab/*.c)
LAB_OBJS := $(LAB_SRCS:%.c=$(B)/%.o)
LAB_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -D_GNU_SOURCE \
	      -DLAB_TOP='"$(CURDIR)"' $(if $(DEVELOPER),-Werror)
LAB := $(B)/bin/mmubench-lab
# What `make lab` runs; empty means the driver's own smoke profile.
LAB_HOSTS ?= default
LAB_ARGS ?= --profile smoke

.PHONY: lab-bin lab-kernel lab lab-check lab-deps

lab-deps:
	@tools/setup lab

lab-bin: $(LAB)

$(LAB): $(LAB_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lutil -lm

$(B)/lab/%.o: lab/%.c $(wildcard lab/*.h) lab/lab.mk
	@mkdir -p $(@D)
	$(CC) $(LAB_CFLAGS) $(CFLAGS) -c -o $@ $<

## lab-kernel: build the kernel that the lab hosts boot (KSRC= names the source)
lab-kernel: lab-deps
	@lab/kernel.sh $(B) $(if $(KSRC),--ksrc "$(KSRC)")

## lab: run the smoke profile on all default lab hosts
lab: lab-deps lab-bin
	@$(LAB) run $(LAB_HOSTS) $(LAB_ARGS)

## lab-check: the lab's own tests (faults, hardware generations, determinism)
lab-check: lab-deps lab-bin
	@lab/test/run.sh
