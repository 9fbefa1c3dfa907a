// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conformance suite of the sinks: what every member must do.
 */
#include <ctype.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/fmt.h"
#include "sink/report.h"
#include "sink/sink.h"
#include "output.h"
#include "sample.h"

static void test_members(void **state)
{
	unsigned int i, j;

	for (i = 0; sink_members[i]; i++) {
		assert_true(*sink_members[i]->name && *sink_members[i]->summary);
		assert_ptr_equal(sink_find(sink_members[i]->name, NULL), sink_members[i]);
		for (j = 0; j < i; j++)
			assert_string_not_equal(sink_members[i]->name, sink_members[j]->name);
	}
	assert_true(i >= 6);
}

static void test_unknown(void **state)
{
	struct reason why;

	assert_null(sink_find("humna", &why));
	assert_non_null(strstr(why.text, "'human'"));
	assert_int_equal(report_run(output_dir, "nonsense", stdout, &why), -22);
	assert_int_equal(report_run("/nonexistent", "tsv", stdout, &why), -2);
	assert_non_null(strstr(why.text, "/nonexistent"));
}

/* The same run twice is the same text, made of whole printable lines. */
static void test_output_is_clean(void **state)
{
	unsigned int i;
	char *a, *b, *c;

	for (i = 0; sink_members[i]; i++) {
		a = output(sink_members[i], &output_run);
		b = output(sink_members[i], &output_run);
		assert_string_equal(a, b);
		assert_true(*a && a[strlen(a) - 1] == '\n');
		for (c = a; *c; c++)
			if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\t')
				fail_msg("%s: byte %d", sink_members[i]->name, *c);
		free(a);
		free(b);
	}
}

static void test_every_case_is_named(void **state)
{
	unsigned int i;
	size_t r;
	char *text;

	for (i = 0; sink_members[i]; i++) {
		text = output(sink_members[i], &output_run);
		for (r = 0; r < output_run.nr; r++) {
			/* The summary shows the group apart from the rest. */
			const char *name = strchr(output_run.v[r]->case_name, '.') + 1;

			if (!strstr(text, name))
				fail_msg("%s leaves out %s", sink_members[i]->name, name);
		}
		free(text);
	}
}

static void test_full_disk_is_an_error(void **state)
{
	struct reason why;
	unsigned int i;
	FILE *f;

	for (i = 0; sink_members[i]; i++) {
		f = fopen("/dev/full", "w");
		assert_non_null(f);
		assert_int_equal(sink_write(sink_members[i], &output_run, f, &why), -28);
		assert_non_null(strstr(why.text, "No space"));
		fclose(f);
	}
}

/* Records whose clock means nothing show no time anywhere. */
static void test_emulated_times_are_hidden(void **state)
{
	struct recset emu = { .v = calloc(output_run.nr, sizeof(*output_run.v)) };
	unsigned int i;
	size_t r;
	char *text, *c;
	int shown = 0;

	for (r = 0; r < output_run.nr; r++)
		if (output_run.v[r]->clock == CLOCK_EMULATED)
			emu.v[emu.nr++] = output_run.v[r];
	assert_int_equal(emu.nr, 3);
	for (i = 0; sink_members[i]; i++) {
		/* These two are data for machines and name the clock. */
		if (!strcmp(sink_members[i]->name, "jsonl") ||
		    !strcmp(sink_members[i]->name, "tsv"))
			continue;
		text = output(sink_members[i], &emu);
		for (c = text; (c = strstr(c, "latency")); c++)
			assert_string_equal(sink_members[i]->name, "summary");
		for (c = text; (c = strpbrk(c, "0123456789")); c++)
			if (!strncmp(c + 1, "us", 2) ||
			    !strncmp(c + 1, "ns", 2) ||
			    !strncmp(c + 1, "ms", 2))
				fail_msg("%s shows %.12s", sink_members[i]->name, c);
		/* One time divided by another is no better. */
		if (strstr(text, "0.971"))
			fail_msg("%s shows a ratio of times", sink_members[i]->name);
		shown += !!strstr(text, "1.007");
		free(text);
	}
	/* A ratio of counts is as good as any. */
	assert_true(shown >= 4);
	free(emu.v);
}

static void test_virtual_is_labelled(void **state)
{
	static const char *const for_people[] = {
		"human", "summary", "markdown", "mail", NULL
	};
	unsigned int i;
	char *text;

	for (i = 0; for_people[i]; i++) {
		text = output_of(for_people[i]);
		assert_non_null(strstr(text, "virtual"));
		free(text);
	}
}

static void check_columns(const char *name, const char *locale, bool ascii)
{
	char *text, *rest, *line;

	setenv("LC_ALL", locale, 1);
	text = rest = output_of(name);
	while ((line = output_line(&rest))) {
		if (fmt_columns(line) > FMT_WIDTH)
			fail_msg("%s, %u columns: %s", name, fmt_columns(line),
				 line);
		if (ascii && fmt_columns(line) != strlen(line))
			fail_msg("%s in locale %s: %s", name, locale, line);
	}
	free(text);
	unsetenv("LC_ALL");
}

