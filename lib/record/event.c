// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is one line of a record what the schema says, and what event is it?
 *
 * Method: one function per type of line checks the members
 * (results/README.md); the first objection is the answer.  It sees one line,
 * so it cannot tell whether lines contradict each other.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Longer ones would break every table; the schema names these limits. */
#define MAX_NAME	200
#define MAX_UNIT	32

int event_refuse(struct objection *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(o->text, sizeof(o->text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

int event_get_string(const json_t *line, const char *key, const char **to,
		     struct objection *o)
{
	const json_t *j = json_object_get(line, key);

	if (!json_is_string(j))
		return event_refuse(o, "'%s' is missing or no text", key);
	*to = json_string_value(j);
	return 0;
}

int event_get_name(const json_t *line, const char *key, const char **to,
		   struct objection *o)
{
	int ret = event_get_string(line, key, to, o);
	const char *c;

	for (c = ret ? "" : *to; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '#')
			return event_refuse(o, "'%s' is not a plain word", key);
	if (!ret && strlen(*to) > MAX_NAME)
		return event_refuse(o, "'%s' is longer than %d", key, MAX_NAME);
	if (!ret && !**to)
		return event_refuse(o, "'%s' is empty", key);
	return ret;
}

/* It may have blanks but must not break a line. */
static int get_plain(const json_t *line, const char *key, size_t max,
		     const char **to, struct objection *o)
{
	int ret = event_get_string(line, key, to, o);
	const char *c;

	for (c = ret ? "" : *to; *c; c++)
		if (*c < ' ' || *c > '~')
			return event_refuse(o, "'%s' is not plain text", key);
	if (!ret && strlen(*to) > max)
		return event_refuse(o, "'%s' is longer than %zu", key, max);
	return ret;
}

/* "" is a bare number. */
static int get_unit(const json_t *line, const char **to, struct objection *o)
{
	return get_plain(line, "unit", MAX_UNIT, to, o);
}

static int get_u64(const json_t *line, const char *key, uint64_t *to,
		   struct objection *o)
{
	const json_t *j = json_object_get(line, key);
	double real;

	if (json_is_integer(j) && json_integer_value(j) >= 0) {
		*to = json_integer_value(j);
		return 0;
	}
	/* Beyond 2^63 the writer stores a real; see part_u64(). */
	real = json_is_real(j) ? json_real_value(j) : -1;
	if (real < 0 || real >= 0x1p64)
		return event_refuse(o, "'%s' is missing or no count", key);
	*to = real;
	return 0;
}

/* A number or null; @has tells which. */
static int get_number(const json_t *line, const char *key, double *to,
		      bool *has, struct objection *o)
{
	const json_t *j = json_object_get(line, key);

	*has = json_is_number(j);
	if (!*has && !json_is_null(j))
		return event_refuse(o, "'%s' is missing or no number", key);
	*to = *has ? json_number_value(j) : NAN;
	return 0;
}

static int get_better(const json_t *line, enum better *to, struct objection *o)
{
	const char *text = "";
	int ret = event_get_string(line, "better", &text, o);

	if (ret)
		return ret;
	if (!strcmp(text, "none"))
		*to = BETTER_NONE;
	else if (!strcmp(text, "lower"))
		*to = BETTER_LOWER;
	else if (!strcmp(text, "higher"))
		*to = BETTER_HIGHER;
	else
		return event_refuse(o, "'better' is '%.20s' and not none, lower or higher",
				    text);
	return 0;
}

static int read_phase(struct event *e, struct objection *o)
{
	uint64_t ns;
	int ret = get_u64(e->json, "ns", &ns, o);

	e->value = ns;
	e->has_value = !ret;
	e->unit = "ns";
	return ret;
}

/* One [bin, count] pair into @h; bins must ascend. */
static int read_bin(const json_t *pair, struct hist *h, int *first, int *last,
		    uint64_t *sum, struct objection *o)
{
	const json_t *bin = json_array_get(pair, 0);
	const json_t *count = json_array_get(pair, 1);
	json_int_t b = json_integer_value(bin), c = json_integer_value(count);

	if (json_array_size(pair) != 2 || !json_is_integer(bin) ||
	    !json_is_integer(count))
		return event_refuse(o, "a bin is not [bin, count]");
	if (b <= *last || b >= HIST_NR_BINS || c <= 0)
		return event_refuse(o, "bin [%lld, %lld] is out of order or range",
				    (long long)b, (long long)c);
	if (__builtin_add_overflow(*sum, (uint64_t)c, sum))
		return event_refuse(o, "the bins overflow");
	h->bins[b] = c;
	if (*first < 0)
		*first = b;
	*last = b;
	return 0;
}

static int check_hist(const struct hist *h, uint64_t in_bins, int first,
		      int last, struct objection *o)
{
	if (in_bins != h->n)
		return event_refuse(o, "the bins hold %llu samples and n is %llu",
				    (unsigned long long)in_bins,
				    (unsigned long long)h->n);
	if (h->min > h->max || (int)hist_bin(h->min) != first ||
	    (int)hist_bin(h->max) != last)
		return event_refuse(o, "min or max contradicts the bins");
	return 0;
}

static int read_bins(struct event *e, struct objection *o)
{
	const json_t *bins = json_object_get(e->json, "bins");
	struct hist *h = e->hist;
	uint64_t lg2, in_bins = 0;
	int first = -1, last = -1, ret;
	size_t i;

	ret = get_u64(e->json, "lg2_sub", &lg2, o) ?:
	      get_u64(e->json, "min", &h->min, o) ?:
	      get_u64(e->json, "max", &h->max, o) ?:
	      get_u64(e->json, "sum", &h->sum, o);
	if (ret)
		return ret;
	if (lg2 != HIST_LG2_SUB)
		return event_refuse(o, "lg2_sub is %llu, this version reads %d",
				    (unsigned long long)lg2, HIST_LG2_SUB);
	if (!json_is_array(bins))
		return event_refuse(o, "'bins' is missing or no list");
	for (i = 0; i < json_array_size(bins) && !ret; i++)
		ret = read_bin(json_array_get(bins, i), h, &first, &last,
			       &in_bins, o);
	return ret ?: check_hist(h, in_bins, first, last, o);
}

static int read_dist(struct event *e, struct objection *o)
{
	bool has;
	int ret;

	e->hist = calloc(1, sizeof(*e->hist));
	if (!e->hist)
		return event_refuse(o, "no memory for a histogram");
	ret = get_unit(e->json, &e->unit, o) ?:
	      get_better(e->json, &e->better, o) ?:
	      get_number(e->json, "scale", &e->scale, &has, o) ?:
	      get_u64(e->json, "n", &e->hist->n, o);
	if (ret)
		return ret;
	if (!has || e->scale <= 0)
		return event_refuse(o, "'scale' must be above 0");
	return e->hist->n ? read_bins(e, o) : 0;
}

static int read_count(struct event *e, struct objection *o)
{
	const json_t *value = json_object_get(e->json, "value");

	if (!json_is_integer(value))
		return event_refuse(o, "'value' is missing or no integer");
	e->count = json_integer_value(value);
	e->value = e->count;
	e->has_value = true;
	return get_unit(e->json, &e->unit, o) ?:
	       get_better(e->json, &e->better, o);
}

static int read_value(struct event *e, struct objection *o)
{
	return get_number(e->json, "value", &e->value, &e->has_value, o) ?:
	       get_unit(e->json, &e->unit, o) ?:
	       get_better(e->json, &e->better, o);
}

static int read_points(const json_t *line, const char *key, double **to,
		       unsigned int nr, struct objection *o)
{
	const json_t *list = json_object_get(line, key), *p;
	unsigned int i;

	if (!json_is_array(list) || json_array_size(list) != nr)
		return event_refuse(o, "'%s' is missing or not as long as the other list",
				    key);
	*to = calloc(nr + 1, sizeof(**to));
	if (!*to)
		return event_refuse(o, "no memory for a series");
	for (i = 0; i < nr; i++) {
		p = json_array_get(list, i);
		if (!json_is_number(p) && !json_is_null(p))
			return event_refuse(o, "point %u of '%s' is not a number", i,
					    key);
		(*to)[i] = json_is_null(p) ? NAN : json_number_value(p);
	}
	return 0;
}

static int read_series(struct event *e, struct objection *o)
{
	e->nr_points = json_array_size(json_object_get(e->json, "x"));
	return get_unit(e->json, &e->unit, o) ?:
	       get_plain(e->json, "x_name", MAX_NAME, &e->x_name, o) ?:
	       read_points(e->json, "x", &e->x, e->nr_points, o) ?:
	       read_points(e->json, "y", &e->y, e->nr_points, o);
}

static int read_check(struct event *e, struct objection *o)
{
	const json_t *ok = json_object_get(e->json, "ok");

	if (!json_is_boolean(ok))
		return event_refuse(o, "'ok' is missing or neither true nor false");
	e->ok = json_is_true(ok);
	return event_get_string(e->json, "text", &e->text, o);
}

static int read_text(struct event *e, struct objection *o)
{
	return event_get_string(e->json, "text", &e->text, o);
}

static int read_verdict(struct event *e, struct objection *o)
{
	e->text = json_string_value(json_object_get(e->json, "text"));
	return event_get_string(e->json, "verdict", &e->name, o);
}

static const struct {
	const char *name;
	bool named;		/* needs a 'name' */
	int (*read)(struct event *e, struct objection *o);
} types[] = {
	[EVENT_RUN] = { "run" },
	[EVENT_ENV] = { "env" },
	[EVENT_PHASE] = { "phase", true, read_phase },
	[EVENT_DIST] = { "dist", true, read_dist },
	[EVENT_COUNT] = { "count", true, read_count },
	[EVENT_VALUE] = { "value", true, read_value },
	[EVENT_SERIES] = { "series", true, read_series },
	[EVENT_CHECK] = { "check", true, read_check },
	[EVENT_NOTE] = { "note", false, read_text },
	[EVENT_INVALID] = { "invalid", false, read_text },
	[EVENT_VERDICT] = { "verdict", false, read_verdict },
};

int event_read(struct event *e, const json_t *line, struct objection *o)
{
	const char *type = "";
	unsigned int i;
	int ret;

	e->json = line;
	if (!json_is_object(line))
		return event_refuse(o, "it is not a JSON object");
	ret = event_get_string(line, "type", &type, o);
	if (ret)
		return ret;
	for (i = 0; i < EVENT_OTHER && strcmp(types[i].name, type); i++)
		;
	e->type = i;
	if (i == EVENT_OTHER)
		return 0;
	if (types[i].named)
		ret = event_get_name(line, "name", &e->name, o);
	if (!ret && types[i].read)
		ret = types[i].read(e, o);
	return ret;
}

double event_quantile(const struct event *e, double fraction)
{
	return hist_quantile(e->hist, fraction) * e->scale;
}
