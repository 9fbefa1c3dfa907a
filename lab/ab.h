/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_AB_H
#define LAB_AB_H

#include <stdio.h>

#include "lab.h"

/* What is particular to one of the two sides. */
struct ab_side {
	const char *ksrc, *bzimage, *modules, *append;
};

struct ab_opts {
	struct ab_side side[2];		/* base, head */
	unsigned int repeats;		/* 0: once, with counted time */
};

void ab_usage(FILE *f);

/* Take argv[*i] (and its value) if it is an option of ab: 1, 0, or -1. */
int ab_option(struct ab_opts *ab, char **argv, size_t *i);

enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *ab);

#endif