static void test_terminal_width(void **state)
{
	check_columns("human", "C", true);
	check_columns("summary", "C", true);
	check_columns("mail", "C.UTF-8", true);
	check_columns("human", "C.UTF-8", false);
	check_columns("summary", "C.UTF-8", false);
}

/* The largest values and names that a sound record can have. */
static struct record *extreme_record(void)
{
	char word[101], unit[33], text[2001], *lines = NULL;
	struct record *r;
	struct reason why;
	size_t len, i;
	FILE *f = open_memstream(&lines, &len);

	memset(word, 'w', 99);
	word[99] = 0;
	memset(unit, 'u', 32);
	unit[32] = 0;
	memset(text, 't', 2000);
	text[2000] = 0;
	fprintf(f, "{\"type\":\"run\",\"schema\":1,\"case\":\"%s.%s\",\"uuid\":\"\",\"time\":\"\",\"place\":\"%s\",\"emulator\":\"e\",\"clock\":\"virtual\"}\n",
		word, word, word);
	fprintf(f, "{\"type\":\"dist\",\"name\":\"%s\",\"unit\":\"ns\",\"better\":\"lower\",\"scale\":1e9,\"n\":3,\"min\":0,\"max\":1.8446744073709550e19,\"sum\":9,\"lg2_sub\":6,\"bins\":[[0,1],[%u,2]]}\n",
		word, HIST_NR_BINS - 1);
	for (i = 0; i < 2; i++)
		fprintf(f, "{\"type\":\"value\",\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"better\":\"none\"}\n",
			word, i ? "-1.7e308" : "5e-324", i ? "x" : unit);
	fprintf(f, "{\"type\":\"count\",\"name\":\"%s.%s\",\"value\":-9223372036854775808,\"unit\":\"events\",\"better\":\"none\"}\n",
		word, "pf_taken");
	fprintf(f, "{\"type\":\"series\",\"name\":\"%s\",\"x_name\":\"%s\",\"unit\":\"%s\",\"x\":[1,null],\"y\":[null,-1e300]}\n",
		word, word, unit);
	fprintf(f, "{\"type\":\"check\",\"name\":\"%s\",\"ok\":false,\"text\":\"%s\"}\n",
		word, text);
	fprintf(f, "{\"type\":\"note\",\"text\":\"\"}\n{\"type\":\"invalid\",\"text\":\"%s\"}\n",
		text);
	fprintf(f, "{\"type\":\"verdict\",\"verdict\":\"fail\",\"text\":\"%s\"}\n",
		text);
	fclose(f);
	r = record_parse("extreme", lines, len, &why);
	if (!r)
		fail_msg("%s", why.text);
	free(lines);
	return r;
}

static void test_extremes(void **state)
{
	struct record *r = extreme_record();
	struct recset set = { .v = &r, .nr = 1 };
	char *text, *rest, *line;
	unsigned int i;

	for (i = 0; sink_members[i]; i++) {
		text = rest = output(sink_members[i], &set);
		while ((line = output_line(&rest)))
			if (i < 2 && fmt_columns(line) > FMT_WIDTH)
				fail_msg("%s, %u columns: %s", sink_members[i]->name,
					 fmt_columns(line), line);
		free(text);
	}
	record_free(r);
}

/* What a damaged record still says must break no sink. */
static void test_mutated_records(void **state)
{
	char *text = output_of("jsonl"), *end = strstr(text + 1, "{\"type\":\"run\"");
	unsigned int round, i, sound = 0;
	size_t len;

	/* A record with figures of all kinds: the last of the stream. */
	while (end && strstr(end + 1, "{\"type\":\"run\""))
		end = strstr(end + 1, "{\"type\":\"run\"");
	assert_non_null(end);
	len = strlen(end);
	for (round = 0; round < 1500; round++) {
		char *copy = strdup(end);
		struct record *r;
		struct recset set = { .v = &r, .nr = 1 };

		sample_mutate(copy, len);
		r = record_parse("mutated", copy, len, NULL);
		free(copy);
		if (!r)
			continue;
		sound++;
		for (i = 0; sink_members[i]; i++)
			free(output(sink_members[i], &set));
		record_free(r);
	}
	assert_true(sound > 20);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_output_is_clean),
		cmocka_unit_test(test_every_case_is_named),
		cmocka_unit_test(test_full_disk_is_an_error),
		cmocka_unit_test(test_emulated_times_are_hidden),
		cmocka_unit_test(test_virtual_is_labelled),
		cmocka_unit_test(test_terminal_width),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_mutated_records),
	};

	setlocale(LC_ALL, "C");
	setlocale(LC_ALL, "C");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sink", tests, output_setup,
					   output_teardown);
}
