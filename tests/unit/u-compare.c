// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a comparison find what got worse, and nothing where nothing did?
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/fmt.h"
#include "compare/compare.h"
#include "record/rec.h"
#include "sample.h"

static char top[40];

static int setup(void **state)
{
	return sample_tmpdir(top) ? 0 : -1;
}

static int teardown(void **state)
{
	sample_rmdir(top);
	return 0;
}

static const char *dir_of(const char *name)
{
	static char paths[4][200];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

/* @rounds repeats of the sample run in directory @name. */
static void make_runs(const char *name, unsigned int rounds, uint64_t seed,
		      double slower, int64_t more_flushes)
{
	struct sample_tweak t = { .slower = slower, .more_flushes = more_flushes };
	char path[200];
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		t.seed = seed + i;
		snprintf(path, sizeof(path), "%s/%s/%u", top, name, i);
		assert_int_equal(sample_run(path, &t), 0);
	}
}

static int compare(const char *a, const char *b,
		   const struct compare_options *o, char **text)
{
	struct reason why = {};
	size_t len;
	FILE *f = open_memstream(text, &len);
	int ret = compare_runs(dir_of(a), dir_of(b), o, f, &why);

	fclose(f);
	if (ret < 0)
		fail_msg("%s", why.text);
	return ret;
}

static void check_width(char *text)
{
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (fmt_columns(line) > FMT_WIDTH)
			fail_msg("%u columns: %s", fmt_columns(line), line);
}

/*
 * rounds a side, factor, flushes more -> exit status and a word of the text.
 * The sample has the same virtual places with the same seed on both sides,
 * so factor and flushes show there with a single round.
 */
static const struct {
	unsigned int rounds;
	double slower;
	int64_t more_flushes;
	int status;
	const char *shows;
} rows[] = {
	{ 8, 1, 0, 0, " 0 worse," },
	{ 8, 1.10, 0, 1, "verdict: worse" },
	{ 8, .90, 0, 0, "better" },
	{ 1, 1, 1, 1, "exact WORSE" },
	{ 1, 1, -1, 0, "exact better" },
	{ 1, 1.10, 0, 1, "exact WORSE" },
	{ 8, 1.01, 0, 0, " 0 worse," },		/* below the floor */
};

static void test_rows(void **state)
{
	char a[20], b[20], *text;
	unsigned int i;
	int status;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(a, sizeof(a), "a%u", i);
		snprintf(b, sizeof(b), "b%u", i);
		make_runs(a, rows[i].rounds, 1, 1, 0);
		make_runs(b, rows[i].rounds, 100, rows[i].slower,
			  rows[i].more_flushes);
		status = compare(a, b, NULL, &text);
		if (status != rows[i].status || !strstr(text, rows[i].shows))
			fail_msg("row %u: status %d\n%s", i, status, text);
		check_width(text);
		free(text);
	}
}

static void test_json(void **state)
{
	const struct compare_options o = { .format = COMPARE_JSON };
	json_t *all, *m;
	char *text;
	size_t i, worse = 0, decided = 0;

	make_runs("ja", 7, 1, 1, 0);
	make_runs("jb", 7, 50, 1.2, 0);
	assert_int_equal(compare("ja", "jb", &o, &text), 1);
	all = json_loads(text, 0, NULL);
	assert_non_null(all);
	assert_string_equal(json_string_value(json_object_get(all, "verdict")),
			    "worse");
	json_array_foreach(json_object_get(all, "metrics"), i, m) {
		const char *s = json_string_value(json_object_get(m, "state"));

		worse += !strcmp(s, "worse");
		decided += json_is_number(json_object_get(m, "p"));
		if (strcmp(s, "worse"))
			continue;
		assert_non_null(strstr(json_string_value(
			json_object_get(m, "name")), "latency"));
		assert_true(json_number_value(json_object_get(m, "change")) > .1);
	}
	assert_true(worse >= 8 && decided >= 8);
	json_decref(all);
	free(text);
}

