// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which lines share a picture.
 *
 * Lines that stand for the same kind of figure of the same program at the
 * same place are drawn together.  Where that would be more than can be told
 * apart, they are split by the next part of the case names, and at last into
 * portions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* No case name has more parts. */
#define MAX_DEPTH	10

struct plot_line *plot_lines_add(struct plot_lines *lines)
{
	struct plot_line **grown, *l;

	grown = realloc(lines->v, (lines->nr + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	lines->v = grown;
	l = calloc(1, sizeof(*l));
	if (l)
		lines->v[lines->nr++] = l;
	return l;
}

void plot_lines_free(struct plot_lines *lines)
{
	unsigned int i;

	for (i = 0; i < lines->nr; i++)
		free(lines->v[i]);
	free(lines->v);
	lines->v = NULL;
	lines->nr = 0;
}

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

static bool together(const struct plot_line *a, const struct plot_line *b,
		     unsigned int depth)
{
	return !strcmp(a->r->place, b->r->place) && !strcmp(a->kind, b->kind) &&
	       same_prefix(a->case_name, b->case_name, depth);
}

static bool one_figure(struct plot_line *const *v, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (strcmp(v[i]->figure, v[0]->figure))
			return false;
	return true;
}

static bool one_case(struct plot_line *const *v, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (strcmp(v[i]->case_name, v[0]->case_name))
			return false;
	return true;
}

/* Parts of the case names that all lines share, at least @depth. */
static size_t shared_len(struct plot_line *const *v, unsigned int nr,
			 unsigned int depth)
{
	unsigned int i;

	for (; depth < MAX_DEPTH; depth++)
		for (i = 1; i < nr; i++)
			if (!same_prefix(v[0]->case_name, v[i]->case_name,
					 depth + 1))
				return prefix_len(v[0]->case_name, depth);
	return prefix_len(v[0]->case_name, depth);
}

/* What the lines differ in is their label. */
static void label_lines(struct plot_line *const *v, unsigned int nr,
			size_t shared)
{
	bool figures = !one_figure(v, nr), cases = !one_case(v, nr);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const char *tail = v[i]->case_name + shared;

		tail += *tail == '.';
		snprintf(v[i]->label, sizeof(v[i]->label), "%.60s%s%.50s",
			 cases ? tail : "", cases && figures ? " " : "",
			 figures || !cases ? v[i]->figure : "");
	}
}

static int draw_group(struct plot_line *const *v, unsigned int nr,
		      unsigned int depth, unsigned int part, plot_draw_fn draw,
		      struct plot_out *o)
{
	int shared = shared_len(v, nr, depth);
	char base[170], title[160], more[20] = "";
	const char *figure = v[0]->figure;
	size_t len = one_figure(v, nr) ? strlen(figure) :
		     strcspn(figure, ".");

	if (part)
		snprintf(more, sizeof(more), "-%u", part + 1);
	label_lines(v, nr, shared);
	if (shared > 90)
		shared = 90;
	if (len > 50)
		len = 50;
	snprintf(base, sizeof(base), "%.30s-%.*s-%.*s%s", v[0]->r->place,
		 shared, v[0]->case_name, (int)len, figure, more);
	picture_file_name(base);
	snprintf(title, sizeof(title), "%.*s: %.*s", shared, v[0]->case_name,
		 (int)len, figure);
	return draw(v, nr, base, title, o);
}

static int draw_lines(struct plot_line **v, unsigned int nr,
		      unsigned int depth, plot_draw_fn draw,
		      struct plot_out *o);

/* All of @v are together at @depth. */
static int draw_or_split(struct plot_line **v, unsigned int nr,
			 unsigned int depth, plot_draw_fn draw,
			 struct plot_out *o)
{
	unsigned int at, n;
	int ret = 0;

	if (nr > PLOT_MAX_LINES && depth < MAX_DEPTH)
		return draw_lines(v, nr, depth + 1, draw, o);
	for (at = 0; at < nr && !ret; at += n) {
		n = nr - at < PLOT_MAX_LINES ? nr - at : PLOT_MAX_LINES;
		ret = draw_group(v + at, n, depth, at / PLOT_MAX_LINES, draw,
				 o);
	}
	return ret;
}

/* Take groups out of @v until none is left; keeps the order. */
static int draw_lines(struct plot_line **v, unsigned int nr,
		      unsigned int depth, plot_draw_fn draw,
		      struct plot_out *o)
{
	struct plot_line **group = calloc(nr + 1, sizeof(*group));
	bool *taken = calloc(nr + 1, sizeof(*taken));
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
		ret = draw_or_split(group, n, depth, draw, o);
	}
	free(group);
	free(taken);
	return ret;
}

int plot_grouped(const struct plot_lines *lines, plot_draw_fn draw,
		 struct plot_out *o)
{
	return draw_lines(lines->v, lines->nr, 1, draw, o);
}
