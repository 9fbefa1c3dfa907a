/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of this folder: pictures and their kinds; private to it.
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

/* A picture, while its script and data are being put together. */
struct picture {
	char name[200];		/* of the files, without the ending */
	FILE *gp, *tsv;
	char *gp_text, *tsv_text;
	size_t gp_len, tsv_len;
};

/*
 * Begin a picture: the script sets terminal, colours and @title, and below the
 * title machine and kernel as given by @r.  0 or -ENOMEM.
 */
int picture_begin(struct picture *p, const char *name, const char *title,
		  const struct record *r);

/* Write the files, draw PNG and SVG, free. 0 or -errno with o->why. */
int picture_end(struct picture *p, struct plot_out *o);

/* Values above this, and times in ns below its inverse, are not drawn. */
#define PICTURE_MOST	1e30

/* Set a logarithmic axis ('x' or 'y') of durations from @low to @high ns. */
void picture_time_axis(struct picture *p, char axis, const char *label,
		       double low, double high);

/* Up to this many whole numbers on an axis get a tic of their own. */
#define AXIS_MAX_TICS	24

/* The numbers on the x axis of curves: zero it, then axis_add() each. */
struct axis {
	double low, high;
	double tics[AXIS_MAX_TICS];
	unsigned int nr;	/* AXIS_MAX_TICS + 1 if there are too many */
};

void axis_add(struct axis *a, double value);

/* Set the x axis; a few whole numbers get tics of their own, with margins. */
void axis_number(struct picture *p, const char *name, const struct axis *a);

/* The position of zero on a logarithmic axis of counts. */
#define AXIS_ZERO_AT	0.5

/* Does [low, high] need a logarithmic axis with a place for zero? */
bool axis_has_zero(double low, double high);

/* Set the y axis for values in @unit (durations: in ns) from @low to @high. */
void axis_value(struct picture *p, const char *unit, double low, double high);

/* Leave room below the picture for a legend of @nr lines. */
void picture_legend(struct picture *p, unsigned int nr);

/* Replace every character of @name that is special to a shell or to gnuplot. */
void picture_file_name(char *name);

/* @text with all that gnuplot would take for syntax replaced; in @buf. */
const char *picture_quote(const char *text, char *buf, size_t size);

/* One point of a sweep, ns; [low, high] is the middle half of the samples. */
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
	double scale_ns;	/* raw value (series: y) * this is ns, or 0 */
	struct hist hist;	/* distribution */
	char what[40];		/* sweep: the name of the number */
	struct plot_point points[PLOT_MAX_POINTS];
	unsigned int nr_points;
	char case_name[200];	/* with '*' for the number of a sweep */
	char figure[160];	/* likewise */
	char kind[160];		/* lines of one kind may share a picture */
	char label[120];	/* what tells it apart in that picture */
};

struct plot_lines {
	struct plot_line **v;
	unsigned int nr;
};

/* Append a zeroed line; NULL if memory ran out. */
struct plot_line *plot_lines_add(struct plot_lines *lines);
void plot_lines_free(struct plot_lines *lines);

/* Draw lines of one kind; file names start with @base. */
typedef int (*plot_draw_fn)(struct plot_line *const *v, unsigned int nr,
			    const char *base, const char *title,
			    struct plot_out *o);

/*
 * Draw one picture for each group of lines with the same place, kind and
 * program.  A group that is too large is split by the next part of the case
 * names.
 */
int plot_grouped(const struct plot_lines *lines, plot_draw_fn draw,
		 struct plot_out *o);

/* Draw the latency histogram and the percentile plot. */
int plot_latency(struct plot_line *const *v, unsigned int nr, const char *base,
		 const char *title, struct plot_out *o);

/* Collect and draw stored curves. */
int plot_collect_series(const struct recset *set, struct plot_lines *to);
int plot_series(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o);

/* Collect and draw medians of distributions whose names differ in one number. */
int plot_collect_sweeps(const struct plot_lines *dists, struct plot_lines *to);
int plot_sweeps(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o);

#endif
