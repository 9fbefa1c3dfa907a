// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sweeps: medians over the number in which names differ (vcpus1, vcpus2,
 * vcpus4).
 *
 * A sweep has bars over the middle half of the samples.  Over vCPUs it also
 * shows the ideal: a latency that stays what it was at the smallest number.
 * It cannot tell noise between runs from the bars, those are the spread
 * inside one run.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool counts_vcpus(const char *name)
{
	return !strcmp(name, "vcpus") || !strcmp(name, "vcpu") ||
	       !strcmp(name, "threads");
}

struct sweep_key {
	char rest[200];		/* the name with '*' for the number */
	char what[40];		/* "vcpus" */
	double at;
};

/* Cut part @nr (from 0) "vcpus4" of @name into what and number. */
static bool cut_part(const char *name, unsigned int nr, struct sweep_key *key)
{
	const char *from = name, *digits;
	size_t letters, number;

	while (nr-- && from)
		from = strchr(from, '.') ? strchr(from, '.') + 1 : NULL;
	if (!from)
		return false;
	letters = strspn(from, "abcdefghijklmnopqrstuvwxyz_");
	digits = from + letters;
	number = strspn(digits, "0123456789");
	if (!letters || letters >= sizeof(key->what) || !number || number > 9 ||
	    (digits[number] && digits[number] != '.'))
		return false;
	snprintf(key->what, sizeof(key->what), "%.*s", (int)letters, from);
	key->at = strtod(digits, NULL);
	snprintf(key->rest, sizeof(key->rest), "%.*s*%.100s",
		 (int)(digits - name < 90 ? digits - name : 90), name,
		 digits + number);
	return true;
}

/* Parts of a name that are looked at. */
#define MAX_PARTS 8

/* The line of the sweep that @dist belongs to, new or old. */
static struct plot_line *sweep_of(struct plot_lines *to,
				  const struct plot_line *dist,
				  const struct sweep_key *key, bool in_case)
{
	const char *case_name = in_case ? key->rest : dist->case_name;
	const char *figure = in_case ? dist->figure : key->rest;
	struct plot_line *l;
	unsigned int i;

	for (i = 0; i < to->nr; i++) {
		l = to->v[i];
		if (!strcmp(l->r->place, dist->r->place) &&
		    !strcmp(l->case_name, case_name) &&
		    !strcmp(l->figure, figure) && !strcmp(l->what, key->what))
			return l;
	}
	l = plot_lines_add(to);
	if (!l)
		return NULL;
	l->r = dist->r;
	l->e = dist->e;
	snprintf(l->case_name, sizeof(l->case_name), "%s", case_name);
	snprintf(l->figure, sizeof(l->figure), "%.150s", figure);
	snprintf(l->what, sizeof(l->what), "%s", key->what);
	snprintf(l->kind, sizeof(l->kind), "%.100s/%.40s", figure, key->what);
	return l;
}

static int add_point(struct plot_lines *to, const struct plot_line *dist,
		     unsigned int part, bool in_case)
{
	struct plot_point *point;
	struct sweep_key key;
	struct plot_line *l;

	if (!cut_part(in_case ? dist->case_name : dist->figure, part, &key))
		return 0;
	l = sweep_of(to, dist, &key, in_case);
	if (!l)
		return -ENOMEM;
	if (l->nr_points == PLOT_MAX_POINTS)
		return 0;
	point = &l->points[l->nr_points++];
	point->at = key.at;
	point->low = hist_quantile(&dist->hist, .25) * dist->scale_ns;
	point->mid = hist_quantile(&dist->hist, .5) * dist->scale_ns;
	point->high = hist_quantile(&dist->hist, .75) * dist->scale_ns;
	return 0;
}

static int by_at(const void *a, const void *b)
{
	const struct plot_point *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* One point is no sweep; the points of the others in order. */
static void keep_sweeps(struct plot_lines *lines)
{
	unsigned int i, nr = 0;

	for (i = 0; i < lines->nr; i++) {
		struct plot_line *l = lines->v[i];

		qsort(l->points, l->nr_points, sizeof(l->points[0]), by_at);
		if (l->nr_points >= 2)
			lines->v[nr++] = l;
		else
			free(l);
	}
	lines->nr = nr;
}

int plot_collect_sweeps(const struct plot_lines *dists, struct plot_lines *to)
{
	unsigned int i, part;
	int ret = 0;

	for (i = 0; i < dists->nr && !ret; i++)
		for (part = 0; part < MAX_PARTS && !ret; part++)
			ret = add_point(to, dists->v[i], part, true) ?:
			      add_point(to, dists->v[i], part, false);
	keep_sweeps(to);
	return ret;
}

static void sweep_rows(struct picture *p, const struct plot_line *l,
		       struct axis *x, double *low, double *high)
{
	char label[120];
	unsigned int i;

	fprintf(p->tsv, "%s\tp25_ns\tmedian_ns\tp75_ns\tideal_ns\n",
		picture_quote(l->label, label, sizeof(label)));
	for (i = 0; i < l->nr_points; i++) {
		const struct plot_point *point = &l->points[i];

		axis_add(x, point->at);
		*low = fmin(*low, fmax(point->low, 1e-3));
		*high = fmax(*high, point->high);
		fprintf(p->tsv, "%g\t%.6g\t%.6g\t%.6g\t%.6g\n", point->at,
			point->low, point->mid, point->high,
			l->points[0].mid);
	}
	fputs("\n\n", p->tsv);
}

int plot_sweeps(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o)
{
	bool ideal = counts_vcpus(v[0]->what);
	double low = INFINITY, high = 1e-3;
	struct axis x = {};
	char name[200], head[200];
	struct picture p;
	unsigned int i;

	snprintf(name, sizeof(name), "%.150s-by-%s", base, v[0]->what);
	snprintf(head, sizeof(head), "%.150s over %s", title, v[0]->what);
	if (picture_begin(&p, name, head, v[0]->r))
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	for (i = 0; i < nr; i++)
		sweep_rows(&p, v[i], &x, &low, &high);
	picture_time_axis(&p, 'y', "median, bars: middle half of the samples",
			  low / 1.5, high * 1.5);
	axis_number(&p, v[0]->what, &x);
	picture_legend(&p, nr + ideal);
	fprintf(p.gp, "plot for [i=0:%u] data index i using 1:3:2:4 with yerrorlines lt i+1 ps 1.2 title columnheader(1)",
		nr - 1);
	if (ideal)
		fprintf(p.gp, ", \\\n  for [i=0:%u] data index i using 1:5 with lines lt i+1 lw 1 dt 3 notitle, \\\n  NaN with lines lc rgb '#808080' dt 3 title 'dotted: ideal, as at the smallest number'",
			nr - 1);
	fputc('\n', p.gp);
	return picture_end(&p, o);
}
