# SPDX-License-Identifier: GPL-2.0-only
#
# Upstream's perf tests and ours, side by side.  Aging needs page_idle: where
# this host has none, a lab host runs both in the same boot.

COMPARE_ARGS ?= -b 256M -v 1 -i 10
COMPARE_LAB ?= amd-npt
COMPARE_AGING_ARGS ?= -b 32M -v 1 -i 6 --bar 10

CHECK_PARTS += tests/check/compare

.PHONY: compare-upstream compare-dirty compare-aging
compare-upstream: compare-dirty compare-aging ## run upstream's perf tests and ours, print them side by side

compare-dirty: all
	@B=$(B) tools/compare-upstream $(COMPARE_ARGS) dirty

# Upstream's test fails on a page in a last bitmap word that memory does not
# fill; with mem= there is no such word.
ifneq ($(wildcard /sys/kernel/mm/page_idle/bitmap),)
compare-aging: all
	@B=$(B) tools/compare-upstream $(COMPARE_AGING_ARGS) aging
else
compare-aging: all lab-bin
	@echo "aging: this host has no page_idle, so both run in lab host $(COMPARE_LAB);"
	@echo "its times are an emulator's: only their ratio means something"
	@$(B)/bin/mmubench-lab run $(COMPARE_LAB) --append mem=2032M --logs-only $(if $(KSRC),--ksrc "$(KSRC)") \
		--add tools/compare-upstream --add $(B)/kvmlib/access_tracking_perf_test \
		-- /bin/sh /add/compare-upstream --bin /mmubench/bin --upstream /add \
		$(COMPARE_AGING_ARGS) aging
endif
