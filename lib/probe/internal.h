/* SPDX-License-Identifier: GPL-2.0-only */
/* The probes; their order is that of the records. */
#ifndef MMUBENCH_PROBE_INTERNAL_H
#define MMUBENCH_PROBE_INTERNAL_H

#include "base/registry.h"
#include "probe/probe.h"

#define PROBE_MEMBERS(M) \
	M(probe, engine) \
	M(probe, trace)  \
	M(probe, span)

PROBE_MEMBERS(REGISTRY_DECLARE)

#endif
