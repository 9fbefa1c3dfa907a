/* SPDX-License-Identifier: GPL-2.0-only */
/* The sinks; their order is that of the help texts. */
#ifndef MMUBENCH_SINK_INTERNAL_H
#define MMUBENCH_SINK_INTERNAL_H

#include "base/registry.h"
#include "sink/sink.h"

#define SINK_MEMBERS(M)   \
	M(sink, human)    \
	M(sink, summary)  \
	M(sink, jsonl)    \
	M(sink, json)     \
	M(sink, tsv)      \
	M(sink, csv)      \
	M(sink, tap)      \
	M(sink, ktap)     \
	M(sink, junit)    \
	M(sink, markdown) \
	M(sink, mail)     \
	M(sink, lkp)      \
	M(sink, benchfmt) \
	M(sink, lava)

SINK_MEMBERS(REGISTRY_DECLARE)

#endif
