// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pictures a run gets, see plot.h.
 *
 * Three kinds of lines: distributions of durations (a histogram and a
 * percentile plot), stored series, and sweeps: medians over the number in
 * which names differ ("vcpus1", "vcpus2").  Records of emulated clocks have
 * no times to draw.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/outfile.h"
#include "plot/plot.h"
#include "internal.h"

/* Fewer samples are shown by the tables; a line through them says nothing. */
#define MIN_SAMPLES	20

static bool is_line(const struct record *r, const struct event *e)
{
	double scale_ns;

	if (e->type != EVENT_DIST || r->clock == CLOCK_EMULATED)
		return false;
	scale_ns = fmt_unit_ns(e->unit) * e->scale;
	return scale_ns > 0 && e->hist->n &&
	       e->hist->max * scale_ns < PICTURE_MOST &&
	       strncmp(e->name, "self.", 5);
}

static struct plot_line *find_line(const struct plot_lines *lines,
				   const struct record *r,
				   const struct event *e, double scale_ns)
{
	unsigned int i;

	for (i = 0; i < lines->nr; i++)
		if (!strcmp(lines->v[i]->r->place, r->place) &&
		    !strcmp(lines->v[i]->case_name, r->case_name) &&
		    !strcmp(lines->v[i]->figure, e->name) &&
		    lines->v[i]->scale_ns == scale_ns)
			return lines->v[i];
	return NULL;
}

static int add_dist(struct plot_lines *lines, const struct record *r,
		    const struct event *e)
{
	double scale_ns = e->scale * fmt_unit_ns(e->unit);
	struct plot_line *l = find_line(lines, r, e, scale_ns);

	if (!l) {
		l = plot_lines_add(lines);
		if (!l)
			return -ENOMEM;
		l->r = r;
		l->e = e;
		l->scale_ns = scale_ns;
		snprintf(l->case_name, sizeof(l->case_name), "%s", r->case_name);
		snprintf(l->figure, sizeof(l->figure), "%s", e->name);
		/* "fault.read" and "fault.write" belong together. */
		snprintf(l->kind, sizeof(l->kind), "%.*s",
			 (int)strcspn(e->name, "."), e->name);
	}
	hist_merge(&l->hist, e->hist);
	return 0;
}

static int collect_dists(const struct recset *set, struct plot_lines *lines)
{
	size_t i, j;
	int ret = 0;

	for (i = 0; i < set->nr && !ret; i++)
		for (j = 0; j < set->v[i]->nr_events && !ret; j++)
			if (is_line(set->v[i], &set->v[i]->events[j]))
				ret = add_dist(lines, set->v[i],
					       &set->v[i]->events[j]);
	return ret;
}

/* The distributions with enough samples; borrows the lines. */
static int draw_dists(const struct plot_lines *dists, struct plot_out *o)
{
	struct plot_lines some = { calloc(dists->nr + 1, sizeof(*some.v)), 0 };
	unsigned int i;
	int ret;

	if (!some.v)
		return -ENOMEM;
	for (i = 0; i < dists->nr; i++)
		if (dists->v[i]->hist.n >= MIN_SAMPLES)
			some.v[some.nr++] = dists->v[i];
	ret = plot_grouped(&some, plot_latency, o);
	free(some.v);
	return ret;
}

static int draw_all(const struct recset *set, struct plot_out *o)
{
	struct plot_lines dists = {}, series = {}, sweeps = {};
	int ret;

	ret = collect_dists(set, &dists) ?:
	      plot_collect_series(set, &series) ?:
	      plot_collect_sweeps(&dists, &sweeps);
	ret = ret ?: draw_dists(&dists, o) ?:
	      plot_grouped(&series, plot_series, o) ?:
	      plot_grouped(&sweeps, plot_sweeps, o);
	if (ret == -ENOMEM)
		reason_set(o->why, ret, "no memory to draw the plots");
	plot_lines_free(&dists);
	plot_lines_free(&series);
	plot_lines_free(&sweeps);
	return ret;
}

int plot_run(const char *dir, const char *out_dir, FILE *log,
	     struct reason *why)
{
	struct plot_out o = { .log = log, .why = why };
	char plots[PATH_MAX];
	struct recset set;
	struct stat st;
	int ret;

	if (!out_dir && stat(dir, &st) == 0 && S_ISREG(st.st_mode))
		return reason_usage(why, -EINVAL,
				    "'%s' is a single record; give a directory for its pictures with --out",
				    dir);
	if (!out_dir) {
		snprintf(plots, sizeof(plots), "%s/plots", dir);
		out_dir = plots;
	}
	o.dir = out_dir;
	ret = recset_load(&set, dir, why);
	if (ret)
		return ret;
	ret = outfile_mkdirs(out_dir, why);
	if (!ret) {
		outfile_sweep(out_dir);
		ret = draw_all(&set, &o);
	}
	recset_free(&set);
	return ret ? ret : o.nr;
}
