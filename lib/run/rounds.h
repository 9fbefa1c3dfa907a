/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One figure per round, kept in order: the independent samples that a
 * comparison of two runs needs, and what shows a drift within one.
 */
#ifndef MMUBENCH_ROUNDS_H
#define MMUBENCH_ROUNDS_H

#include "record/rec.h"

#define ROUNDS_MAX 512

struct rounds {
	unsigned int nr, dropped;
	double v[ROUNDS_MAX];
};

/* Values beyond ROUNDS_MAX are only counted, rounds_record() says so. */
void rounds_add(struct rounds *r, double value);
double rounds_median(const struct rounds *r);
/* As the series "<name>" over the round number; nothing for 0 rounds. */
void rounds_record(struct rec *rec, const char *name, const char *unit,
		   const struct rounds *r);

#endif
