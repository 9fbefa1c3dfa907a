/* SPDX-License-Identifier: GPL-2.0-only */
/* The aging backends, one per file, best first: the order of "auto". */
#ifndef MMUBENCH_AGING_INTERNAL_H
#define MMUBENCH_AGING_INTERNAL_H

#include "aging/aging.h"
#include "base/registry.h"

#define AGING_MEMBERS(M)    \
	M(aging, mglru)     \
	M(aging, page_idle) \
	M(aging, damon)     \
	M(aging, null)

AGING_MEMBERS(REGISTRY_DECLARE)

#endif
