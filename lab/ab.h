/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_AB_H
#define LAB_AB_H

#include <stdio.h>

#include "lab.h"

/* The two kernels to compare, as --base and --head say. */
struct ab_opts {
	const char *base, *base_bzimage, *base_append, *base_modules;
	const char *head, *head_bzimage, *head_append, *head_modules;
};

void ab_usage(FILE *f);

/* Take argv[*i] (and its value) if it is an option of ab: 1, 0, or -1. */
int ab_option(struct ab_opts *ab, char **argv, size_t *i);

enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *ab);

#endif
