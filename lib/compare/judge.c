// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did a metric change, and is that news?
 *
 * Method: each metric has one value per record of its case ("round").  On a
 * deterministic place one round is enough: exact counts must be equal, times
 * may differ by a tolerance.  But equal input only gives equal output: where
 * CPUs race, one instruction more can move a count by a tenth.  If there are
 * rounds that differ (by something that should not matter, see lab/ab/ab.c), the
 * sides must lie further apart than either is wide.  With four rounds a side
 * of one normal law that happens once in 1600 times; a law with rare far
 * outliers can still deceive.  Elsewhere medians are compared by Mann-Whitney's
 * U over the rounds of both sides, corrected by Holm over all metrics that
 * have a better direction and are not one constant; those without a direction
 * are corrected among themselves.  A change counts when it is significant and
 * larger than the floor.  Few rounds and many metrics leave no room for a p
 * below alpha, however large a change is: that is undecided, not the same.
 *
 * Samples inside one record are no rounds: they share one boot, one process
 * and one placement, and differ less among themselves than two identical
 * runs do.  With too few rounds the change is shown and left undecided.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/stats.h"
#include "judge.h"

#define DEFAULT_ALPHA		0.01
#define DEFAULT_FLOOR_PCT	3
#define CONFIDENCE		0.95

/* Counts that depend on timing: changes up to both of these are none. */
#define LOOSE_RELATIVE		0.01
#define LOOSE_ABSOLUTE		4

static void summarize(struct side *s)
{
	stats_sort(s->v, s->n);
	s->median = stats_median(s->v, s->n);
	stats_median_ci(s->v, s->n, CONFIDENCE, &s->low, &s->high);
}

static enum metric_state direction(const struct metric *m)
{
	if (m->better == BETTER_NONE)
		return STATE_CHANGED;
	return (m->b.median < m->a.median) == (m->better == BETTER_LOWER) ?
		STATE_BETTER : STATE_WORSE;
}

/* Are two values the same as far as @m can repeat? */
static bool equal(const struct metric *m, double x, double y)
{
	double off = fabs(x - y), most = fmax(fabs(x), fabs(y));

	switch (m->kind) {
	case METRIC_TIME:
		return off <= m->tolerance * most;
	case METRIC_LOOSE:
		return off <= fmax(LOOSE_RELATIVE * most, LOOSE_ABSOLUTE);
	default:
		return x == y;
	}
}

static double width(const struct side *s)
{
	return s->v[s->n - 1] - s->v[0];
}

bool judge_is_constant(const struct metric *m)
{
	return equal(m, m->a.v[0], m->a.v[m->a.n - 1]) &&
	       equal(m, m->b.v[0], m->b.v[m->b.n - 1]);
}

double judge_floor(const struct comparison *c)
{
	return c->opts->floor_pct > 0 ? c->opts->floor_pct : DEFAULT_FLOOR_PCT;
}

/* Are the sides further apart than either is wide? */
static bool are_apart(const struct metric *m)
{
	const struct side *low = &m->a, *high = &m->b;

	if (low->median > high->median) {
		low = &m->b;
		high = &m->a;
	}
	return high->v[0] - low->v[low->n - 1] >
		       fmax(width(low), width(high)) &&
	       !equal(m, high->v[0], low->v[low->n - 1]);
}

static void judge_exactly(const struct comparison *c, struct metric *m)
{
	bool constant = judge_is_constant(m);
	/* A constant count is exact, however small its change. */
	bool has_floor = m->kind == METRIC_TIME || !constant;

	m->differs = !constant || !equal(m, m->a.median, m->b.median);
	if (equal(m, m->a.median, m->b.median) ||
	    (has_floor && fabs(m->change) * 100 < judge_floor(c)))
		m->state = STATE_SAME;
	else
		m->state = constant || are_apart(m) ? direction(m) :
						      STATE_CHANCE;
}

static bool enough_rounds(const struct metric *m)
{
	return m->a.n >= COMPARE_MIN_ROUNDS && m->b.n >= COMPARE_MIN_ROUNDS;
}

