/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_AB_H
#define LAB_AB_H

#include <stdio.h>

#include "lab/lab.h"

enum { BASE, HEAD };

/* What is particular to one of the two sides. */
struct ab_side {
	const char *ksrc, *bzimage, *modules, *kvm_modules, *append;
};

struct ab_opts {
	struct ab_side side[2];
	unsigned int repeats;		/* 0: once, with counted time */
	int again;			/* more runs of what differs; -1: default */
	struct list compare;		/* options of the driver's compare */
	const char *format;		/* of what is printed, or NULL */
};

void ab_usage(FILE *f);

/* Take argv[*i] (and its value) if it is an option of ab: 1, 0, or -1. */
int ab_option(struct ab_opts *ab, char **argv, size_t *i);

/* Do the options fit together?  PASS, or said why not. */
enum verdict ab_check(const struct lab_opts *o, const struct ab_opts *ab);

/* The common options with one side's put in; @append holds its words. */
void ab_side_opts(const struct lab_opts *o, const struct ab_opts *ab,
		  int which, struct lab_opts *out, char *append, size_t size);

enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *ab);

#endif
