// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pictures a run gets, see plot.h.
 *
 * Distributions of durations are drawn together when they stand for the same
 * figure of the same program at the same place: one line per case (and per
 * operation, where a case has "fault.read" and "fault.write").  Where that
 * would be too many lines, the cases are split by the next part of their
 * names.  Every stored series and every sweep over a number in the names has
 * a picture of its own.  Records of emulated clocks have no times to draw.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "outfile.h"
#include "plot.h"
#include "plot_internal.h"

/* Fewer samples are shown by the tables; a line through them says nothing. */
#define MIN_SAMPLES	20

struct lines {
	struct plot_line **v;
	unsigned int nr;
};

static double duration_ns(const char *unit)
{
	return !strcmp(unit, "ns") ? 1 : !strcmp(unit, "us") ? 1e3 :
	       !strcmp(unit, "ms") ? 1e6 : !strcmp(unit, "s") ? 1e9 : 0;
}

static bool is_line(const struct record *r, const struct event *e)
{
	return e->type == EVENT_DIST && duration_ns(e->unit) &&
	       r->clock != CLOCK_EMULATED && e->hist->n &&
	       strncmp(e->name, "self.", 5);
}

static struct plot_line *find_line(const struct lines *lines,
				   const struct record *r,
				   const struct event *e, double scale_ns)
{
	unsigned int i;

	for (i = 0; i < lines->nr; i++)
		if (!strcmp(lines->v[i]->r->place, r->place) &&
		    !strcmp(lines->v[i]->r->case_name, r->case_name) &&
		    !strcmp(lines->v[i]->e->name, e->name) &&
		    lines->v[i]->scale_ns == scale_ns)
			return lines->v[i];
	return NULL;
}

static int add_line(struct lines *lines, const struct record *r,
		    const struct event *e)
{
	double scale_ns = e->scale * duration_ns(e->unit);
	struct plot_line *l = find_line(lines, r, e, scale_ns), **grown;

	if (l) {
		hist_merge(&l->hist, e->hist);
		return 0;
	}
	grown = realloc(lines->v, (lines->nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	lines->v = grown;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->r = r;
	l->e = e;
	l->hist = *e->hist;
	l->scale_ns = scale_ns;
	lines->v[lines->nr++] = l;
	return 0;
}

static int collect_lines(const struct recset *set, struct lines *lines)
{
	size_t i, j;
	int ret = 0;

	for (i = 0; i < set->nr && !ret; i++)
		for (j = 0; j < set->v[i]->nr_events && !ret; j++)
			if (is_line(set->v[i], &set->v[i]->events[j]))
				ret = add_line(lines, set->v[i],
					       &set->v[i]->events[j]);
	return ret;
}

/* ---- which lines share a picture ---------------------------------------------- */

/* Length of the first @depth dotted parts of @name, all of it if fewer. */
static size_t prefix_len(const char *name, unsigned int depth)
{
	const char *at = name;

	while (depth-- && *at) {
		at += strcspn(at, ".");
		if (depth && *at)
			at++;
	}
	return at - name;
}

static bool same_prefix(const char *a, const char *b, unsigned int depth)
{
	size_t len = prefix_len(a, depth);

	return len == prefix_len(b, depth) && !strncmp(a, b, len);
}

/* Same place, same start of the case, same kind of figure. */
static bool together(const struct plot_line *a, const struct plot_line *b,
		     unsigned int depth)
{
	return !strcmp(a->r->place, b->r->place) &&
	       same_prefix(a->e->name, b->e->name, 1) &&
	       same_prefix(a->r->case_name, b->r->case_name, depth);
}

static bool all_same_figure(struct plot_line *const *v, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (strcmp(v[i]->e->name, v[0]->e->name))
			return false;
	return true;
}

static bool all_same_case(struct plot_line *const *v, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (strcmp(v[i]->r->case_name, v[0]->r->case_name))
			return false;
	return true;
}

/* What the lines differ in is their label, what they share is the title. */
static void label_lines(struct plot_line *const *v, unsigned int nr,
			size_t shared)
{
	bool one_figure = all_same_figure(v, nr), one_case = all_same_case(v, nr);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const char *tail = v[i]->r->case_name + shared;

		tail += *tail == '.';
		if (!*tail)
			tail = v[i]->r->case_name;
		if (one_case)
			tail = "";
		snprintf(v[i]->label, sizeof(v[i]->label), "%.60s%s%.50s", tail,
			 *tail && !one_figure ? " " : "",
			 one_figure && *tail ? "" : v[i]->e->name);
	}
}

static int draw_group(struct plot_line *const *v, unsigned int nr,
		      unsigned int depth, unsigned int part,
		      struct plot_out *o)
{
	size_t shared = prefix_len(v[0]->r->case_name, depth);
	char base[170], name[200], title[200], figure[60], more[20] = "";
	int ret;

	snprintf(figure, sizeof(figure), "%.*s",
		 (int)prefix_len(v[0]->e->name, 1), v[0]->e->name);
	if (part)
		snprintf(more, sizeof(more), "-%u", part + 1);
	snprintf(base, sizeof(base), "%.40s-%.*s-%.50s%s", v[0]->r->place,
		 (int)(shared < 60 ? shared : 60), v[0]->r->case_name, figure,
		 more);
	label_lines(v, nr, shared);
	snprintf(name, sizeof(name), "%s-histogram", base);
	snprintf(title, sizeof(title), "%.*s: %s, how often which latency",
		 (int)(shared < 90 ? shared : 90), v[0]->r->case_name, figure);
	ret = plot_histogram(v, nr, name, title, o);
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "%s-percentiles", base);
	snprintf(title, sizeof(title), "%.*s: %s, latency by percentile",
		 (int)(shared < 90 ? shared : 90), v[0]->r->case_name, figure);
	return plot_percentiles(v, nr, name, title, o);
}

