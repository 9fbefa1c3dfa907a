// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does every option text become the value it says, is every bad one refused
 * with a sentence, and does the effective record give the same values again?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/opt.h"
#include "base/rng.h"
#include "bench/params.h"
#include "payload/payload.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- sizes -------------------------------------------------------------- */

static const struct {
	const char *text;
	int err;
	uint64_t bytes;
} size_rows[] = {
	{ "0", 0, 0 },
	{ "4096", 0, 4096 },
	{ "0x1000", 0, 4096 },
	{ "4K", 0, 4096 },
	{ "4k", 0, 4096 },
	{ "64M", 0, 64ull << 20 },
	{ "64MiB", 0, 64ull << 20 },
	{ "1G", 0, 1ull << 30 },
	{ "2T", 0, 2ull << 40 },
	{ "9223372036854775807", 0, INT64_MAX },
	{ "9223372036854775808", -ERANGE, 0 },
	{ "99999999999999999999999", -ERANGE, 0 },
	{ "8388607T", 0, 8388607ull << 40 },
	{ "8388608T", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "M", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1 M", -EINVAL, 0 },
	{ "1.5M", -EINVAL, 0 },
	{ "1MM", -EINVAL, 0 },
	{ "1X", -EINVAL, 0 },
	{ "0x", -EINVAL, 0 },
};

static void test_sizes(void **state)
{
	uint64_t bytes;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(size_rows); i++) {
		bytes = 0;
		err = opt_parse_bytes(size_rows[i].text, &bytes);
		if (err != size_rows[i].err || bytes != size_rows[i].bytes)
			fail_msg("'%s': err %d, %llu bytes", size_rows[i].text,
				 err, (unsigned long long)bytes);
	}
}

static void test_format_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0" }, { 1, "1" }, { 1023, "1023" }, { 1024, "1K" },
		{ 1536, "1536" }, { 64ull << 20, "64M" }, { 1ull << 40, "1T" },
		{ 3ull << 50, "3072T" },
	};
	uint64_t seed = 1, bytes, back;
	char buf[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		opt_format_bytes(rows[i].bytes, buf, sizeof(buf));
		assert_string_equal(buf, rows[i].text);
	}
	for (i = 0; i < 1000; i++) {
		bytes = rng_next(&seed) >> (1 + i % 63);
		opt_format_bytes(bytes, buf, sizeof(buf));
		assert_int_equal(opt_parse_bytes(buf, &back), 0);
		assert_true(back == bytes);
	}
}

/* ---- a table with one option of each type ------------------------------- */

struct own {
	uint32_t u32;
	uint64_t u64, bytes;
	int node, mode, order;
	double real;
	bool flag;
	const char *text, *word;
	struct opt_list list;
};

#define O(m) .offset = offsetof(struct own, m)

static const char *const modes[] = { "get", "clear", "ring", NULL };
static const char *const first_words[] = { "auto", NULL };

static const struct opt own_opts[] = {
	{ .name = "u32", .letter = 'u', .type = OPT_U32, O(u32), .def = "7",
	  .min = 1, .max = 9, .help = "a number" },
	{ .name = "u64", .type = OPT_U64, O(u64), .help = "a long number" },
	{ .name = "bytes", .letter = 'b', .type = OPT_BYTES, O(bytes),
	  .def = "1M", .max = 1ull << 40, .help = "a size" },
	{ .name = "node", .type = OPT_INT_AUTO, O(node), .def = "auto",
	  .max = 1023, .help = "a node" },
	{ .name = "real", .type = OPT_DOUBLE, O(real), .def = "0.5", .max = 2,
	  .help = "a real" },
	{ .name = "flag", .letter = 'f', .type = OPT_FLAG, O(flag),
	  .help = "a flag" },
	{ .name = "text", .letter = 't', .type = OPT_STRING, O(text),
	  .help = "any text" },
	{ .name = "word", .type = OPT_STRING, O(word), .def = "auto",
	  .choices = first_words, .registry = payload_members, .help = "a word" },
	{ .name = "mode", .letter = 'm', .type = OPT_CHOICE, O(mode),
	  .choices = modes, .def = "clear", .help = "a mode" },
	{ .name = "order", .type = OPT_CHOICE, O(order), .registry = payload_members,
	  .def = "seq", .help = "an order" },
	{ .name = "list", .type = OPT_LIST, O(list), .arg = "WORD",
	  .help = "words" },
	{ .name = "ring", .letter = 'g', .type = OPT_ALIAS,
	  .def = "mode=ring", .help = "ring mode" },
	OPT_END
};

