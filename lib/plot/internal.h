/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the parts of plot.c: pictures, and the kinds of them.
 */
#ifndef MMUBENCH_PLOT_INTERNAL_H
#define MMUBENCH_PLOT_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "record/recread.h"

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

/* What is above this, or a time below its inverse in ns, is not drawn. */
#define PICTURE_MOST	1e30

/* An axis ('x' or 'y') of durations in ns from @low to @high, logarithmic. */
void picture_time_axis(struct picture *p, char axis, const char *label,
		       double low, double high);

/* Room below the picture for a legend of @nr lines. */
void picture_legend(struct picture *p, unsigned int nr);

/* Replace all of a file's name that a shell, or gnuplot, could take for more. */
void picture_file_name(char *name);

/* @text with everything replaced that gnuplot would take for syntax. */
const char *picture_quote(const char *text, char *buf, size_t size);

/* One point of a sweep, ns; low and high hold the middle half of the samples. */
struct plot_point {
	double at, low, mid, high;
};

#define PLOT_MAX_POINTS	64

/*
 * One line of a picture: a distribution (repeats merged), a stored series, or
 * a sweep over a number in the names.
 */
struct plot_line {
	const struct record *r;
	const struct event *e;
	double scale_ns;	/* raw values (series: y) times this is ns, or 0 */
	struct hist hist;	/* distribution */
	char what[40];		/* sweep: the name of the number */
	struct plot_point points[PLOT_MAX_POINTS];
	unsigned int nr_points;
	char case_name[200];	/* with '*' for the number of a sweep */
	char figure[160];	/* likewise */
	char kind[160];		/* lines of one kind may share a picture */
	char label[120];	/* what tells it from the others there */
};

struct plot_lines {
	struct plot_line **v;
	unsigned int nr;
};

/* A new zeroed line at the end, or NULL. */
struct plot_line *plot_lines_add(struct plot_lines *lines);
void plot_lines_free(struct plot_lines *lines);

/* Draws lines of one kind; file names start with @base. */
typedef int (*plot_draw_fn)(struct plot_line *const *v, unsigned int nr,
			    const char *base, const char *title,
			    struct plot_out *o);

/*
 * Give lines of the same place, kind and program one picture each, split by
 * the next part of the case names where that would be too many.
 */
int plot_grouped(const struct plot_lines *lines, plot_draw_fn draw,
		 struct plot_out *o);

/* Latency histogram and percentile plot. */
int plot_latency(struct plot_line *const *v, unsigned int nr, const char *base,
		 const char *title, struct plot_out *o);

/* Stored curves. */
int plot_collect_series(const struct recset *set, struct plot_lines *to);
int plot_series(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o);

/* Medians of distributions that differ in one number of their names. */
int plot_collect_sweeps(const struct plot_lines *dists, struct plot_lines *to);
int plot_sweeps(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o);

/* Nanoseconds per unit of a plain duration, 0 for everything else. */
double plot_unit_ns(const char *unit);

#endif
