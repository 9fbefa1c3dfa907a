// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the statistics right?  Against brute force over all choices, against
 * values worked out by hand, and against what they promise.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/stats.h"

static uint64_t rng_state = 1234567;

static double uniform(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (rng_state >> 11) * 0x1p-53;
}

static int near(double a, double b, double relative)
{
	return fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

/* Twice the U of the samples picked by @mask: wins count 2, ties 1. */
static unsigned int u2_of(const double *v, unsigned int n, unsigned int mask)
{
	unsigned int i, j, u2 = 0;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			if ((mask >> i & 1) && !(mask >> j & 1))
				u2 += v[i] > v[j] ? 2 : v[i] == v[j];
	return u2;
}

/* The twin: every way to pick na of the pooled samples. */
static double brute_p(const double *v, unsigned int na, unsigned int n)
{
	unsigned int mask, observed = u2_of(v, n, (1u << na) - 1);
	double below = 0, above = 0, all = 0;

	for (mask = 0; mask < 1u << n; mask++) {
		if (__builtin_popcount(mask) != (int)na)
			continue;
		all++;
		below += u2_of(v, n, mask) <= observed;
		above += u2_of(v, n, mask) >= observed;
	}
	return fmin(1, 2 * fmin(below, above) / all);
}

static void test_u_against_brute_force(void **state)
{
	unsigned int round, n, na, i;
	double v[11];

	for (round = 0; round < 150; round++) {
		n = 2 + uniform() * 9;
		na = 1 + uniform() * (n - 1);
		for (i = 0; i < n; i++)
			/* Half of the rounds are full of ties. */
			v[i] = round % 2 ? uniform() : floor(uniform() * 4);
		if (!near(stats_mann_whitney(v, na, v + na, n - na),
			  brute_p(v, na, n), 1e-9))
			fail_msg("round %u, %u of %u", round, na, n);
	}
}

/* Complete separation: 2 of C(2n, n) choices are as far apart. */
static void test_u_known_values(void **state)
{
	static const struct {
		unsigned int n;
		double p;
	} rows[] = {
		{ 3, 2. / 20 }, { 5, 2. / 252 }, { 6, 2. / 924 },
		{ 7, 2. / 3432 }, { 10, 2. / 184756 },
	};
	double a[10], b[10];
	unsigned int i, j;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (j = 0; j < rows[i].n; j++) {
			a[j] = j;
			b[j] = 100 + j;
		}
		assert_true(near(stats_mann_whitney(a, rows[i].n, b, rows[i].n),
				 rows[i].p, 1e-9));
		assert_true(near(stats_mann_whitney(b, rows[i].n, a, rows[i].n),
				 rows[i].p, 1e-9));
	}
	assert_true(stats_mann_whitney(a, 10, a, 10) == 1);
	assert_true(stats_mann_whitney(a, 0, b, 5) == 1);
}

/* Both methods agree where they meet. */
/* The closed form is what the test says of two sides that lie apart. */
static void test_least_p(void **state)
{
	double a[10], b[10];
	unsigned int na, nb;

	for (na = 0; na < 10; na++) {
		a[na] = na;
		b[na] = 100 + na;
	}
	for (na = 0; na <= 10; na++)
		for (nb = 0; nb <= 10; nb++)
			assert_true(near(stats_least_p(na, nb),
					 stats_mann_whitney(a, na, b, nb), 1e-9));
}

static void test_u_normal_meets_exact(void **state)
{
	double a[31], b[31], exact, normal;
	unsigned int i, round;

	for (round = 0; round < 40; round++) {
		for (i = 0; i < 31; i++) {
			a[i] = floor(uniform() * 50);
			b[i] = floor(uniform() * 50 + 10);
		}
		exact = stats_mann_whitney(a, 30, b, 30);
		normal = stats_mann_whitney(a, 31, b, 30);
		/* One sample more cannot move a p of 0.01..1 very far. */
		if (exact > .01)
			assert_true(fabs(exact - normal) < .12);
	}
}

/* The level holds: of A/A comparisons at most alpha are called different. */
static void test_u_false_alarms(void **state)
{
	unsigned int round, i, alarms = 0;
	double a[8], b[8];

	for (round = 0; round < 4000; round++) {
		for (i = 0; i < 8; i++) {
			a[i] = exp(uniform() * 3);
			b[i] = exp(uniform() * 3);
		}
		alarms += stats_mann_whitney(a, 8, b, 8) < .05;
	}
	/* Expect at most 200, 4 standard deviations are 55. */
	assert_in_range(alarms, 80, 255);
}

static void test_median(void **state)
{
	double v[] = { 5, 1, 4, 2, 3 };

	stats_sort(v, 5);
	assert_true(v[0] == 1 && v[4] == 5);
	assert_true(stats_median(v, 5) == 3);
	assert_true(stats_median(v, 4) == 2.5);
	assert_true(stats_median(v, 1) == 1);
	assert_true(isnan(stats_median(v, 0)));
}

/* n, confidence, rank of the lower end (from 1), as tables have them */
static const struct {
	unsigned int n;
	double confidence;
	unsigned int low_rank;
} intervals[] = {
	{ 5, .95, 1 }, { 6, .95, 1 }, { 9, .95, 2 }, { 10, .95, 2 },
	{ 12, .95, 3 }, { 20, .95, 6 }, { 20, .99, 4 }, { 1, .95, 1 },
};

static void test_median_ci(void **state)
{
	double v[20], low, high, coverage;
	unsigned int i;

	for (i = 0; i < 20; i++)
		v[i] = i + 1;
	for (i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		coverage = stats_median_ci(v, intervals[i].n,
					   intervals[i].confidence, &low, &high);
		if (low != intervals[i].low_rank ||
		    high != intervals[i].n + 1 - intervals[i].low_rank)
			fail_msg("n %u: [%g, %g]", intervals[i].n, low, high);
		if (intervals[i].n > 5)
			assert_true(coverage >= intervals[i].confidence);
	}
	/* Five samples cannot cover 95 %: 1 - 2/32. */
	coverage = stats_median_ci(v, 5, .95, &low, &high);
	assert_true(near(coverage, .9375, 1e-9));
}

static void test_median_ci_covers(void **state)
{
	unsigned int round, i, hit = 0;
	double v[15], low, high;

	for (round = 0; round < 2000; round++) {
		for (i = 0; i < 15; i++)
			v[i] = pow(uniform(), 3);
		stats_sort(v, 15);
		stats_median_ci(v, 15, .95, &low, &high);
		hit += low <= .125 && high >= .125;
	}
	assert_true(hit >= 1900);
}

static void test_holm(void **state)
{
	double p[] = { .01, .04, .03, .005 }, one[] = { .2 };
	static const double want[] = { .03, .06, .06, .02 };
	unsigned int i;

	stats_holm(p, 4);
	for (i = 0; i < 4; i++)
		assert_true(near(p[i], want[i], 1e-12));
	stats_holm(one, 1);
	assert_true(one[0] == .2);
	stats_holm(one, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u_against_brute_force),
		cmocka_unit_test(test_u_known_values),
		cmocka_unit_test(test_u_normal_meets_exact),
		cmocka_unit_test(test_least_p),
		cmocka_unit_test(test_u_false_alarms),
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_median_ci),
		cmocka_unit_test(test_median_ci_covers),
		cmocka_unit_test(test_holm),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
