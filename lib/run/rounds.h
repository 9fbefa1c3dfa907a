/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One figure per round, kept in order.  The rounds are the independent samples
 * that a comparison of two runs needs, and they show a drift within one run.
 */
#ifndef MMUBENCH_ROUNDS_H
#define MMUBENCH_ROUNDS_H

#include "record/rec.h"

#define ROUNDS_MAX 512

struct rounds {
	unsigned int nr, dropped;
	double v[ROUNDS_MAX];
};

/* Values beyond ROUNDS_MAX are only counted; rounds_record() notes it. */
void rounds_add(struct rounds *r, double value);
double rounds_median(const struct rounds *r);
/* Record the series "<name>" over the round number; nothing for 0 rounds. */
void rounds_record(struct rec *rec, const char *name, const char *unit,
		   const struct rounds *r);

#endif
