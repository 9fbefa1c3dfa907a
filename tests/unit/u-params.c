// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the driver and the rig refuse the same sizes, for the same reason?
 *
 * Method: random sizes, most of them at an edge, are checked as options
 * (params_check()) and as a rig's configuration (rig_check_sizes()), and
 * compared with a slow twin that lays out every region, memslot and word.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "bench/params.h"
#include "payload/order.h"
#include "rig/rig.h"

#define K ((uint64_t)1 << 10)
#define M ((uint64_t)1 << 20)
#define G ((uint64_t)1 << 30)
#define T ((uint64_t)1 << 40)

static const uint64_t bytes[] = {
	4 * K, 5000, 8 * K, 12 * K, 960 * K, M, 2 * M, 4 * M, 6 * M, 16 * M,
	G, 3 * G, 16 * T, 64 * T,
};
static const uint64_t pages[] = { 4 * K, 4 * K, 8 * K, 2 * M, G };
static const uint64_t units[] = { 64, 96, 128, 4 * K, 4 * K, M, 2 * M, G };
static const uint64_t slots[] = { 1, 1, 2, 3, 4, 5, 8, 16, 1024 };
static const uint64_t gpas[] = { 0, 0, 0, 4 * G, 8 * G, 8 * G + 4 * K, 16 * G };

#define PICK(state, list) \
	(list)[rng_next(state) % (sizeof(list) / sizeof((list)[0]))]

static void draw(struct params *p, uint64_t *state)
{
	p->vcpus = 1 + rng_next(state) % 8;
	p->overlap = rng_next(state) % 2;
	p->vcpu_bytes = PICK(state, bytes);
	p->backing = rng_next(state) % NR_BACKINGS;
	p->guest_page_bytes = PICK(state, pages);
	p->unit_bytes = PICK(state, units);
	p->slots = PICK(state, slots);
	p->gpa = PICK(state, gpas);
}

/* ---- the twin ------------------------------------------------------------ */

static bool regions_work(const struct params *p)
{
	uint64_t host = rig_backing_page_bytes(p->backing), end = 0;
	unsigned int i, regions = p->overlap ? 1 : p->vcpus;

	if (p->guest_page_bytes != 4 * K && p->guest_page_bytes != 2 * M &&
	    p->guest_page_bytes != G)
		return false;
	for (i = 0; i < regions; i++) {
		end += p->vcpu_bytes;
		if (end % host || end % p->guest_page_bytes || end > 64 * T)
			return false;
	}
	return !p->gpa || (p->gpa >= 8 * G && !(p->gpa % host) &&
			   !(p->gpa % p->guest_page_bytes));
}

static bool units_work(const struct params *p)
{
	unsigned int v, sharers = p->overlap ? p->vcpus : 1;
	uint64_t nr = p->vcpu_bytes / p->unit_bytes;

	for (v = 0; v < sharers; v++)
		if (GUEST_UNIT_WORD(v) + 8 > p->unit_bytes)
			return false;
	return __builtin_popcountll(p->unit_bytes) == 1 && nr > 0 &&
	       nr < 1u << ORDER_OP_SHIFT;
}

static bool slots_work(const struct params *p)
{
	uint64_t total = p->vcpu_bytes * (p->overlap ? 1 : p->vcpus), i;
	uint64_t host = rig_backing_page_bytes(p->backing);

	for (i = 1; i <= p->slots; i++)
		if (total * i % p->slots || total / p->slots * i % host)
			return false;
	return total / p->slots >= p->guest_page_bytes &&
	       total / p->slots >= host;
}

/* ---- the comparison ------------------------------------------------------ */

/* "option --NAME: text" and "words: text", with the same text. */
static void check_sentences(const struct params *p, const char *option,
			    const char *plain)
{
	const char *a = strstr(option, ": "), *b = strstr(plain, ": ");
	struct opt_set set = { params_opts, NULL, NULL };
	char name[32];

	assert_int_equal(sscanf(option, "option --%31[a-z-]: ", name), 1);
	assert_non_null(opt_find(&set, 1, name));
	assert_non_null(b);
	assert_string_equal(a, b);
	assert_null(strstr(plain, "--"));
}

static void test_same_answer(void **state)
{
	struct params p;
	struct opt_set set = { params_opts, &p, NULL };
	uint64_t seed = 11;
	unsigned int round, good = 0, bad = 0;

	assert_int_equal(opt_defaults(&set, 1, NULL), 0);
	for (round = 0; round < 20000; round++) {
		struct reason option = { "" }, plain = { "" };
		struct rig_config cfg;
		bool works;

		draw(&p, &seed);
		params_rig_config(&p, &cfg);
		works = regions_work(&p) && units_work(&p) && slots_work(&p);
		if (params_check(&p, &option) != (works ? 0 : -EINVAL))
			fail_msg("round %u: %s", round, option.text);
		assert_int_equal(rig_check_sizes(&cfg, NULL, &plain),
				 works ? 0 : -EINVAL);
		if (!works)
			check_sentences(&p, option.text, plain.text);
		good += works;
		bad += !works;
	}
	/* Neither side may be rare. */
	assert_true(good > 500 && bad > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_answer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("u-params", tests, NULL, NULL);
}