/* A difference far below the default floor is news when asked for. */
static void test_options(void **state)
{
	const struct compare_options fine = { .floor_pct = .5, .time_tolerance = 1 };
	char *text;

	make_runs("oa", 10, 1, 1, 0);
	make_runs("ob", 10, 50, 1.05, 0);
	assert_int_equal(compare("oa", "ob", &fine, &text), 1);
	assert_null(strstr(text, "exact WORSE"));
	free(text);
	assert_int_equal(compare("oa", "ob", &(struct compare_options){
		.floor_pct = 50, .time_tolerance = 1 }, &text), 0);
	free(text);
	assert_int_equal(compare("oa", "ob", &(struct compare_options){
		.alpha = 1e-9, .time_tolerance = 1 }, &text), 0);
	free(text);
	/* Virtual times have the floor too. */
	make_runs("of", 1, 1, 1, 0);
	make_runs("og", 1, 1, 1.01, 0);
	assert_int_equal(compare("of", "og", &(struct compare_options){
		.floor_pct = .5 }, &text), 1);
	assert_non_null(strstr(text, "exact WORSE"));
	free(text);
	assert_int_equal(compare("of", "og", NULL, &text), 0);
	assert_null(strstr(text, "no difference"));
	free(text);
}

/* @rounds records with @nr times each, all of them @factor times as long. */
static void many_times(const char *name, unsigned int rounds, unsigned int nr,
		       double factor)
{
	char dir[200], metric[20];
	unsigned int i, j;
	struct rec *r;

	for (i = 0; i < rounds; i++) {
		snprintf(dir, sizeof(dir), "%s/%u", dir_of(name), i);
		r = rec_open(dir, "a.case", NULL);
		for (j = 0; j < nr; j++) {
			snprintf(metric, sizeof(metric), "time%u", j);
			rec_value(r, metric, (1000 + 7 * i + j) * factor, "ns",
				  BETTER_LOWER);
		}
		/* Neither a constant nor a figure without direction counts. */
		rec_value(r, "constant", 5, "ns", BETTER_LOWER);
		rec_value(r, "neutral", 5 + i, "ns", BETTER_NONE);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
}

/*
 * The smallest p of n rounds a side is 2 / (2n over n): 0.00216 for six.  Ten
 * times as long is worse where that can be told, and never "the same".
 */
static const struct {
	unsigned int rounds, nr;
	int status;
	const char *shows;
} power[] = {
	{ 6, 4, 1, " 4 worse," },
	{ 6, 5, 0, "5 metrics that do not repeat need at least 7 rounds" },
	{ 6, 500, 0, " 0 worse, 0 changed, 0 by chance, 500 undecided" },
	{ 9, 500, 0, "at least 10 rounds" },
	{ 10, 500, 1, " 500 worse," },
	{ 5, 2, 0, "at least 6 rounds" },
};

static void test_power(void **state)
{
	char a[20], b[20], *text, *c;
	unsigned int i;
	int status;

	for (i = 0; i < sizeof(power) / sizeof(power[0]); i++) {
		snprintf(a, sizeof(a), "wa%u", i);
		snprintf(b, sizeof(b), "wb%u", i);
		many_times(a, power[i].rounds, power[i].nr, 1);
		many_times(b, power[i].rounds, power[i].nr, 10);
		status = compare(a, b, NULL, &text);
		for (c = text; (c = strchr(c, '\n')); )
			*c = ' ';
		if (status != power[i].status || !strstr(text, power[i].shows))
			fail_msg("row %u: status %d\n%s", i, status, text);
		free(text);
	}
}

static void one_record(const char *name, enum verdict v, const char *text)
{
	struct rec *r = rec_open(dir_of(name), "a.case", NULL);

	rec_count(r, "faults", 5, "faults", BETTER_LOWER);
	assert_int_equal(rec_close(r, v, text, NULL, NULL), 0);
}

static const struct {
	enum verdict from, to;
	int status;
} turns[] = {
	{ VERDICT_PASS, VERDICT_PASS, 0 },
	{ VERDICT_PASS, VERDICT_FAIL, 1 },
	{ VERDICT_PASS, VERDICT_INVALID, 1 },
	{ VERDICT_PASS, VERDICT_SKIP, 1 },
	{ VERDICT_FAIL, VERDICT_PASS, 0 },
	{ VERDICT_SKIP, VERDICT_FAIL, 1 },
	{ VERDICT_SKIP, VERDICT_PASS, 0 },
	{ VERDICT_INVALID, VERDICT_FAIL, 1 },
};

static void test_verdicts(void **state)
{
	unsigned int i;
	char *text;

	for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		one_record("va", turns[i].from, "some reason");
		one_record("vb", turns[i].to, "some reason");
		if (compare("va", "vb", NULL, &text) != turns[i].status)
			fail_msg("turn %u:\n%s", i, text);
		/* Two failures are no two equal figures. */
		if (turns[i].from != VERDICT_PASS &&
		    strstr(text, "no difference"))
			fail_msg("turn %u:\n%s", i, text);
		free(text);
	}
}

