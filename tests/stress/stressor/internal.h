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
	M(stressor, flush) \
	M(stressor, fork) \
	M(stressor, gap) \
	M(stressor, ksm) \
	M(stressor, log) \
	M(stressor, pageout) \
	M(stressor, poke) \
	M(stressor, protect) \
	M(stressor, quota) \
	M(stressor, remap) \
	M(stressor, slot) \
	M(stressor, slot_readonly) \
	M(stressor, uffd)

STRESSOR_MEMBERS(REGISTRY_DECLARE)

#endif