static int draw_lines(struct plot_line **v, unsigned int nr,
		      unsigned int depth, struct plot_out *o);

/* Lines that no longer can be told apart by their names: in portions. */
static int draw_portions(struct plot_line **v, unsigned int nr,
			 unsigned int depth, struct plot_out *o)
{
	unsigned int at;
	int ret = 0;

	for (at = 0; at < nr && !ret; at += PLOT_MAX_LINES)
		ret = draw_group(v + at, nr - at < PLOT_MAX_LINES ? nr - at :
				 PLOT_MAX_LINES, depth, at / PLOT_MAX_LINES, o);
	return ret;
}

/* All of @v are together at @depth. */
static int draw_or_split(struct plot_line **v, unsigned int nr,
			 unsigned int depth, struct plot_out *o)
{
	if (nr <= PLOT_MAX_LINES)
		return draw_group(v, nr, depth, 0, o);
	if (depth >= 8)
		return draw_portions(v, nr, depth, o);
	return draw_lines(v, nr, depth + 1, o);
}

/* Take groups out of @v until none is left; keeps the order. */
static int draw_lines(struct plot_line **v, unsigned int nr,
		      unsigned int depth, struct plot_out *o)
{
	struct plot_line **group = calloc(nr ? nr : 1, sizeof(*group));
	bool *taken = calloc(nr ? nr : 1, sizeof(*taken));
	unsigned int i, j, n;
	int ret = group && taken ? 0 : -ENOMEM;

	for (i = 0; i < nr && !ret; i++) {
		if (taken[i])
			continue;
		for (n = 0, j = i; j < nr; j++)
			if (!taken[j] && together(v[i], v[j], depth)) {
				taken[j] = true;
				group[n++] = v[j];
			}
		ret = draw_or_split(group, n, depth, o);
	}
	free(group);
	free(taken);
	return ret;
}

static int draw_all(const struct recset *set, struct lines *lines,
		    struct plot_out *o)
{
	struct lines drawn = { calloc(lines->nr + 1, sizeof(*drawn.v)) };
	unsigned int i;
	int ret = 0;

	for (i = 0; drawn.v && i < lines->nr; i++)
		if (lines->v[i]->hist.n >= MIN_SAMPLES)
			drawn.v[drawn.nr++] = lines->v[i];
	ret = drawn.v ? draw_lines(drawn.v, drawn.nr, 1, o) : -ENOMEM;
	if (!ret)
		ret = plot_sweeps(lines->v, lines->nr, o);
	for (i = 0; i < set->nr && !ret; i++)
		ret = plot_series(set->v[i], o);
	free(drawn.v);
	if (ret == -ENOMEM)
		reason_set(o->why, ret, "no memory to draw the plots");
	return ret;
}

int plot_run(const char *dir, const char *out_dir, FILE *log,
	     struct reason *why)
{
	struct plot_out o = { .log = log, .why = why };
	struct lines lines = {};
	char plots[PATH_MAX];
	struct recset set;
	unsigned int i;
	int ret;

	if (!out_dir) {
		snprintf(plots, sizeof(plots), "%s/plots", dir);
		out_dir = plots;
	}
	o.dir = out_dir;
	ret = recset_load(&set, dir, why);
	if (ret)
		return ret;
	ret = outfile_mkdirs(out_dir, why);
	if (!ret)
		outfile_sweep(out_dir);
	if (!ret && collect_lines(&set, &lines))
		ret = reason_set(why, -ENOMEM, "no memory to draw the plots");
	if (!ret)
		ret = draw_all(&set, &lines, &o);
	for (i = 0; i < lines.nr; i++)
		free(lines.v[i]);
	free(lines.v);
	recset_free(&set);
	return ret ? ret : o.nr;
}
