# SPDX-License-Identifier: GPL-2.0-only
#
# Targets that prove things: check, check-unit, bench, plots, lint, fmt.
# Other makefiles add commands (without spaces) to CHECK_PARTS and programs
# they need to CHECK_NEEDS.

CHECK_TOOLS := $(B)/check/frame-cases $(B)/check/fail-call.so

$(B)/check/%: $(B)/obj-kvm/tests/check/%.o $(KVM_LIB_OBJS) $(LIB_OBJS) $(GUEST_OBJS) | $$(@D)/
	$(Q)$(CC) $(CFLAGS) -pthread -no-pie -Wl,--wrap=ioctl $^ $(KVMLIB_A) $(LIBS) -o $@

$(B)/check/%.so: tests/check/%.c | $(B)/.setup-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -fPIC -shared $< -ldl -o $@

.PHONY: check check-unit bench plots lint fmt
check-unit: $(UNITS) ## run the unit tests under ASan and UBSan: no KVM, no root
	@tools/tap-run $(UNITS)

check: all $(UNITS) $(KVM_UNITS) $(CHECK_TOOLS) $(CHECK_NEEDS) $(B)/.setup-lint $(B)/.setup-mmu-host ## test everything that this machine can prove
	@B=$(B) tools/tap-run $(UNITS) $(KVM_UNITS) tests/check/make tests/check/lint tests/check/kvmlib tests/check/no-kvm tests/check/runner tests/check/frame tests/check/driver tests/check/report \
		tests/check/bad-input tests/check/endings tests/check/options tests/check/trace tests/check/kill tests/check/kill-stress tests/check/stress tests/check/scenarios \
		tests/check/mmu-impl tests/check/mmu-hooks tests/check/mmu-host \
		$(CHECK_PARTS)

# doctor, the scenarios on this host, BENCH_PARTS (commands that add to the
# run directory $$RUN), plots, one summary over all of it
bench: all $(B)/.setup-plot $(BENCH_NEEDS) ## measure this host: doctor, smoke run, plots, summary
	@B=$(B) tools/bench $(BENCH_PARTS)

plots: all $(B)/.setup-plot ## draw the plots of the newest run again
	@$(B)/bin/mmubench plot results/latest

lint: $(B)/kvmlib.mk $(B)/.setup-check $(B)/.setup-lint ## check style, layering, banned functions, headers, scripts
	@CC=$(CC) B=$(B) tools/lint

fmt: $(B)/.setup-lint ## format the lines that you changed with clang-format
	@git clang-format -q --extensions c,h || [ $$? = 1 ]
	@git ls-files -o --exclude-standard '*.[ch]' | xargs -r clang-format -i
