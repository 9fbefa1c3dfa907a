// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a damaged record refused with one clear sentence, whatever the damage?
 *
 * Method: a table of objections, every possible cut of a sound record, and
 * some thousand random mutations, under the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "record/recread.h"
#include "sample.h"

#define RUN "{\"type\":\"run\",\"schema\":1,\"case\":\"a.b\",\"uuid\":\"u\"," \
	"\"time\":\"t\",\"place\":\"host\",\"emulator\":\"none\",\"clock\":\"wall\"}\n"
#define END "{\"type\":\"verdict\",\"verdict\":\"pass\",\"valid\":true}\n"
#define DIST(rest) "{\"type\":\"dist\",\"name\":\"d\",\"unit\":\"ns\"," \
	"\"better\":\"lower\"," rest "}\n"
#define BINS(n, min, max, bins) DIST("\"scale\":1,\"n\":" n ",\"min\":" min \
	",\"max\":" max ",\"sum\":9,\"lg2_sub\":6,\"bins\":" bins)

static const struct {
	const char *text;
	const char *objection;	/* NULL: sound */
} rows[] = {
	{ RUN END, NULL },
	{ RUN "{\"type\":\"from_the_future\",\"x\":[1]}\n" END, NULL },
	{ RUN DIST("\"scale\":1,\"n\":0,\"new_member\":{}") END, NULL },
	{ RUN BINS("3", "2", "70", "[[2,2],[70,1]]") END, NULL },
	{ RUN "{\"type\":\"value\",\"name\":\"v\",\"value\":null,\"unit\":\"x\",\"better\":\"none\"}\n" END, NULL },
	{ "", "the file is empty" },
	{ "\n", "line 1: it is not JSON" },
	{ "hello\n", "line 1: it is not JSON" },
	{ "[1]\n", "line 1: it is not a JSON object" },
	{ RUN, "the file was truncated" },
	{ RUN "{\"type\":\"verdict\",\"verdict\":\"pass\"}", "line 2: it has no end" },
	{ RUN "{\"type\":\"ver", "line 2: it has no end" },
	{ END RUN, "line 1: the first line is not of type 'run'" },
	{ RUN END RUN, "line 3: the last line is not a verdict" },
	{ RUN "{\"type\":\"verdict\",\"verdict\":\"great\"}\n", "'great' is not pass" },
	{ RUN "{\"type\":\"verdict\"}\n", "'verdict' is missing" },
	{ RUN "{\"name\":\"x\"}\n" END, "line 2: 'type' is missing" },
	{ RUN "{\"type\":\"note\",\"text\":\"a\",\"text\":\"b\"}\n" END, "duplicate" },
	{ RUN "{\"type\":\"note\",\"text\":5}\n" END, "'text' is missing or no text" },
	{ RUN "{\"type\":\"phase\",\"name\":\"p\",\"ns\":-5}\n" END, "'ns' is missing or no count" },
	{ RUN "{\"type\":\"check\",\"name\":\"c\",\"ok\":1,\"text\":\"\"}\n" END, "neither true nor false" },
	{ RUN "{\"type\":\"check\",\"name\":\"c d\",\"ok\":true,\"text\":\"\"}\n" END, "not a plain word" },
	{ RUN "{\"type\":\"check\",\"name\":\"\",\"ok\":true,\"text\":\"\"}\n" END, "is empty" },
	{ RUN "{\"type\":\"count\",\"name\":\"c\",\"value\":1.5,\"unit\":\"\",\"better\":\"none\"}\n" END, "no integer" },
	{ RUN "{\"type\":\"count\",\"name\":\"c\",\"value\":1,\"unit\":\"a\\nb\",\"better\":\"none\"}\n" END, "not plain text" },
	{ RUN "{\"type\":\"count\",\"name\":\"c\",\"value\":1,\"unit\":\"a very long unit of thirty-three c\",\"better\":\"none\"}\n" END, "longer than 32" },
	{ RUN "{\"type\":\"count\",\"name\":\"c\",\"value\":1,\"unit\":\"\",\"better\":\"best\"}\n" END, "'best'" },
	{ RUN "{\"type\":\"value\",\"name\":\"c\",\"value\":\"1\",\"unit\":\"\",\"better\":\"none\"}\n" END, "no number" },
	{ RUN "{\"type\":\"series\",\"name\":\"c\",\"x_name\":\"r\",\"unit\":\"\",\"x\":[1,2],\"y\":[1]}\n" END, "not as long" },
	{ RUN "{\"type\":\"series\",\"name\":\"c\",\"x_name\":\"r\",\"unit\":\"\",\"x\":[1],\"y\":[\"1\"]}\n" END, "point 0 of 'y'" },
	{ RUN "{\"type\":\"series\",\"name\":\"c\",\"x_name\":\"r\\nnot ok\",\"unit\":\"\",\"x\":[1],\"y\":[1]}\n" END, "'x_name' is not plain text" },
	{ RUN DIST("\"scale\":0,\"n\":0") END, "'scale' must be above 0" },
	{ RUN DIST("\"scale\":null,\"n\":0") END, "'scale' must be above 0" },
	{ RUN DIST("\"scale\":1,\"n\":3") END, "'lg2_sub' is missing" },
	{ RUN BINS("3", "2", "70", "[[2,2]]") END, "hold 2 samples and n is 3" },
	{ RUN BINS("2", "2", "70", "[[2,2]]") END, "contradicts" },
	{ RUN BINS("2", "1", "2", "[[2,2]]") END, "contradicts" },
	{ RUN BINS("2", "3", "2", "[[2,2]]") END, "contradicts" },
	{ RUN BINS("2", "2", "2", "[[2,1],[2,1]]") END, "out of order" },
	{ RUN BINS("2", "2", "2", "[[2240,2]]") END, "out of order or range" },
	{ RUN BINS("2", "2", "2", "[[-1,2]]") END, "out of order or range" },
	{ RUN BINS("2", "2", "2", "[[2,-2]]") END, "out of order or range" },
	{ RUN BINS("2", "2", "2", "[[2]]") END, "not [bin, count]" },
	{ RUN BINS("2", "2", "2", "[5]") END, "not [bin, count]" },
	{ RUN BINS("2", "2", "2", "{}") END, "no list" },
	{ RUN BINS("9223372036854775807", "2", "4",
		   "[[2,9223372036854775807],[3,9223372036854775807],[4,9]]")
	  END, "overflow" },
	{ "{\"type\":\"run\",\"schema\":2}\n", "schema 2 is newer" },
	{ "{\"type\":\"run\",\"schema\":\"1\"}\n", "'schema' is missing" },
	{ "{\"type\":\"run\",\"schema\":1}\n", "'case' is missing" },
	{ "{\"type\":\"run\",\"schema\":1,\"case\":\"a\\nok 1\"}\n", "'case' is not a plain word" },
};

