// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a record marked INVALID when the CPU was too hot meanwhile, and only then?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/throttle.h"
#include "fixture.h"

#define CPU "/sys/devices/system/cpu/"
#define CORE0 CPU "cpu0/thermal_throttle/core_throttle_count"
#define PACKAGE11 CPU "cpu11/thermal_throttle/package_throttle_count"

static int begin(void **state)
{
	fixture_begin();
	fixture_file(CPU "cpufreq/thermal_throttle/core_throttle_count", "7\n");
	return 0;
}

static int end(void **state)
{
	fixture_end();
	return 0;
}

/* The verdict of a record that saw the count grow from @before. */
static enum verdict verdict_after(uint64_t before)
{
	struct rec *r = rec_open(NULL, "a.b", NULL);
	enum verdict v;

	assert_non_null(r);
	throttle_judge(r, before);
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, &v, NULL), 0);
	return v;
}

static void test_nobody_counts(void **state)
{
	assert_int_equal(throttle_count(), 0);
	assert_int_equal(verdict_after(0), VERDICT_PASS);
}

static void test_counts(void **state)
{
	fixture_file(CORE0, "3\n");
	fixture_file(PACKAGE11, "40\n");
	assert_int_equal(throttle_count(), 43);
	assert_int_equal(verdict_after(43), VERDICT_PASS);
	fixture_file(PACKAGE11, "41\n");
	assert_int_equal(verdict_after(43), VERDICT_INVALID);
	fixture_file(CORE0, "damaged\n");
	assert_int_equal(throttle_count(), 41);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nobody_counts, begin, end),
		cmocka_unit_test_setup_teardown(test_counts, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
