// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts, their exit statuses and order; where a record says it was made. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "record/place.h"
#include "record/verdict.h"

static const struct {
	enum verdict v;
	const char *name;
	int code;
	enum verdict back;	/* what the code alone tells */
} rows[] = {
	{ VERDICT_PASS, "pass", 0, VERDICT_PASS },
	{ VERDICT_SKIP, "skip", 4, VERDICT_SKIP },
	{ VERDICT_USAGE, "usage", 64, VERDICT_USAGE },
	{ VERDICT_INVALID, "invalid", 1, VERDICT_FAIL },
	{ VERDICT_FAIL, "fail", 1, VERDICT_FAIL },
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static void test_names_and_codes(void **state)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		assert_string_equal(verdict_name(rows[i].v), rows[i].name);
		assert_int_equal(verdict_exit_code(rows[i].v), rows[i].code);
		assert_int_equal(verdict_of_exit(rows[i].code), rows[i].back);
	}
	assert_int_equal(verdict_of_exit(EXIT_SIGNAL + 15), VERDICT_FAIL);
	assert_int_equal(verdict_of_exit(254), VERDICT_FAIL);
}

/* The rows stand in the order of their weight. */
static void test_worse(void **state)
{
	size_t a, b, worse;

	for (a = 0; a < NR_ROWS; a++) {
		for (b = 0; b < NR_ROWS; b++) {
			worse = a > b ? a : b;
			assert_int_equal(verdict_worse(rows[a].v, rows[b].v),
					 rows[worse].v);
		}
	}
}

static void test_both(void **state)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		assert_int_equal(verdict_both(VERDICT_SKIP, rows[i].v), rows[i].v);
		assert_int_equal(verdict_both(rows[i].v, VERDICT_SKIP), rows[i].v);
	}
	assert_int_equal(verdict_both(VERDICT_PASS, VERDICT_FAIL), VERDICT_FAIL);
	assert_int_equal(verdict_both(VERDICT_INVALID, VERDICT_USAGE),
			 VERDICT_INVALID);
}

static const struct {
	const char *place, *emulator, *clock;
	const char *name;	/* of the place, then */
	bool emulated;
	const char *wrong;	/* in the sentence, or NULL */
} places[] = {
	{ "", "", "", "host", false, NULL },
	{ "intel-noad", "bochs", "virtual", "intel-noad", true, NULL },
	{ "a_b-2", "", "emulated", "a_b-2", false, NULL },
	{ "../up", "", "", "../up", false, "MMUBENCH_PLACE is '../up'" },
	{ "a b", "", "", "a b", false, "MMUBENCH_PLACE" },
	{ "", "", "sundial", "host", false, "MMUBENCH_CLOCK is 'sundial'" },
};

static void test_places(void **state)
{
	struct reason why;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		setenv("MMUBENCH_PLACE", places[i].place, 1);
		setenv("MMUBENCH_EMULATOR", places[i].emulator, 1);
		setenv("MMUBENCH_CLOCK", places[i].clock, 1);
		assert_string_equal(place_name(), places[i].name);
		assert_int_equal(place_emulated(), places[i].emulated);
		assert_int_equal(place_check(&why),
				 places[i].wrong ? -EINVAL : 0);
		if (places[i].wrong)
			assert_non_null(strstr(why.text, places[i].wrong));
	}
	unsetenv("MMUBENCH_PLACE");
	unsetenv("MMUBENCH_EMULATOR");
	unsetenv("MMUBENCH_CLOCK");
	assert_string_equal(place_name(), "host");
	assert_string_equal(place_emulator(), "none");
	assert_string_equal(place_clock(), "wall");
}

static void test_clocks(void **state)
{
	assert_int_equal(place_clock_of("wall"), CLOCK_WALL);
	assert_int_equal(place_clock_of("virtual"), CLOCK_VIRTUAL);
	assert_int_equal(place_clock_of("emulated"), CLOCK_EMULATED);
	assert_int_equal(place_clock_of("WALL"), -1);
	assert_int_equal(place_clock_of(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_codes),
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_clocks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