static struct own own;

static struct opt_set own_set(json_t *given)
{
	return (struct opt_set){ own_opts, &own, given };
}

static void test_defaults(void **state)
{
	struct opt_set set = own_set(NULL);
	struct reason why;

	memset(&own, 0xff, sizeof(own));
	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	assert_int_equal(own.u32, 7);
	assert_int_equal(own.u64, 0);
	assert_int_equal(own.bytes, 1 << 20);
	assert_int_equal(own.node, -1);
	assert_true(own.real == 0.5);
	assert_false(own.flag);
	assert_string_equal(own.text, "");
	assert_string_equal(own.word, "auto");
	assert_int_equal(own.list.nr, 0);
	assert_int_equal(own.mode, 1);
	assert_string_equal(payload_members[own.order]->name, "seq");
}

/* ---- every option, text -> value -> record -> text ----------------------- */

static const struct {
	const char *name, *text, *json;	/* json NULL: refused */
} value_rows[] = {
	{ "u32", "1", "1" },
	{ "u32", "9", "9" },
	{ "u32", "0x9", "9" },
	{ "u32", "0", NULL },
	{ "u32", "10", NULL },
	{ "u32", "4294967297", NULL },
	{ "u32", "1K", NULL },
	{ "u32", "-1", NULL },
	{ "u32", "", NULL },
	{ "u64", "9223372036854775807", "9223372036854775807" },
	{ "u64", "9223372036854775808", NULL },
	{ "u64", "ten", NULL },
	{ "bytes", "64M", "67108864" },
	{ "bytes", "2T", NULL },
	{ "bytes", "lots", NULL },
	{ "node", "auto", "\"auto\"" },
	{ "node", "-1", "\"auto\"" },
	{ "node", "3", "3" },
	{ "node", "-2", NULL },
	{ "node", "1024", NULL },
	{ "real", "0.99", "0.99" },
	{ "real", "3", NULL },
	{ "real", "-1", NULL },
	{ "real", "nan", NULL },
	{ "real", "1x", NULL },
	{ "flag", "yes", "true" },
	{ "flag", "off", "false" },
	{ "flag", "maybe", NULL },
	{ "text", "any old text", "\"any old text\"" },
	{ "word", "auto", "\"auto\"" },
	{ "word", "zipf", "\"zipf\"" },
	{ "word", "zip", NULL },
	{ "mode", "get", "\"get\"" },
	{ "mode", "ring", "\"ring\"" },
	{ "mode", "rings", NULL },
	{ "order", "uniform", "\"uniform\"" },
	{ "order", "", NULL },
	{ "list", "a=b c", "[\"a=b c\"]" },
};

static char *json_text(const char *name)
{
	struct opt_set set = own_set(NULL);
	json_t *all = opt_json(&set, 1);
	char *text = json_dumps(json_object_get(all, name),
				JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));

	json_decref(all);
	return text;
}

/* What a user would type to get the recorded value. */
static char *typed_text(const char *json)
{
	size_t quotes = json[0] == '"' ? 1 : json[0] == '[' ? 2 : 0;

	return strndup(json + quotes, strlen(json) - 2 * quotes);
}

static void check_value(const char *name, const char *text, const char *json)
{
	struct opt_set set = own_set(NULL);
	struct reason why = { "" };
	char *first, *typed, *second;
	int err;

	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	err = opt_set(&set, 1, name, text, &why);
	if (!json) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(why.ending, ENDING_USAGE);
		assert_non_null(strstr(why.text, name));
		return;
	}
	if (err)
		fail_msg("%s=%s: %s", name, text, why.text);
	first = json_text(name);
	assert_string_equal(first, json);
	typed = typed_text(first);
	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	assert_int_equal(opt_set(&set, 1, name, typed, &why), 0);
	second = json_text(name);
	assert_string_equal(second, json);
	free(second);
	free(first);
	/* String options point into the text they were given. */
	free(typed);
}

static void test_values(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(value_rows); i++)
		check_value(value_rows[i].name, value_rows[i].text,
			    value_rows[i].json);
}

static void test_every_type_has_rows(void **state)
{
	const struct opt *o;
	size_t i;

	for (o = own_opts; o->name; o++) {
		bool found = o->type == OPT_ALIAS;

		for (i = 0; i < ARRAY_SIZE(value_rows); i++)
			found |= !strcmp(value_rows[i].name, o->name);
		if (!found)
			fail_msg("no row for --%s", o->name);
	}
}

