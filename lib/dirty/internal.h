/* SPDX-License-Identifier: GPL-2.0-only */
/* The dirty-tracking backends, one per file. */
#ifndef MMUBENCH_DIRTY_INTERNAL_H
#define MMUBENCH_DIRTY_INTERNAL_H

#include "base/registry.h"
#include "dirty/dirty.h"

#define DIRTY_MEMBERS(M) \
	M(dirty, get)    \
	M(dirty, clear)  \
	M(dirty, ring)   \
	M(dirty, null)

DIRTY_MEMBERS(REGISTRY_DECLARE)

#endif
