// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does delta debugging end with what is needed, also if trials fail by chance?
 *
 * Method: sets that are needed are chosen, a trial says whether it holds them
 * all; every set of up to three of ten things, and random larger ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/ddmin.h"
#include "base/rng.h"

struct trial {
	uint64_t needed, other;	/* one of the two does it */
	uint64_t rng;		/* unless 0, every fourth trial fails */
	unsigned int nr, most;
	uint64_t last;		/* the last set that did it */
};

static bool does(void *arg, uint64_t set)
{
	struct trial *t = arg;

	t->nr++;
	if (t->rng && rng_next(&t->rng) % 4 == 0)
		return false;
	if ((set & t->needed) != t->needed && (set & t->other) != t->other)
		return false;
	t->last = set;
	return true;
}

static bool is_enough(void *arg)
{
	struct trial *t = arg;

	return t->nr >= t->most;
}

static uint64_t search(struct trial *t, uint64_t all, bool suspects)
{
	const struct ddmin d = {
		.does = does, .is_enough = t->most ? is_enough : NULL, .arg = t,
	};

	t->nr = 0;
	t->last = all;
	if (!t->other)
		t->other = ~0ull;
	return suspects ? ddmin_suspects(&d, all) : ddmin(&d, all);
}

static void finds_every_small_set(void **state)
{
	struct trial t;
	uint64_t set;

	for (set = 1; set < 1 << 10; set++) {
		if (__builtin_popcountll(set) > 3)
			continue;
		t = (struct trial){ .needed = set };
		assert_true(search(&t, 0x3ff, false) == set);
		assert_true(search(&t, 0x3ff, true) == set);
	}
}

static void finds_large_sets_of_many(void **state)
{
	uint64_t rng = 7, all = ~0ull >> 1, set;
	struct trial t;
	int i;

	for (i = 0; i < 200; i++) {
		set = rng_next(&rng) & rng_next(&rng) & all;
		set = set ? set : 1;
		t = (struct trial){ .needed = set };
		assert_true(search(&t, all, i & 1) == set);
	}
}

/* The first things are suspects: they are few trials away. */
static void suspects_are_cheap(void **state)
{
	struct trial t = { .needed = 3 };

	assert_true(search(&t, ~0ull >> 40, true) == 3);
	assert_in_range(t.nr, 1, 6);
}

/* Of two ways to do it, either is minimal. */
static void keeps_one_of_two_ways(void **state)
{
	struct trial t = { .needed = 0x11, .other = 0x300 };
	uint64_t got = search(&t, 0x3ff, false);

	assert_true(got == 0x11 || got == 0x300);
}

/* A trial that fails by chance leaves more, and never what was not seen. */
static void result_was_seen_to_do_it(void **state)
{
	uint64_t seed, got;

	for (seed = 1; seed < 500; seed++) {
		struct trial t = { .needed = 0x84, .rng = seed };

		got = search(&t, 0xffff, seed & 1);
		assert_true(got == t.last);
		assert_true((got & 0x84) == 0x84);
	}
}

static void stops_when_told(void **state)
{
	struct trial t = { .needed = 0x84, .most = 5 };
	uint64_t got = search(&t, 0xffff, false);

	assert_in_range(t.nr, 1, 5);
	assert_true(got == t.last && (got & 0x84) == 0x84);
}

static void one_thing_needs_no_trial(void **state)
{
	struct trial t = { .needed = 8 };

	assert_true(search(&t, 8, false) == 8);
	assert_true(search(&t, 8, true) == 8);
	assert_true(search(&t, 0, true) == 0);
	assert_int_equal(t.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_small_set),
		cmocka_unit_test(finds_large_sets_of_many),
		cmocka_unit_test(suspects_are_cheap),
		cmocka_unit_test(keeps_one_of_two_ways),
		cmocka_unit_test(result_was_seen_to_do_it),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(one_thing_needs_no_trial),
	};

	return cmocka_run_group_tests_name("ddmin", tests, NULL, NULL);
}
