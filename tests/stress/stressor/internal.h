/* SPDX-License-Identifier: GPL-2.0-only */
/* The stressors, one per file. */
#ifndef MMUBENCH_STRESSOR_INTERNAL_H
#define MMUBENCH_STRESSOR_INTERNAL_H

#include "base/registry.h"
#include "stressor.h"

#define STRESSOR_MEMBERS(M) \
	M(stressor, age) \
	M(stressor, collapse) \
	M(stressor, compact) \
	M(stressor, discard) \
	M(stressor, drop) \
	M(stressor, eager) \
	M(stressor, flush) \
	M(stressor, fork) \
	M(stressor, gap) \
	M(stressor, guest_pt) \
	M(stressor, ksm) \
	M(stressor, lazyfree) \
	M(stressor, log) \
	M(stressor, nx) \
	M(stressor, pageout) \
	M(stressor, poke) \
	M(stressor, prefault) \
	M(stressor, protect) \
	M(stressor, quota) \
	M(stressor, reclaim) \
	M(stressor, remap) \
	M(stressor, ring_reset) \
	M(stressor, slot) \
	M(stressor, slot_flags) \
	M(stressor, slot_move) \
	M(stressor, slot_readonly) \
	M(stressor, smi) \
	M(stressor, split) \
	M(stressor, uffd) \
	M(stressor, uffd_minor)

STRESSOR_MEMBERS(REGISTRY_DECLARE)

#endif
