// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conformance suite of the probes: what every member must do where there is
 * nothing to count.  Then, do they report what was counted between two reads,
 * to the right phase, and mark what they could not read?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe/probe.h"
#include "fixture.h"

#define ENGINE_STATS "/sys/module/kvm/parameters/mmu_stats"

static int64_t value_of(const struct kstat_sum *sum, const char *name)
{
	unsigned int i;

	for (i = 0; i < sum->nr; i++)
		if (!strcmp(sum->counts[i].name, name))
			return sum->counts[i].value;
	return -1;
}

static const struct probe_wish nothing = { .trace = "", .span = "" };

static void free_sums(struct probe_sum *sums)
{
	unsigned int i;

	for (i = 0; i < PROBES_MAX; i++)
		probe_sum_free(&sums[i]);
}

/* Nothing there and nothing asked for: the probe stays out and has no say. */
static void test_members(void **state)
{
	struct reason why;
	unsigned int i;

	fixture_begin();
	for (i = 0; probe_members[i]; i++) {
		const struct probe_ops *ops = probe_members[i];
		void *own = NULL;

		print_message("# %s: %s\n", ops->name, ops->summary);
		assert_non_null(ops->open);
		memset(&why, 0, sizeof(why));
		assert_int_equal(ops->open(&own, &nothing, &why), -ENOENT);
		assert_null(own);
		assert_string_equal(why.text, "");
		/* What is opened can be closed, and says something. */
		assert_int_equal(!ops->close, !ops->read && !ops->read_times);
	}
	assert_true(i > 0 && i <= PROBES_MAX);
	fixture_end();
}

static void test_engine(void **state)
{
	struct probe_sum a[PROBES_MAX] = { 0 }, b[PROBES_MAX] = { 0 };
	struct probe_set *set;
	struct reason why;

	fixture_begin();
	fixture_file(ENGINE_STATS, "map 10\nretry 3\n");
	set = probe_set_open(&nothing, &why);
	assert_non_null(set);
	fixture_file(ENGINE_STATS, "map 15\nretry 3\naged 7\n");
	probe_set_read(set, a);
	fixture_file(ENGINE_STATS, "map 16\nretry 3\naged 7\nno number\n");
	probe_set_read(set, NULL);
	fixture_file(ENGINE_STATS, "map 18\nretry 4\naged 7\n");
	probe_set_read(set, b);
	probe_set_close(set);
	fixture_end();
	assert_int_equal(value_of(&a[0].counts, "map"), 5);
	assert_int_equal(value_of(&a[0].counts, "retry"), 0);
	assert_int_equal(value_of(&a[0].counts, "aged"), 7);
	assert_int_equal(value_of(&b[0].counts, "map"), 2);
	assert_int_equal(value_of(&b[0].counts, "retry"), 1);
	assert_int_equal(value_of(&b[0].counts, "no"), -1);
	free_sums(a);
	free_sums(b);
}

/* What cannot be read marks the sum; the next phase is told of it, too. */
static void test_unreadable(void **state)
{
	struct probe_sum gone[PROBES_MAX] = { 0 }, next[PROBES_MAX] = { 0 };
	struct probe_sum good[PROBES_MAX] = { 0 }, longer[PROBES_MAX] = { 0 };
	char path[200], text[5000];
	struct probe_set *set;
	struct reason why;

	fixture_begin();
	fixture_file(ENGINE_STATS, "map 10\n");
	set = probe_set_open(&nothing, &why);
	assert_non_null(set);
	snprintf(path, sizeof(path), "%s" ENGINE_STATS, fixture_dir());
	assert_int_equal(unlink(path), 0);
	probe_set_read(set, gone);
	fixture_file(ENGINE_STATS, "map 16\n");
	probe_set_read(set, next);
	fixture_file(ENGINE_STATS, "map 18\n");
	probe_set_read(set, good);
	memset(text, ' ', sizeof(text));
	snprintf(text + sizeof(text) - 10, 10, "map 19\n");
	fixture_file(ENGINE_STATS, text);
	probe_set_read(set, longer);
	probe_set_close(set);
	fixture_end();
	assert_int_equal(gone[0].counts.err, -ENOENT);
	assert_int_equal(next[0].counts.err, -ENOENT);
	assert_int_equal(good[0].counts.err, 0);
	assert_int_equal(value_of(&good[0].counts, "map"), 2);
	assert_int_equal(longer[0].counts.err, -E2BIG);
	free_sums(gone);
	free_sums(next);
	free_sums(good);
	free_sums(longer);
}

static void test_nothing_there(void **state)
{
	static const struct probe_wish trace = { .trace = "kvm:*" };
	static const struct probe_wish span = { .span = "a:b..c:d" };
	struct probe_sum sums[PROBES_MAX] = { 0 };
	struct probe_set *set;
	struct reason why;

	fixture_begin();
	set = probe_set_open(&nothing, &why);
	assert_non_null(set);
	probe_set_read(set, sums);
	assert_int_equal(sums[0].counts.nr + sums[1].counts.nr, 0);
	probe_set_close(set);
	probe_set_read(NULL, sums);
	/* Asked for, and this host cannot. */
	assert_null(probe_set_open(&trace, &why));
	assert_int_equal(why.ending, ENDING_SKIP);
	assert_null(probe_set_open(&span, &why));
	assert_int_equal(why.ending, ENDING_SKIP);
	fixture_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_engine),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_nothing_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
