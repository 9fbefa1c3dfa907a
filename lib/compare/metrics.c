// SPDX-License-Identifier: GPL-2.0-only
/*
 * The metrics of two runs, side by side.
 *
 * A distribution gives its median, its 99th percentile when it has the
 * samples for one, and on a deterministic place its exact mean.  Left out are
 * the harness's own cost, times of emulated clocks, records that did not
 * pass, and cases that ran with other options on the other side.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

/* KVM's counters are recorded in this unit, see kstat.h. */
#define COUNTER_UNIT		"events"

#define DEFAULT_TOLERANCE	0.001

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/*
 * KVM's counters of faults, flushes and mappings repeat wherever the guest
 * and its host threads do the same; those of exits, interrupts and
 * preemption also depend on when a timer ticked.
 */
static enum metric_kind kind_of(const struct event *e)
{
	const char *last = strrchr(e->name, '.');

	if (fmt_unit_is_time(e->unit))
		return METRIC_TIME;
	/* Faults per page, but also exits per page. */
	if (!strcmp(e->unit, "ratio"))
		return METRIC_LOOSE;
	if (strcmp(e->unit, COUNTER_UNIT))
		return METRIC_EXACT;
	last = last ? last + 1 : e->name;
	return starts_with(last, "pf_") || starts_with(last, "pages_") ||
	       starts_with(last, "mmu_") || strstr(last, "tlb_flush") ?
		METRIC_EXACT : METRIC_LOOSE;
}

/* Fewer faults and flushes for the same work are better, by common consent. */
static enum better better_of(const struct event *e)
{
	const char *last = strrchr(e->name, '.');

	last = last ? last + 1 : e->name;
	if (e->better == BETTER_NONE && !strcmp(e->unit, COUNTER_UNIT) &&
	    (!strcmp(last, "pf_taken") || strstr(last, "tlb_flush")))
		return BETTER_LOWER;
	return e->better;
}

/* The harness's own cost is no property of what is compared. */
static bool is_self(const char *name)
{
	return starts_with(name, "self.") || strstr(name, ".self.");
}

static void metric_key(const struct record *r, const char *name, char *key,
		       size_t size)
{
	snprintf(key, size, "%.80s %.200s %.160s", r->place, r->case_name, name);
}

static struct metric *find_metric(struct comparison *c, const struct record *r,
				  const char *name)
{
	const json_t *at;
	char key[460];

	metric_key(r, name, key, sizeof(key));
	at = json_object_get(c->index, key);
	return at ? &c->metrics[json_integer_value(at)] : NULL;
}

static double tolerance(const struct compare_options *o,
			const struct record *r)
{
	if (o->time_tolerance < 0)
		return 0;
	if (o->time_tolerance > 0)
		return o->time_tolerance;
	return strcmp(r->emulator, "bochs") ? DEFAULT_TOLERANCE : 0;
}

