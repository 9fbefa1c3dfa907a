/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
/* What ab.c (the comparison) and opts.c (its options) share. */
#ifndef LAB_AB_INTERNAL_H
#define LAB_AB_INTERNAL_H

#include "lab/ab/ab.h"

extern const char *const ab_formats[];

/* Do the options fit together?  0 or -errno with @why. */
int ab_check(const struct ab_plan *plan, struct reason *why);

/* One side's options: the common ones with its own put in. */
struct ab_side_opts {
	struct image_opts image;
	struct run_opts run;
	char append[1024];	/* what run.append points to */
};

void ab_side_opts(const struct ab_plan *plan, int which,
		  struct ab_side_opts *out);

/* Options for the driver's compare; they live as long as it. */
struct ab_words {
	char text[4][64];
	const char *v[5];	/* NULL-terminated */
};

void ab_compare_words(const struct ab_opts *o, const char *format,
		      struct ab_words *w);

#endif
