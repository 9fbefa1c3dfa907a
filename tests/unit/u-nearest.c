// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the number of edits between two names right, and is the name found that
 * a misspelt one was meant to be?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"
#include "base/rng.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The textbook recursion, to check the table-driven one against. */
static unsigned int slow_distance(const char *a, size_t la, const char *b,
				  size_t lb)
{
	unsigned int best, d;

	if (!la || !lb)
		return la + lb;
	best = slow_distance(a, la - 1, b, lb) + 1;
	d = slow_distance(a, la, b, lb - 1) + 1;
	best = d < best ? d : best;
	d = slow_distance(a, la - 1, b, lb - 1) + (a[la - 1] != b[lb - 1]);
	best = d < best ? d : best;
	if (la > 1 && lb > 1 && a[la - 1] == b[lb - 2] &&
	    a[la - 2] == b[lb - 1]) {
		d = slow_distance(a, la - 2, b, lb - 2) + 1;
		best = d < best ? d : best;
	}
	return best;
}

static void random_word(uint64_t *seed, char *word)
{
	size_t len = rng_next(seed) % 7, i;

	for (i = 0; i < len; i++)
		word[i] = 'a' + rng_next(seed) % 3;
	word[len] = '\0';
}

static void test_distance(void **state)
{
	uint64_t seed = 42;
	char a[8], b[8];
	int i;

	assert_int_equal(nearest_distance("", ""), 0);
	assert_int_equal(nearest_distance("vcpus", "vcpu"), 1);
	assert_int_equal(nearest_distance("vcpus", "vpcus"), 1);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	for (i = 0; i < 500; i++) {
		random_word(&seed, a);
		random_word(&seed, b);
		assert_int_equal(nearest_distance(a, b),
				 slow_distance(a, strlen(a), b, strlen(b)));
	}
}

static void test_nearest(void **state)
{
	static const char *const names[] = {
		"dirty_log.harvest.ring.pct10", "dirty_log.harvest.get.pct10",
		"fast_pf.latency.map", "seq", NULL
	};
	static const struct {
		const char *typed, *nearest;
	} rows[] = {
		{ "dirty_log.harvest.rnig.pct10", "dirty_log.harvest.ring.pct10" },
		{ "dirty_log.harvest.got.pct10", "dirty_log.harvest.get.pct10" },
		{ "fast_pf.latncy.map", "fast_pf.latency.map" },
		{ "sqe", "seq" },
		{ "seq", "seq" },
		{ "xyz", NULL },
		{ "", NULL },
		{ "something else altogether", NULL },
	};
	const char *got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		got = nearest_name(rows[i].typed, names);
		if (!rows[i].nearest)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].nearest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_nearest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