static void test_lost_case(void **state)
{
	struct rec *r;
	char *text;

	one_record("la", VERDICT_PASS, NULL);
	one_record("lb", VERDICT_PASS, NULL);
	r = rec_open(dir_of("la"), "b.lost", NULL);
	rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	assert_int_equal(compare("la", "lb", NULL, &text), 1);
	assert_non_null(strstr(text, "b.lost was pass and is absent"));
	free(text);
	assert_int_equal(compare("lb", "la", NULL, &text), 0);
	free(text);
}

/* Rounds of one virtual case, one count each; 0 ends them. */
static void count_rounds(const char *name, const int *counts)
{
	char dir[200];
	struct rec *r;

	setenv("MMUBENCH_CLOCK", "virtual", 1);
	for (; *counts; counts++) {
		snprintf(dir, sizeof(dir), "%s/%p", dir_of(name),
			 (void *)counts);
		r = rec_open(dir, "a.case", NULL);
		rec_count(r, "faults", *counts, "faults", BETTER_LOWER);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
	unsetenv("MMUBENCH_CLOCK");
}

/* What varies within a side must be further apart than it varies. */
static const struct {
	int a[4], b[4], status;
	const char *shows, *cases;
} chances[] = {
	{ { 5 }, { 5 }, 0, "verdict: no difference", "" },
	{ { 5, 5, 5 }, { 5, 5, 5 }, 0, "verdict: no difference", "" },
	{ { 5, 5, 5 }, { 6, 6, 6 }, 1, "exact WORSE", "host a.case\n" },
	{ { 1000 }, { 1001 }, 1, "exact WORSE", "host a.case\n" },
	{ { 5, 6, 5 }, { 6, 6, 6 }, 0, "varies chance", "host a.case\n" },
	{ { 50, 60 }, { 65, 70 }, 0, " 1 by chance,", "host a.case\n" },
	{ { 50, 60 }, { 75, 80 }, 1, "varies WORSE", "host a.case\n" },
	{ { 50, 60 }, { 75, 80 }, 1, "50..60 (n 2), 75..80 (n 2)",
	  "host a.case\n" },
	{ { 75, 80 }, { 60, 50 }, 0, "varies better", "host a.case\n" },
	{ { 50 }, { 70, 60 }, 0, "varies chance", "host a.case\n" },
	{ { 1000, 1001 }, { 1005, 1006 }, 0, " 1 same,", "" },
	{ { 1000, 1001 }, { 1005, 1006 }, 0, "verdict: nothing got worse", "" },
};

static void test_chance(void **state)
{
	const struct compare_options names = { .format = COMPARE_CASES };
	char a[20], b[20], *text, *cases;
	unsigned int i;
	int status;

	for (i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
		snprintf(a, sizeof(a), "ca%u", i);
		snprintf(b, sizeof(b), "cb%u", i);
		count_rounds(a, chances[i].a);
		count_rounds(b, chances[i].b);
		status = compare(a, b, NULL, &text);
		if (status != chances[i].status ||
		    !strstr(text, chances[i].shows))
			fail_msg("row %u: status %d\n%s", i, status, text);
		assert_int_equal(compare(a, b, &names, &cases), status);
		assert_string_equal(cases, chances[i].cases);
		free(cases);
		free(text);
	}
}

/* Figures of runs with other options are not set side by side. */
static void test_other_options(void **state)
{
	static const char *const names[] = { "pa", "pb" };
	struct reason why;
	unsigned int i;
	struct rec *r;
	char *text;

	for (i = 0; i < 2; i++) {
		r = rec_open(dir_of(names[i]), "a.case", NULL);
		rec_line(r, "run", json_pack("{s:{s:i, s:s}}", "options",
					     "vcpus", 2 + 2 * (int)i, "results",
					     names[i]));
		rec_count(r, "faults", 5 + i, "faults", BETTER_LOWER);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
	/* Nothing left to compare: that is not "nothing got worse". */
	assert_int_equal(compare_runs(dir_of("pa"), dir_of("pb"), NULL, stdout,
				      &why), -EINVAL);
	assert_int_equal(why.ending, ENDING_USAGE);
	assert_non_null(strstr(why.text, "vcpus (2, then 4)"));
	for (i = 0; i < 2; i++) {
		r = rec_open(dir_of(names[i]), "other.case", NULL);
		rec_count(r, "faults", 5, "faults", BETTER_LOWER);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
	assert_int_equal(compare("pa", "pb", NULL, &text), 0);
	assert_non_null(strstr(text, "vcpus (2, then 4)"));
	assert_non_null(strstr(text, "1 metrics"));
	free(text);
}

/* KVM's counters are stored when they changed: absent means zero. */
static void test_counter_from_zero(void **state)
{
	static const char *const names[] = { "za", "zb" };
	unsigned int i;
	struct rec *r;
	char *text;

	setenv("MMUBENCH_CLOCK", "virtual", 1);
	for (i = 0; i < 2; i++) {
		r = rec_open(dir_of(names[i]), "a.case", NULL);
		if (i)
			rec_count(r, "kvm.measure.remote_tlb_flush", 76,
				  "events", BETTER_NONE);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
	unsetenv("MMUBENCH_CLOCK");
	assert_int_equal(compare("za", "zb", NULL, &text), 1);
	assert_non_null(strstr(text, "exact WORSE"));
	free(text);
	assert_int_equal(compare("zb", "za", NULL, &text), 0);
	assert_non_null(strstr(text, "exact better"));
	free(text);
}

/* A case is named once, however its metrics are strewn. */
static void test_names(void **state)
{
	static const char *const names[] = { "ta", "tb" };
	const struct compare_options o = { .format = COMPARE_CASES };
	unsigned int i, j;
	struct rec *r;
	char *text;

	setenv("MMUBENCH_CLOCK", "virtual", 1);
	for (i = 0; i < 4; i++) {
		r = rec_open(dir_of(names[i % 2]), i < 2 ? "a" : "b", NULL);
		for (j = 0; j <= i % 2; j++)
			rec_count(r, j ? "new" : "old", 7 + i % 2, "events",
				  BETTER_NONE);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
	}
	unsetenv("MMUBENCH_CLOCK");
	assert_int_equal(compare("ta", "tb", &o, &text), 0);
	assert_string_equal(text, "host a\nhost b\n");
	free(text);
}

static void test_nothing_to_compare(void **state)
{
	struct reason why;

	one_record("na", VERDICT_PASS, NULL);
	assert_true(compare_runs(dir_of("na"), "/nonexistent", NULL, stdout,
				 &why) < 0);
	assert_non_null(strstr(why.text, "/nonexistent"));
	setenv("MMUBENCH_PLACE", "elsewhere", 1);
	one_record("nb", VERDICT_PASS, NULL);
	unsetenv("MMUBENCH_PLACE");
	assert_true(compare_runs(dir_of("na"), dir_of("nb"), NULL, stdout,
				 &why) < 0);
	assert_non_null(strstr(why.text, "in common"));
	one_record("nc", VERDICT_FAIL, NULL);
	one_record("nd", VERDICT_FAIL, NULL);
	assert_int_equal(compare_runs(dir_of("nc"), dir_of("nd"), NULL, stdout,
				      &why), -EINVAL);
	assert_non_null(strstr(why.text, "no case passed on both sides"));
}

/* A verdict that changed is a difference, with figures or without. */
static void test_turned_names(void **state)
{
	const struct compare_options o = { .format = COMPARE_CASES };
	char *text;

	one_record("ka", VERDICT_PASS, NULL);
	one_record("kb", VERDICT_FAIL, NULL);
	assert_int_equal(compare("ka", "kb", &o, &text), 1);
	assert_string_equal(text, "host a.case\n");
	free(text);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rows),
		T(test_json),
		T(test_options),
		T(test_power),
		T(test_verdicts),
		T(test_lost_case),
		T(test_chance),
		T(test_other_options),
		T(test_counter_from_zero),
		T(test_names),
		T(test_nothing_to_compare),
		T(test_turned_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
