// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the histogram keep its promises: the error bound of its quantiles,
 * exact n/sum/min/max, and merging as if one histogram had seen it all?
 *
 * Method: a brute-force twin that sorts all samples, on random sets of many
 * shapes and on edge values.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/hist.h"

#define MAX_SAMPLES 3000

static const double bound = 1.0 / (2 << HIST_LG2_SUB);

static uint64_t rng_state;

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

/* Sample shapes: what a latency may look like. */
static uint64_t uniform_small(void) { return rng() % 100; }
static uint64_t uniform_large(void) { return rng() % 1000000; }
static uint64_t any_magnitude(void) { return rng() >> (24 + rng() % 40); }
static uint64_t constant(void) { return 12345; }
static uint64_t two_modes(void)
{
	return rng() % 10 ? 300 + rng() % 9 : 90000 + rng() % 5000;
}
static uint64_t powers(void)
{
	return (1ull << rng() % HIST_MAX_LG2) - rng() % 2;
}

static const struct {
	const char *name;
	uint64_t (*sample)(void);
} shapes[] = {
	{ "uniform_small", uniform_small },
	{ "uniform_large", uniform_large },
	{ "any_magnitude", any_magnitude },
	{ "constant", constant },
	{ "two_modes", two_modes },
	{ "powers", powers },
};

static const double fractions[] = {
	0, 1e-9, .001, .01, .1, .25, .5, .75, .9, .99, .999, .9999, 1,
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The twin: the sample of rank ceil(fraction * n), at least the first. */
static uint64_t true_quantile(const uint64_t *sorted, size_t n, double fraction)
{
	size_t rank = ceil(fraction * n);

	return sorted[rank ? rank - 1 : 0];
}

static void check_against_twin(const struct hist *h, uint64_t *v, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	qsort(v, n, sizeof(*v), by_value);
	for (i = 0; i < n; i++)
		sum += v[i];
	assert_int_equal(h->n, n);
	assert_int_equal(h->sum, sum);
	assert_int_equal(h->min, v[0]);
	assert_int_equal(h->max, v[n - 1]);
	for (i = 0; i < sizeof(fractions) / sizeof(fractions[0]); i++) {
		double want = true_quantile(v, n, fractions[i]);
		double got = hist_quantile(h, fractions[i]);

		if (fabs(got - want) > want * bound)
			fail_msg("quantile %g of %zu: %g, twin has %g",
				 fractions[i], n, got, want);
	}
}

static void test_error_bound(void **state)
{
	static uint64_t v[MAX_SAMPLES];
	struct hist *h = malloc(sizeof(*h));
	unsigned int shape, round;
	size_t n, i;

	rng_state = 0x9e3779b97f4a7c15;
	for (shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++)
		for (round = 0; round < 60; round++) {
			n = round < 8 ? round + 1 : 1 + rng() % MAX_SAMPLES;
			hist_reset(h);
			for (i = 0; i < n; i++) {
				v[i] = shapes[shape].sample();
				hist_add(h, v[i]);
			}
			check_against_twin(h, v, n);
		}
	free(h);
}

/* Would the property test see a histogram with too coarse bins? */
static void test_bound_is_tight(void **state)
{
	uint64_t value = HIST_NR_SUB * 1024ull;
	double low = hist_bin_low(hist_bin(value));
	double high = hist_bin_high(hist_bin(value)) - 1;

	/* The widest bin for its values reaches at least 98 % of the bound. */
	assert_true((high - low) / 2 / low > bound * .98);
	assert_true((high - low) / 2 / low <= bound);
}

static void test_bins_tile_the_numbers(void **state)
{
	unsigned int bin;

	assert_int_equal(hist_bin_low(0), 0);
	for (bin = 0; bin < HIST_NR_BINS - 1; bin++) {
		assert_int_equal(hist_bin_high(bin), hist_bin_low(bin + 1));
		assert_int_equal(hist_bin(hist_bin_low(bin)), bin);
		assert_int_equal(hist_bin(hist_bin_high(bin) - 1), bin);
	}
	assert_int_equal(hist_bin(hist_bin_low(bin)), bin);
	assert_int_equal(hist_bin(UINT64_MAX), bin);
}

static void test_bin_is_monotonic(void **state)
{
	unsigned int i;

	rng_state = 42;
	for (i = 0; i < 100000; i++) {
		uint64_t a = rng() >> rng() % 64, b = rng() >> rng() % 64;

		assert_true(a <= b ? hist_bin(a) <= hist_bin(b) :
				     hist_bin(a) >= hist_bin(b));
	}
}

static const struct {
	const char *name;
	uint64_t value;
	unsigned int bin;
} edges[] = {
	{ "zero", 0, 0 },
	{ "one", 1, 1 },
	{ "last single", HIST_NR_SUB - 1, HIST_NR_SUB - 1 },
	{ "first shared", HIST_NR_SUB, HIST_NR_SUB },
	{ "last below two wide", 2 * HIST_NR_SUB - 1, 2 * HIST_NR_SUB - 1 },
	{ "first two wide", 2 * HIST_NR_SUB, 2 * HIST_NR_SUB },
	{ "second of two wide", 2 * HIST_NR_SUB + 1, 2 * HIST_NR_SUB },
	{ "last in range", (1ull << HIST_MAX_LG2) - 1, HIST_NR_BINS - 1 },
	{ "first above", 1ull << HIST_MAX_LG2, HIST_NR_BINS - 1 },
	{ "largest", UINT64_MAX, HIST_NR_BINS - 1 },
};

static void test_edge_values(void **state)
{
	struct hist *h = malloc(sizeof(*h));
	unsigned int i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		if (hist_bin(edges[i].value) != edges[i].bin)
			fail_msg("%s: bin %u", edges[i].name,
				 hist_bin(edges[i].value));
		hist_reset(h);
		hist_add(h, edges[i].value);
		assert_true(hist_quantile(h, 0) == (double)edges[i].value);
		assert_true(hist_quantile(h, .5) == (double)edges[i].value);
		assert_true(hist_quantile(h, 1) == (double)edges[i].value);
		assert_true(hist_mean(h) == (double)edges[i].value);
	}
	free(h);
}

