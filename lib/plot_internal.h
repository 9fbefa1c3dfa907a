/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the parts of plot.c: pictures, and the kinds of them.
 */
#ifndef MMUBENCH_PLOT_INTERNAL_H
#define MMUBENCH_PLOT_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "recread.h"

/* More lines than this in one picture cannot be told apart. */
#define PLOT_MAX_LINES	7

struct plot_out {
	const char *dir;
	FILE *log;		/* or NULL */
	struct reason *why;
	int nr;			/* pictures drawn */
};

/* One picture while its script and data are put together. */
struct picture {
	char name[200];		/* of the files, without the ending */
	FILE *gp, *tsv;
	char *gp_text, *tsv_text;
	size_t gp_len, tsv_len;
};

/*
 * Begin a picture: the script sets terminal, colours, @title and below it
 * what @r tells of machine and kernel.  0 or -ENOMEM.
 */
int picture_begin(struct picture *p, const char *name, const char *title,
		  const struct record *r);

/* Write the files, draw PNG and SVG, free. 0 or -errno with o->why. */
int picture_end(struct picture *p, struct plot_out *o);

/* An axis ('x' or 'y') of durations in ns from @low to @high, logarithmic. */
void picture_time_axis(struct picture *p, char axis, const char *label,
		       double low, double high);

/* Room below the picture for a legend of @nr lines. */
void picture_legend(struct picture *p, unsigned int nr);

/* @text with everything replaced that gnuplot would take for syntax. */
const char *picture_quote(const char *text, char *buf, size_t size);

/* One distribution of a place and case, repeats merged. */
struct plot_line {
	const struct record *r;
	const struct event *e;
	struct hist hist;
	double scale_ns;	/* raw times this is ns */
	char label[120];
};

/* Latency histogram and percentile plot of @nr lines. */
int plot_histogram(struct plot_line *const *lines, unsigned int nr,
		   const char *name, const char *title, struct plot_out *o);
int plot_percentiles(struct plot_line *const *lines, unsigned int nr,
		     const char *name, const char *title, struct plot_out *o);

/* Every stored curve of record @r. */
int plot_series(const struct record *r, struct plot_out *o);

/* Lines of cases that differ in one number of their name ("vcpus4"). */
int plot_sweeps(struct plot_line *const *lines, unsigned int nr,
		struct plot_out *o);

#endif
