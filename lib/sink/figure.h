/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single figures of an event, for the small formats that other tools read.
 * Times of an emulator's wall clock are left out.
 */
#ifndef MMUBENCH_SINK_FIGURE_H
#define MMUBENCH_SINK_FIGURE_H

#include "sink/sink.h"

/*
 * One figure of a record: a whole event (@part is "") or a quantile of it
 * (".p50").  @unit is one word.
 */
typedef void (*figure_fn)(struct sink *s, const struct record *r,
			  const char *name, const char *part, double value,
			  const char *unit);

/* Call @fn for each figure of @e, in a fixed order. */
void figure_each(struct sink *s, const struct record *r, const struct event *e,
		 figure_fn fn);

#endif
