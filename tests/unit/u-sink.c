// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does each format hold what its readers insist on?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "output.h"

/* ---- TAP ------------------------------------------------------------------ */

struct tap {
	unsigned int plan, ok, not_ok, skip, figures;
};

static void tap_figure(struct tap *tap, const char *line)
{
	char name[100], unit[40];
	double value;

	if (sscanf(line, "# %99[a-z0-9_.] %lf %39[a-z/ A-Z0-9]", name, &value,
		   unit) == 3)
		tap->figures++;
}

static void tap_result(struct tap *tap, const char *line)
{
	bool ok = !strncmp(line, "ok ", 3);
	unsigned int number;
	char name[200], *skip = strstr(line, " # SKIP ");

	assert_true(ok || !strncmp(line, "not ok ", 7));
	line += ok ? 3 : 7;
	assert_int_equal(sscanf(line, "%u - %199[a-zA-Z0-9._-]", &number, name),
			 2);
	assert_int_equal(number, tap->ok + tap->not_ok + 1);
	*(ok ? &tap->ok : &tap->not_ok) += 1;
	if (!skip) {
		assert_null(strchr(line, '#'));
		return;
	}
	tap->skip++;
	assert_true(ok);
	assert_true(strlen(skip + 8) > 3 && strlen(skip + 8) <= 48);
	assert_null(strpbrk(skip + 8, "0123456789#;:"));
}

static struct tap parse_tap(char *text)
{
	struct tap tap = {};
	char *line;

	assert_string_equal(output_line(&text), "TAP version 13");
	assert_int_equal(sscanf(output_line(&text), "1..%u", &tap.plan), 1);
	while ((line = output_line(&text)))
		if (*line == '#')
			tap_figure(&tap, line);
		else
			tap_result(&tap, line);
	return tap;
}

static void test_tap(void **state)
{
	char *text = output_of("tap");
	struct tap tap;

	assert_non_null(strstr(text, " - amd-npt.fast_pf.map\n"));
	assert_non_null(strstr(text, " - fast_pf.map\n"));
	assert_non_null(strstr(text, " - dirty_log.lost\n"));
	assert_non_null(strstr(text, "\n# pages 8192 pages\n"));
	assert_non_null(strstr(text, "# failed check lost_pages\n"));
	assert_non_null(strstr(text, "# INVALID: the CPU was throttled"));
	tap = parse_tap(text);
	assert_int_equal(tap.plan, output_run.nr);
	assert_int_equal(tap.ok + tap.not_ok, output_run.nr);
	assert_int_equal(tap.not_ok, 2);	/* one FAIL, one INVALID */
	assert_int_equal(tap.skip, 2);
	assert_true(tap.figures > 40);
	free(text);
}

static void test_tap_without_records(void **state)
{
	struct recset none = {};
	char *text = output(sink_find("tap", NULL), &none);
	struct tap tap = parse_tap(text);

	assert_int_equal(tap.plan, 1);
	assert_int_equal(tap.not_ok, 1);
	free(text);
}

/* ---- tables and lines ------------------------------------------------------- */

static unsigned int count_char(const char *line, char wanted)
{
	unsigned int n = 0;

	for (; *line; line++)
		n += *line == wanted;
	return n;
}

static void check_table(const char *name, char separator)
{
	char *text = output_of(name), *rest = text, *line = output_line(&rest);
	unsigned int columns = count_char(line, separator), rows = 0;

	assert_true(columns > 5);
	while ((line = output_line(&rest))) {
		if (count_char(line, separator) != columns)
			fail_msg("%s: %s", name, line);
		rows++;
	}
	assert_true(rows >= output_run.nr);
	free(text);
}

static void test_tsv(void **state)
{
	check_table("tsv", '\t');
}

static void test_markdown(void **state)
{
	check_table("markdown", '|');
}

/* Cutting the stream at its run lines gives the records back. */
static void test_jsonl(void **state)
{
	char *text = output_of("jsonl"), *at = text, *end;
	struct reason why;
	size_t i;

	for (i = 0; i < output_run.nr; i++) {
		struct record *r;

		end = strstr(at + 1, "{\"type\":\"run\"");
		r = record_parse("stream", at, end ? (size_t)(end - at) :
				 strlen(at), &why);
		if (!r)
			fail_msg("%s", why.text);
		assert_string_equal(r->case_name, output_run.v[i]->case_name);
		assert_true(json_equal(r->lines, output_run.v[i]->lines));
		record_free(r);
		at = end;
	}
	assert_null(at);
	free(text);
}

static void test_lkp(void **state)
{
	char *text = output_of("lkp"), *rest = text, *line, *colon, *end;

	while ((line = output_line(&rest))) {
		colon = strstr(line, ": ");
		assert_non_null(colon);
		assert_true(strcspn(line, " ") == (size_t)(colon - line) + 1);
		strtod(colon + 2, &end);
		assert_true(end > colon + 2 && !*end);
	}
	free(text);
}

static void test_benchfmt(void **state)
{
	char *text = output_of("benchfmt"), *rest = text, *line;
	unsigned int results = 0;

	while ((line = output_line(&rest))) {
		if (strncmp(line, "Benchmark", 9)) {
			assert_non_null(strstr(line, ": "));
			continue;
		}
		results++;
		/* Name, count, then pairs of value and unit. */
		assert_int_equal(count_char(line, ' ') % 2, 1);
		assert_true(count_char(line, ' ') >= 3);
	}
	assert_int_equal(results, output_run.nr);
	free(text);
}

static void test_lava(void **state)
{
	char *text = output_of("lava"), *rest = text, *line;

	while ((line = output_line(&rest))) {
		assert_int_equal(strncmp(line, "<LAVA_SIGNAL_TESTCASE ", 22), 0);
		assert_non_null(strstr(line, " TEST_CASE_ID="));
		assert_non_null(strstr(line, " RESULT="));
		assert_true(line[strlen(line) - 1] == '>');
	}
	free(text);
}

/* ---- the page for people ------------------------------------------------------ */

static void test_summary(void **state)
{
	char *text = output_of("summary");

	/* Each reason once, whatever number of cases it stopped. */
	assert_non_null(strstr(text, "access_tracking.accuracy and 1 more"));
	assert_non_null(strstr(text, "NOTE host: dirty_log.warm: a note"));
	assert_non_null(strstr(text, "FAIL host: dirty_log.lost"));
	assert_non_null(strstr(text, "INVALID host: dirty_log.noisy"));
	assert_non_null(strstr(text, "recording a latency"));
	assert_non_null(strstr(text, "0.971x"));
	assert_non_null(strstr(text,
		"9 passed, 1 failed, 2 skipped, 1 invalid"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tap),
		cmocka_unit_test(test_tap_without_records),
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_lkp),
		cmocka_unit_test(test_benchfmt),
		cmocka_unit_test(test_lava),
		cmocka_unit_test(test_summary),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sink", tests, output_setup,
					   output_teardown);
}