/* ---- command lines ------------------------------------------------------- */

#define MAX_WORDS 8

static const struct {
	const char *words[MAX_WORDS];
	int ret;
	const char *operands;	/* joined by "," */
	const char *hint;	/* for -EINVAL: must be in the sentence */
	const char *given;	/* these names, joined by "," in order */
} line_rows[] = {
	{ { NULL }, 0, "", NULL, "" },
	{ { "a", "b" }, 0, "a,b", NULL, "" },
	{ { "-u3", "a" }, 0, "a", NULL, "u32" },
	{ { "-u", "3" }, 0, "", NULL, "u32" },
	{ { "-fu3" }, 0, "", NULL, "flag,u32" },
	{ { "-fu", "3", "x" }, 0, "x", NULL, "flag,u32" },
	{ { "--u32=3" }, 0, "", NULL, "u32" },
	{ { "--u32", "3" }, 0, "", NULL, "u32" },
	{ { "--flag", "x" }, 0, "x", NULL, "flag" },
	{ { "--flag=no", "x" }, 0, "x", NULL, "flag" },
	{ { "--text", "--flag" }, 0, "", NULL, "text" },
	{ { "--", "--flag", "-u" }, 0, "--flag,-u", NULL, "" },
	{ { "-" }, 0, "-", NULL, "" },
	{ { "-g" }, 0, "", NULL, "ring,mode" },
	{ { "-g", "--mode=get" }, 0, "", NULL, "ring,mode" },
	{ { "-h" }, 1, "", NULL, "" },
	{ { "--help" }, 1, "", NULL, "" },
	{ { "a", "--help=md" }, 2, "a", NULL, "" },
	{ { "--u32" }, -EINVAL, "", "needs a value", "" },
	{ { "-u" }, -EINVAL, "", "needs a value", "" },
	{ { "--u32=77" }, -EINVAL, "", "1 to 9", "" },
	{ { "-z" }, -EINVAL, "", "-z", "" },
	{ { "-fz" }, -EINVAL, "", "-z", "flag" },
	{ { "--flog" }, -EINVAL, "", "--flag", "" },
	{ { "--byte=4" }, -EINVAL, "", "--bytes", "" },
	{ { "--mdoe", "get" }, -EINVAL, "", "--mode", "" },
	{ { "--nothing-like-it" }, -EINVAL, "", "--help", "" },
	{ { "--mode=got" }, -EINVAL, "", "get, clear, ring", "" },
	{ { "--text=" }, -EINVAL, "", "not empty", "" },
	{ { "--list=" }, -EINVAL, "", "not empty", "" },
	{ { "--help=it" }, -EINVAL, "", "--help=md", "" },
	{ { "--flag=perhaps" }, -EINVAL, "", "yes nor no", "" },
};

static void join(char *buf, size_t size, const char *word)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len ? "," : "", word);
}

static void check_line(size_t row)
{
	char *argv[MAX_WORDS + 2] = { (char *)"program" }, joined[128] = "";
	char given_names[128] = "";
	char *operands[MAX_WORDS + 2];
	json_t *given = json_object(), *v;
	struct opt_set set = own_set(given);
	struct reason why = { "" };
	int argc = 1, i, ret, nr;
	const char *name;

	while (line_rows[row].words[argc - 1]) {
		argv[argc] = (char *)line_rows[row].words[argc - 1];
		argc++;
	}
	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	ret = opt_parse(&set, 1, argc, argv, operands, &nr, &why);
	if (ret != line_rows[row].ret)
		fail_msg("row %zu: returned %d (%s)", row, ret, why.text);
	for (i = 0; i < nr; i++)
		join(joined, sizeof(joined), operands[i]);
	assert_string_equal(joined, line_rows[row].operands);
	json_object_foreach(given, name, v)
		join(given_names, sizeof(given_names), name);
	assert_string_equal(given_names, line_rows[row].given);
	if (line_rows[row].hint && !strstr(why.text, line_rows[row].hint))
		fail_msg("row %zu: '%s' lacks '%s'", row, why.text,
			 line_rows[row].hint);
	json_decref(given);
}

static void test_lines(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(line_rows); i++)
		check_line(i);
}

