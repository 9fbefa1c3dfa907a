/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_AB_H
#define LAB_AB_H

#include "lab/run/report.h"
#include "lab/run/run.h"

enum { BASE, HEAD };

/* What is particular to one of the two sides; a text is empty if it is not. */
struct ab_side {
	const char *ksrc, *bzimage, *modules, *kvm_modules, *append;
};

struct ab_opts {
	struct ab_side side[2];
	int repeats;		/* -1: once, with counted time */
	int again;		/* more runs of what differs; -1: default */
	const char *floor, *alpha, *tolerance;	/* of the driver's compare */
	int format;		/* of what is printed: ab_formats */
};

/* The tables of ab's own options, and of each side's. */
extern const struct opt ab_table[], ab_side_table[2][6];

/* A comparison: what both sides have in common, and how they differ. */
struct ab_plan {
	const struct host *hosts;
	unsigned int nr_hosts;
	const struct ab_opts *opts;
	const struct image_opts *image;
	const struct run_opts *run;
	const struct report_opts *report;
	const struct task *task;
	const struct places *places;
};

enum verdict ab_run(const struct ab_plan *plan, struct reason *why);

#endif