static bool all_equal(const struct metric *m)
{
	return m->a.v[0] == m->b.v[m->b.n - 1] &&
	       m->b.v[0] == m->a.v[m->a.n - 1];
}

static double alpha_of(const struct comparison *c)
{
	return c->opts->alpha > 0 ? c->opts->alpha : DEFAULT_ALPHA;
}

static bool is_directed(const struct metric *m)
{
	return m->better != BETTER_NONE;
}

/* Could samples of @na and @nb be significant among @nr_tested metrics? */
static bool can_tell(const struct comparison *c, size_t na, size_t nb,
		     size_t nr_tested)
{
	return stats_least_p(na, nb) * nr_tested < alpha_of(c);
}

static void judge_by_rank(struct comparison *c, struct metric *m)
{
	m->differs = !all_equal(m);
	if (all_equal(m))
		m->state = STATE_SAME;
	else if (!enough_rounds(m))
		m->state = STATE_UNDECIDED;
	else if (m->p < alpha_of(c))
		m->state = fabs(m->change) * 100 < judge_floor(c) ?
			   STATE_SAME : direction(m);
	else
		m->state = can_tell(c, m->a.n, m->b.n,
				    c->nr_tested[is_directed(m)]) ?
			   STATE_SAME : STATE_UNDECIDED;
}

/*
 * Is @m one of those tested together?  That both sides are one constant says
 * nothing about how they differ, so leaving those out favours no outcome.
 */
static bool is_tested(const struct metric *m, bool directed)
{
	return !m->deterministic && !all_equal(m) && is_directed(m) == directed;
}

/* p-values of those with enough rounds, as one family. */
static int test_family(struct comparison *c, bool directed)
{
	double *p = calloc(c->nr_metrics + 1, sizeof(*p));
	struct metric *m;
	size_t i, n = 0;

	if (!p)
		return -ENOMEM;
	for (i = 0; i < c->nr_metrics; i++) {
		m = &c->metrics[i];
		if (!is_tested(m, directed))
			continue;
		c->nr_tested[directed]++;
		if (enough_rounds(m))
			p[n++] = stats_mann_whitney(m->a.v, m->a.n, m->b.v,
						    m->b.n);
	}
	stats_holm(p, n);
	for (i = 0, n = 0; i < c->nr_metrics; i++) {
		m = &c->metrics[i];
		if (is_tested(m, directed) && enough_rounds(m))
			m->p = p[n++];
	}
	free(p);
	return 0;
}

static int test_all(struct comparison *c)
{
	unsigned int rounds = COMPARE_MIN_ROUNDS;
	size_t i;

	for (i = 0; i < c->nr_metrics; i++)
		c->metrics[i].p = NAN;
	if (test_family(c, false) || test_family(c, true))
		return -ENOMEM;
	while (!can_tell(c, rounds, rounds, c->nr_tested[true]))
		rounds++;
	c->rounds_needed = rounds;
	return 0;
}

/* Metrics of one side only are dropped: the verdicts tell about lost cases. */
static void drop_single_sided(struct comparison *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->nr_metrics; i++) {
		struct metric *m = &c->metrics[i];

		if (m->a.n && m->b.n) {
			c->metrics[n++] = *m;
			continue;
		}
		free(m->a.v);
		free(m->b.v);
	}
	c->nr_metrics = n;
}

int judge_all(struct comparison *c)
{
	size_t i;

	drop_single_sided(c);
	for (i = 0; i < c->nr_metrics; i++) {
		struct metric *m = &c->metrics[i];

		summarize(&m->a);
		summarize(&m->b);
		m->change = m->a.median == m->b.median ? 0 :
			(m->b.median - m->a.median) / fabs(m->a.median);
	}
	if (test_all(c))
		return -ENOMEM;
	for (i = 0; i < c->nr_metrics; i++) {
		struct metric *m = &c->metrics[i];

		if (m->deterministic)
			judge_exactly(c, m);
		else
			judge_by_rank(c, m);
		c->nr_state[m->state]++;
		c->nr_differ += m->differs;
		c->worse |= m->state == STATE_WORSE;
	}
	return 0;
}
