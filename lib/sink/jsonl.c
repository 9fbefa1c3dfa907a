// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records themselves, all cases of a run in one stream of JSON lines; a
 * new record begins with each line of type "run".
 */
#include "internal.h"

static void jsonl_event(struct sink *s, const struct record *r,
			const struct event *e)
{
	json_dumpf(e->json, s->out, JSON_COMPACT | JSON_PRESERVE_ORDER |
		   JSON_REAL_PRECISION(12));
	fputc('\n', s->out);
}

const struct sink_ops sink_jsonl = {
	.name = "jsonl",
	.summary = "the stored JSON lines, all records in one stream",
	.event = jsonl_event,
};