static void test_objections(void **state)
{
	struct reason why;
	struct record *r;
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why.text[0] = 0;
		r = record_parse("f.jsonl", rows[i].text,
				 strlen(rows[i].text), &why);
		if (!r != !!rows[i].objection)
			fail_msg("row %u: %s", i, why.text);
		if (!r && (!strstr(why.text, rows[i].objection) ||
			   !strstr(why.text, "f.jsonl")))
			fail_msg("row %u: %s", i, why.text);
		record_free(r);
	}
}

/* A sound record as text, malloc()ed. */
static char *sound_text(size_t *len)
{
	const struct sample_tweak plain = {};
	char dir[40], path[100], *text;
	FILE *f;

	assert_non_null(sample_tmpdir(dir));
	assert_int_equal(sample_record(dir, &plain), 0);
	snprintf(path, sizeof(path), "%s/host/fast_pf.map.jsonl", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	text = malloc(1 << 20);
	*len = fread(text, 1, 1 << 20, f);
	fclose(f);
	sample_rmdir(dir);
	assert_in_range(*len, 1000, (1 << 20) - 1);
	return text;
}

/* Parse a copy of exact size, so that the sanitizer sees any overrun. */
static struct record *parse_copy(const char *text, size_t len,
				 struct reason *why)
{
	char *copy = malloc(len);
	struct record *r;

	if (len)
		memcpy(copy, text, len);
	r = record_parse("cut", copy, len, why);
	free(copy);
	return r;
}

static void test_every_cut(void **state)
{
	struct reason why;
	size_t len, cut;
	char *text = sound_text(&len);
	struct record *r = parse_copy(text, len, &why);

	assert_non_null(r);
	record_free(r);
	for (cut = 0; cut < len; cut += 1 + cut / 400) {
		r = parse_copy(text, cut, &why);
		if (r)
			fail_msg("cut at %zu of %zu was taken", cut, len);
		assert_non_null(strstr(why.text, "not a valid record"));
		assert_true(strlen(why.text) < sizeof(why.text) - 1);
	}
	free(text);
}

/* Sound or refused, both are fine; a crash or an endless loop is not. */
static void test_mutations(void **state)
{
	unsigned int round, refused = 0;
	size_t len;
	char *text = sound_text(&len), *copy = malloc(len);
	struct reason why;
	struct record *r;

	for (round = 0; round < 3000; round++) {
		memcpy(copy, text, len);
		sample_mutate(copy, len);
		why.text[0] = 0;
		r = parse_copy(copy, len, &why);
		refused += !r;
		assert_true(r || strlen(why.text) > 20);
		record_free(r);
	}
	/* Most mutations hit bins and figures that add up. */
	assert_true(refused > 1000 && refused < 3000);
	free(copy);
	free(text);
}

static void test_files(void **state)
{
	char dir[40], path[100];
	struct recset set;
	struct reason why;

	assert_non_null(sample_tmpdir(dir));
	assert_int_equal(recset_load(&set, dir, &why), -2);
	assert_non_null(strstr(why.text, "there is no record"));
	assert_int_equal(why.ending, ENDING_USAGE);
	snprintf(path, sizeof(path), "%s/x.jsonl", dir);
	assert_null(record_read(path, &why));
	assert_non_null(strstr(why.text, "No such file"));
	assert_null(record_read(dir, &why));
	assert_int_equal(mkfifo(path, 0600), 0);
	/* A pipe is not waited for. */
	assert_int_equal(recset_load(&set, dir, &why), -2);
	unlink(path);
	fclose(fopen(path, "w"));
	assert_int_equal(recset_load(&set, dir, &why), -74);
	assert_int_equal(why.ending, ENDING_FAIL);
	assert_non_null(strstr(why.text, "the file is empty"));
	sample_rmdir(dir);
}

static void test_order_of_a_run(void **state)
{
	const struct sample_tweak plain = {};
	struct recset set;
	char dir[40];
	size_t i;

	sample_tmpdir(dir);
	assert_int_equal(sample_run(dir, &plain), 0);
	assert_int_equal(recset_load(&set, dir, NULL), 0);
	assert_int_equal(set.nr, 13);
	assert_string_equal(set.v[0]->place, "host");
	assert_string_equal(set.v[8]->place, "amd-npt");
	for (i = 1; i < 8; i++)
		assert_true(strcmp(set.v[i - 1]->case_name,
				   set.v[i]->case_name) < 0);
	recset_free(&set);
	sample_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objections),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_order_of_a_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("recread", tests, NULL, NULL);
}