static void test_empty(void **state)
{
	struct hist *h = calloc(1, sizeof(*h)), *other = calloc(1, sizeof(*h));

	assert_true(hist_quantile(h, .5) == 0);
	assert_true(hist_mean(h) == 0);
	hist_add(other, 7);
	hist_merge(other, h);
	assert_int_equal(other->min, 7);
	assert_int_equal(other->n, 1);
	hist_merge(h, other);
	assert_memory_equal(h, other, sizeof(*h));
	free(h);
	free(other);
}

static void fill(struct hist *h, struct hist *all, unsigned int n)
{
	hist_reset(h);
	while (n--) {
		uint64_t v = any_magnitude();

		hist_add(h, v);
		hist_add(all, v);
	}
}

/* (a + b) + c == a + (b + c) == c + b + a == one histogram that saw it all */
static void test_merge(void **state)
{
	struct hist *h = calloc(7, sizeof(*h));
	unsigned int round;

	rng_state = 7;
	for (round = 0; round < 50; round++) {
		hist_reset(&h[3]);
		fill(&h[0], &h[3], rng() % 200);
		fill(&h[1], &h[3], rng() % 200);
		fill(&h[2], &h[3], rng() % 3);
		h[4] = h[0];
		hist_merge(&h[4], &h[1]);
		hist_merge(&h[4], &h[2]);
		h[5] = h[1];
		hist_merge(&h[5], &h[2]);
		hist_merge(&h[5], &h[0]);
		h[6] = h[2];
		hist_merge(&h[6], &h[1]);
		hist_merge(&h[6], &h[0]);
		if (!h[3].n)
			continue;
		assert_memory_equal(&h[3], &h[4], sizeof(*h));
		assert_memory_equal(&h[3], &h[5], sizeof(*h));
		assert_memory_equal(&h[3], &h[6], sizeof(*h));
	}
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_bound),
		cmocka_unit_test(test_bound_is_tight),
		cmocka_unit_test(test_bins_tile_the_numbers),
		cmocka_unit_test(test_bin_is_monotonic),
		cmocka_unit_test(test_edge_values),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_merge),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