static struct metric *new_metric(struct comparison *c, const struct record *r,
				 const struct event *e, const char *name)
{
	struct metric *m, *grown;
	char key[460];

	metric_key(r, name, key, sizeof(key));
	if (json_object_set_new(c->index, key, json_integer(c->nr_metrics)))
		return NULL;
	grown = realloc(c->metrics, (c->nr_metrics + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	c->metrics = grown;
	m = &grown[c->nr_metrics++];
	memset(m, 0, sizeof(*m));
	m->place = r->place;
	m->case_name = r->case_name;
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->unit = e->unit;
	m->better = better_of(e);
	m->kind = kind_of(e);
	m->deterministic = r->clock == CLOCK_VIRTUAL;
	m->tolerance = tolerance(c->opts, r);
	/* Bochs repeats everything, whatever it depends on. */
	if (m->kind == METRIC_LOOSE && !strcmp(r->emulator, "bochs"))
		m->kind = METRIC_EXACT;
	return m;
}

static int side_add(struct side *s, double value)
{
	double *grown = realloc(s->v, (s->n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->v = grown;
	s->v[s->n++] = value;
	return 0;
}

static int add_value(struct comparison *c, const struct record *r,
		     const struct event *e, const char *part, double value,
		     bool is_b)
{
	struct metric *m;
	char name[160];

	if (!isfinite(value))
		return 0;
	snprintf(name, sizeof(name), "%.150s%s", e->name, part);
	m = find_metric(c, r, name) ?: new_metric(c, r, e, name);
	if (!m)
		return -ENOMEM;
	/* One side may be a real machine and the other not: be strict. */
	m->deterministic = m->deterministic && r->clock == CLOCK_VIRTUAL;
	return side_add(is_b ? &m->b : &m->a, value);
}

static int add_event(struct comparison *c, const struct record *r,
		     const struct event *e, bool is_b)
{
	int ret;

	if (e->type != EVENT_DIST && e->type != EVENT_COUNT &&
	    e->type != EVENT_VALUE)
		return 0;
	if (is_self(e->name) ||
	    (r->clock == CLOCK_EMULATED && kind_of(e) == METRIC_TIME))
		return 0;
	if (e->type != EVENT_DIST)
		return add_value(c, r, e, "", e->value, is_b);
	if (!e->hist->n)
		return 0;
	ret = add_value(c, r, e, ".p50", event_quantile(e, .5), is_b);
	if (!ret && e->hist->n >= 100)
		ret = add_value(c, r, e, ".p99", event_quantile(e, .99), is_b);
	/* The mean is exact where quantiles are rounded to bins. */
	if (!ret && r->clock == CLOCK_VIRTUAL)
		ret = add_value(c, r, e, ".mean", hist_mean(e->hist) * e->scale,
				is_b);
	return ret;
}

/* Options that change where results go or how long one waits. */
static bool is_indifferent(const char *option)
{
	static const char *const names[] = {
		"results", "timeout", "format", NULL
	};
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(names[i], option))
			return true;
	return false;
}

/* The first option with which @a and @b ran differently, or NULL. */
static const char *other_option(const struct record *a, const struct record *b)
{
	json_t *of_a = json_object_get(a->run, "options");
	json_t *of_b = json_object_get(b->run, "options");
	const char *key;
	json_t *value;

	json_object_foreach(of_a, key, value)
		if (json_object_get(of_b, key) && !is_indifferent(key) &&
		    !json_equal(value, json_object_get(of_b, key)))
			return key;
	return NULL;
}

static void option_text(const struct record *r, const char *option, char *buf,
			size_t size)
{
	char *text = json_dumps(json_object_get(json_object_get(r->run,
						"options"), option),
				JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

	snprintf(buf, size, "%.50s", text ? text : "?");
	free(text);
}

/* A record of B that ran with other options than its case did in A. */
static int add_mismatch(struct comparison *c, const struct record *a,
			const struct record *b, const char *option)
{
	struct mismatch *m, *grown;

	if (c->nr_mismatches) {
		m = &c->mismatches[c->nr_mismatches - 1];
		if (!strcmp(m->place, b->place) &&
		    !strcmp(m->case_name, b->case_name))
			return 0;
	}
	grown = realloc(c->mismatches, (c->nr_mismatches + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->mismatches = grown;
	m = &grown[c->nr_mismatches++];
	m->place = b->place;
	m->case_name = b->case_name;
	m->option = option;
	option_text(a, option, m->a, sizeof(m->a));
	option_text(b, option, m->b, sizeof(m->b));
	return 0;
}

/* 1 when the figures of @r must not be compared with those of set A. */
static int check_options(struct comparison *c, const struct recset *a,
			 const struct record *r)
{
	const char *option;
	size_t i;

	for (i = 0; i < a->nr; i++) {
		if (strcmp(a->v[i]->place, r->place) ||
		    strcmp(a->v[i]->case_name, r->case_name))
			continue;
		option = other_option(a->v[i], r);
		if (option)
			return add_mismatch(c, a->v[i], r, option) ?: 1;
	}
	return 0;
}

static json_int_t rounds_of(const struct comparison *c, bool is_b,
			    const char *place, const char *case_name)
{
	char key[300];

	snprintf(key, sizeof(key), "%.80s %.200s", place, case_name);
	return json_integer_value(json_object_get(c->rounds[is_b], key));
}

static int count_round(struct comparison *c, bool is_b, const struct record *r)
{
	json_int_t n = rounds_of(c, is_b, r->place, r->case_name);
	char key[300];

	snprintf(key, sizeof(key), "%.80s %.200s", r->place, r->case_name);
	return json_object_set_new(c->rounds[is_b], key, json_integer(n + 1)) ?
		-ENOMEM : 0;
}

static int fill_side(struct comparison *c, struct metric *m, bool is_b)
{
	json_int_t n = rounds_of(c, is_b, m->place, m->case_name);
	struct side *s = is_b ? &m->b : &m->a;
	int ret = 0;

	while ((json_int_t)s->n < n && !ret)
		ret = side_add(s, 0);
	return ret;
}

int compare_fill_zeros(struct comparison *c)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < c->nr_metrics && !ret; i++)
		if (!strcmp(c->metrics[i].unit, COUNTER_UNIT))
			ret = fill_side(c, &c->metrics[i], false) ?:
			      fill_side(c, &c->metrics[i], true);
	return ret;
}

int compare_add_set(struct comparison *c, const struct recset *set,
		    const struct recset *a)
{
	size_t i, j;
	int ret = 0;

	for (i = 0; i < set->nr && !ret; i++) {
		const struct record *r = set->v[i];

		/* Figures of a run that failed or is invalid say nothing. */
		if (r->verdict != VERDICT_PASS)
			continue;
		ret = a ? check_options(c, a, r) : 0;
		if (ret == 1) {
			ret = 0;
			continue;
		}
		ret = count_round(c, a != NULL, r);
		for (j = 0; j < r->nr_events && !ret; j++)
			ret = add_event(c, r, &r->events[j], a != NULL);
	}
	return ret;
}