static void test_later_wins(void **state)
{
	char *argv[] = { (char *)"p", (char *)"-g", (char *)"--mode=get" };
	struct opt_set set = own_set(NULL);
	struct reason why;
	char *operands[3];
	int nr;

	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	assert_int_equal(opt_parse(&set, 1, 2, argv, operands, &nr, &why), 0);
	assert_int_equal(own.mode, 2);
	assert_int_equal(opt_parse(&set, 1, 3, argv, operands, &nr, &why), 0);
	assert_int_equal(own.mode, 0);
}

/* ---- lists, and lines that two parsers share ----------------------------- */

static void test_list_fills(void **state)
{
	struct opt_set set = own_set(NULL);
	struct reason why = { "" };
	char text[OPT_LIST_MAX][16];
	int i;

	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	for (i = 0; i < OPT_LIST_MAX; i++) {
		snprintf(text[i], sizeof(text[i]), "w%d", i);
		assert_int_equal(opt_set(&set, 1, "list", text[i], &why), 0);
	}
	assert_string_equal(own.list.v[0], "w0");
	assert_string_equal(own.list.v[OPT_LIST_MAX - 1], text[OPT_LIST_MAX - 1]);
	assert_int_equal(opt_set(&set, 1, "list", "more", &why), -EINVAL);
	assert_non_null(strstr(why.text, "more than 32 times"));
	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	assert_int_equal(own.list.nr, 0);
}

static const struct {
	const char *words[MAX_WORDS];
	int ret;
	const char *rest, *taken, *hint;
} known_rows[] = {
	{ { NULL }, 0, "", "", NULL },
	{ { "--other", "3", "--u32", "3", "x" }, 0, "--other,3,x", "u32", NULL },
	{ { "--list", "a", "-u", "--list=b" }, 0, "-u", "list", NULL },
	{ { "--text", "--flag" }, 0, "", "text", NULL },
	{ { "--u3=1", "--=1", "--" }, 0, "--u3=1,--=1,--", "", NULL },
	{ { "--help", "--flag" }, 0, "--help", "flag", NULL },
	{ { "a", "--u32" }, -EINVAL, "a", "", "needs a value" },
	{ { "--u32=77" }, -EINVAL, "", "", "1 to 9" },
};

static void check_known(size_t row)
{
	char *argv[MAX_WORDS + 2] = { (char *)"program" };
	char joined[128] = "", taken[128] = "";
	json_t *given = json_object(), *v;
	struct opt_set set = own_set(given);
	struct reason why = { "" };
	int argc = 1, i, ret, nr;
	const char *name;

	while (known_rows[row].words[argc - 1]) {
		argv[argc] = (char *)known_rows[row].words[argc - 1];
		argc++;
	}
	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	ret = opt_parse_known(&set, 1, argc, argv, argv, &nr, &why);
	assert_int_equal(ret, known_rows[row].ret);
	for (i = 0; i < nr; i++)
		join(joined, sizeof(joined), argv[i]);
	assert_string_equal(joined, known_rows[row].rest);
	json_object_foreach(given, name, v)
		join(taken, sizeof(taken), name);
	assert_string_equal(taken, known_rows[row].taken);
	if (known_rows[row].hint)
		assert_non_null(strstr(why.text, known_rows[row].hint));
	json_decref(given);
}

static void test_known(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_rows); i++)
		check_known(i);
}

/* ---- the common block ---------------------------------------------------- */

static void test_params_tables(void **state)
{
	struct params p;
	struct opt_set set = { params_opts, &p, NULL };
	bool used[128] = { false };
	const struct opt *o;
	struct reason why;
	json_t *all, *v;
	const char *name;

	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	assert_int_equal(params_check(&p, &why), 0);
	for (o = params_opts; o->name; o++) {
		assert_non_null(o->help);
		if (!o->letter)
			continue;
		assert_false(used[(int)o->letter]);
		used[(int)o->letter] = true;
	}
	assert_false(used['h']);
	/* The record, typed in again, gives the same record. */
	all = opt_json(&set, 1);
	json_object_foreach(all, name, v) {
		char *json = json_dumps(v, JSON_ENCODE_ANY);
		char *typed = typed_text(json);
		json_t *again;

		assert_int_equal(opt_set(&set, 1, name, typed, &why), 0);
		again = opt_json(&set, 1);
		assert_true(json_equal(json_object_get(again, name), v));
		json_decref(again);
		assert_int_equal(opt_defaults(&set, 1, &why), 0);
		free(typed);
		free(json);
	}
	json_decref(all);
}

