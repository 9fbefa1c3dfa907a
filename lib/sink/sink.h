/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks: stored records as text for a person or for another program.
 *
 * A sink is given the records of a run in order, event by event, and writes
 * text.  It adds no fact that is not in the records: the JSON lines are the
 * truth, and every sink is a view of them.
 */
#ifndef MMUBENCH_SINK_H
#define MMUBENCH_SINK_H

#include <stdbool.h>
#include <stdio.h>

#include "record/recread.h"

struct sink {
	const struct sink_ops *ops;
	FILE *out;
	const struct recset *set;
	bool utf8;		/* block characters may be used */
	void *priv;		/* ops->priv_bytes, zeroed */
};

/* All hooks run in the caller's thread and may be NULL. */
struct sink_ops {
	const char *name;
	const char *summary;
	size_t priv_bytes;
	/* Before the first record. */
	void (*begin)(struct sink *s);
	/* Around each record; @i counts from 0. */
	void (*record_begin)(struct sink *s, const struct record *r, size_t i);
	void (*event)(struct sink *s, const struct record *r,
		      const struct event *e);
	void (*record_end)(struct sink *s, const struct record *r, size_t i);
	/* After the last record. */
	void (*end)(struct sink *s);
};

/* NULL-terminated, also what --format accepts; see base/registry.h. */
extern const struct sink_ops *const sink_members[];

/* The sink called @name, or NULL with @why set. */
const struct sink_ops *sink_find(const char *name, struct reason *why);

/* Write @set to @out. 0, or -errno if any write failed. */
int sink_write(const struct sink_ops *ops, const struct recset *set,
	       FILE *out, struct reason *why);

#endif
