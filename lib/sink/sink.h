/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks: stored records as a person or another program wants to read them.
 *
 * A sink sees the records of a run in order, event by event, and writes text.
 * It computes nothing that is not in the record: the JSON lines are the truth
 * and every sink is a view of them.
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
	const char *name, *summary;
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

/* NULL-terminated; also the values --format accepts. */
extern const struct sink_ops *const sinks[];

/* By name, or NULL with @why (naming the nearest). */
const struct sink_ops *sink_find(const char *name, struct reason *why);

/* Write @set to @out. 0, or -errno when any write failed. */
int sink_write(const struct sink_ops *ops, const struct recset *set,
	       FILE *out, struct reason *why);

#endif
