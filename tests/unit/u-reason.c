// SPDX-License-Identifier: GPL-2.0-only
/* A reason carries the ending that the place which set it has named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/reason.h"
#include "record/verdict.h"

static const struct {
	int (*fn)(struct reason *why, int err, const char *fmt, ...);
	int err;
	enum ending ending;
	enum verdict verdict;
	int exit_code;
} rows[] = {
	{ reason_set, -EIO, ENDING_FAIL, VERDICT_FAIL, 1 },
	{ reason_set, -EOPNOTSUPP, ENDING_FAIL, VERDICT_FAIL, 1 },
	{ reason_set, -EINVAL, ENDING_FAIL, VERDICT_FAIL, 1 },
	{ reason_skip, -EOPNOTSUPP, ENDING_SKIP, VERDICT_SKIP, 4 },
	{ reason_skip, -EIO, ENDING_SKIP, VERDICT_SKIP, 4 },
	{ reason_usage, -EINVAL, ENDING_USAGE, VERDICT_USAGE, 64 },
	{ reason_usage, -EACCES, ENDING_USAGE, VERDICT_USAGE, 64 },
	{ reason_invalid, -EAGAIN, ENDING_INVALID, VERDICT_INVALID, 1 },
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Whatever was in it before. */
static void test_endings(void **state)
{
	struct reason why;
	size_t i, before;

	for (i = 0; i < NR_ROWS; i++) {
		for (before = 0; before < NR_ROWS; before++) {
			rows[before].fn(&why, rows[before].err, "older");
			assert_int_equal(rows[i].fn(&why, rows[i].err, "%s %d",
						    "row", (int)i),
					 rows[i].err);
			assert_int_equal(why.err, rows[i].err);
			assert_int_equal(why.ending, rows[i].ending);
			assert_int_equal(strncmp(why.text, "row ", 4), 0);
		}
		assert_int_equal(verdict_of_ending(why.ending),
				 rows[i].verdict);
		assert_int_equal(verdict_exit_code(rows[i].verdict),
				 rows[i].exit_code);
	}
}

static void test_nobody_listens(void **state)
{
	const struct reason inner = { "text", -EIO, ENDING_SKIP };
	size_t i;

	for (i = 0; i < NR_ROWS; i++)
		assert_int_equal(rows[i].fn(NULL, rows[i].err, "x"),
				 rows[i].err);
	assert_int_equal(reason_pass_on(NULL, &inner, "who"), -EIO);
	assert_int_equal(reason_was_probe(NULL, -EIO), -EIO);
}

/* Text that was cut stays text. */
static void test_long_text(void **state)
{
	char text[600];
	struct reason why;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	reason_skip(&why, -EIO, "%s", text);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	assert_int_equal(why.ending, ENDING_SKIP);
}

static void test_pass_on(void **state)
{
	struct reason inner, why;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		rows[i].fn(&inner, rows[i].err, "100%% sure");
		reason_usage(&why, -ENOENT, "older");
		assert_int_equal(reason_pass_on(&why, &inner, NULL), rows[i].err);
		assert_memory_equal(&why.ending, &inner.ending,
				    sizeof(why.ending));
		assert_int_equal(why.err, rows[i].err);
		assert_string_equal(why.text, "100% sure");
		reason_pass_on(&why, &inner, "ager");
		assert_int_equal(why.ending, rows[i].ending);
		assert_string_equal(why.text, "ager: 100% sure");
	}
}

static void test_was_probe(void **state)
{
	struct reason why;

	reason_set(&why, -EACCES, "cannot mount it");
	assert_int_equal(reason_was_probe(&why, -EACCES), -EACCES);
	assert_int_equal(why.ending, ENDING_SKIP);
	assert_int_equal(why.err, -EACCES);
	assert_string_equal(why.text, "cannot mount it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_pass_on),
		cmocka_unit_test(test_was_probe),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