static void test_profiles(void **state)
{
	struct params p;
	struct opt_set set = { params_opts, &p, NULL };
	json_t *given = json_pack("{s:b}", "bytes", 1);
	struct reason why;

	assert_int_equal(opt_defaults(&set, 1, &why), 0);
	p.profile = PROFILE_HEADLINE;
	params_apply_profile(&p, NULL);
	assert_int_equal(p.vcpus, 64);
	assert_int_equal(p.vcpu_bytes, 1ull << 30);
	p.vcpu_bytes = 12345;
	p.profile = PROFILE_SMOKE;
	params_apply_profile(&p, given);
	assert_int_equal(p.vcpu_bytes, 12345);
	assert_in_range(p.vcpus, 1, 2);
	json_decref(given);
}

static const struct {
	const char *set[3];	/* "name=value" */
	const char *hint;	/* NULL: allowed */
} check_rows[] = {
	{ { "bytes=4K" }, NULL },
	{ { "bytes=5000" }, "multiple of 4K" },
	{ { "bytes=1M", "backing=anonymous_thp" }, "multiple of 2M" },
	{ { "bytes=2M", "backing=anonymous_thp" }, NULL },
	{ { "bytes=2M", "backing=anonymous_hugetlb_1gb" }, "multiple of 1G" },
	{ { "bytes=1M", "guest-page=2M" }, "multiple of 2M" },
	{ { "guest-page=8K" }, "4K, 2M or 1G" },
	{ { "bytes=64T", "vcpus=1", "unit=1G" }, NULL },
	{ { "bytes=64T", "vcpus=2", "unit=1G" }, "64T that a guest can have" },
	{ { "unit=3000" }, "power of two" },
	{ { "unit=64M", "bytes=16M" }, "does not fit" },
	{ { "unit=64", "bytes=1T" }, "2^30 units" },
	{ { "unit=64", "overlap=yes", "vcpus=6" }, "no room" },
	{ { "unit=64", "overlap=yes", "vcpus=5" }, NULL },
	{ { "slots=5", "bytes=8K", "vcpus=2" }, "memslots" },
	{ { "slots=4", "bytes=8K", "vcpus=2" }, NULL },
	{ { "slots=3" }, "option --slots: 32M" },
	{ { "slots=3", "bytes=12K", "overlap=yes" }, NULL },
	{ { "slots=4", "guest-page=2M", "bytes=4M" }, NULL },
	{ { "slots=8", "guest-page=2M", "bytes=4M" }, "option --slots: 8M" },
	{ { "gpa=4G" }, "option --gpa: 0x100000000" },
	{ { "gpa=16G" }, NULL },
	{ { "zipf-theta=1" }, "other than 1" },
	{ { "zipf-theta=0" }, "above 0" },
};

static void test_check(void **state)
{
	struct params p;
	struct opt_set set = { params_opts, &p, NULL };
	char name[32], *eq;
	struct reason why;
	size_t i;
	int j, err;

	for (i = 0; i < ARRAY_SIZE(check_rows); i++) {
		assert_int_equal(opt_defaults(&set, 1, &why), 0);
		for (j = 0; j < 3 && check_rows[i].set[j]; j++) {
			snprintf(name, sizeof(name), "%s",
				 check_rows[i].set[j]);
			eq = strchr(name, '=');
			*eq = '\0';
			assert_int_equal(opt_set(&set, 1, name, eq + 1, &why),
					 0);
		}
		why.text[0] = '\0';
		err = params_check(&p, &why);
		if (!check_rows[i].hint ? err :
		    err != -EINVAL || !strstr(why.text, check_rows[i].hint))
			fail_msg("row %zu: %d '%s'", i, err, why.text);
	}
}

/* ---- help ---------------------------------------------------------------- */

static void test_help(void **state)
{
	struct opt_set set = { params_opts, NULL, NULL };
	char *plain = opt_help(&set, 1, false);
	char *markdown = opt_help(&set, 1, true);
	const struct opt *o;
	char *line, *end;
	char word[40];

	for (o = params_opts; o->name; o++) {
		snprintf(word, sizeof(word), "--%s", o->name);
		assert_non_null(strstr(plain, word));
		assert_non_null(strstr(markdown, word));
	}
	for (line = plain; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (end - line > 78)
			fail_msg("too wide: %.*s", (int)(end - line), line);
	}
	free(plain);
	free(markdown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_format_sizes),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_type_has_rows),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_later_wins),
		cmocka_unit_test(test_list_fills),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_params_tables),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_help),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
