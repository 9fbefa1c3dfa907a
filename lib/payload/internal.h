/* SPDX-License-Identifier: GPL-2.0-only */
/* The payloads, one per file, in the order of --help; null comes last. */
#ifndef MMUBENCH_PAYLOAD_INTERNAL_H
#define MMUBENCH_PAYLOAD_INTERNAL_H

#include "base/registry.h"
#include "payload/payload.h"

#define PAYLOAD_MEMBERS(M)  \
	M(payload, seq)     \
	M(payload, stride)  \
	M(payload, uniform) \
	M(payload, zipf)    \
	M(payload, chase)   \
	M(payload, null)

PAYLOAD_MEMBERS(REGISTRY_DECLARE)

#endif
