// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a record hold what was measured, appear whole or not at all, and give
 * the right verdict?
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/outfile.h"
#include "base/uuid.h"
#include "record/rec.h"
#include "record/recread.h"

struct fixture {
	char dir[64];
	char path[128];		/* of record "a.b" in it */
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	strcpy(fx->dir, "/tmp/mmubench-u-rec.XXXXXX");
	if (!mkdtemp(fx->dir))
		return -1;
	snprintf(fx->path, sizeof(fx->path), "%s/a.b.jsonl", fx->dir);
	*state = fx;
	return 0;
}

static int nr_files(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int nr = -2;

	while (d && (e = readdir(d)))
		nr++;
	if (d)
		closedir(d);
	return nr;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;
	char path[400];
	struct dirent *e;
	DIR *d = opendir(fx->dir);

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", fx->dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(fx->dir);
	free(fx);
	return 0;
}

static void test_round_trip(void **state)
{
	struct fixture *fx = *state;
	static const double x[] = { 1, 2, 3 }, y[] = { 8192, 100.25, NAN };
	struct hist *h = calloc(1, sizeof(*h));
	struct rec *r = rec_open(fx->dir, "a.b", NULL);
	struct reason why = {};
	const struct event *e;
	struct record *back;
	uint64_t i;

	for (i = 1; i < 70000; i += 7)
		hist_add(h, i * i);
	rec_line(r, "run", json_pack("{s:i, s:s}", "seed", 5, "case", "other"));
	rec_line(r, "env", json_pack("{s:s}", "cpu", "some"));
	rec_phase(r, "measure", 1000, 3500);
	rec_dist(r, "lat", h, "ns", 0.5, BETTER_LOWER);
	rec_count(r, "pages", INT64_MAX, "pages", BETTER_HIGHER);
	rec_value(r, "ratio", 0.1, "x", BETTER_HIGHER);
	rec_value(r, "none", NAN, "x", BETTER_NONE);
	rec_series(r, "curve", "round", "pages", x, y, 3);
	rec_note(r, "odd bytes \xff and a \"quote\"\n");
	rec_check(r, "sane", true, "%d of %d", 3, 3);
	rec_line(r, "of_the_future", json_pack("{s:i}", "v", 1));
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, NULL, &why), 0);

	back = record_read(fx->path, &why);
	if (!back)
		fail_msg("%s", why.text);
	assert_string_equal(back->case_name, "a.b");
	assert_string_equal(back->place, "host");
	assert_int_equal(back->clock, CLOCK_WALL);
	assert_int_equal(back->verdict, VERDICT_PASS);
	assert_int_equal(json_integer_value(json_object_get(back->run, "seed")), 5);
	assert_string_equal(json_string_value(json_object_get(back->env, "cpu")),
			    "some");
	e = record_find(back, EVENT_DIST, "lat");
	assert_memory_equal(e->hist, h, sizeof(*h));
	assert_true(e->scale == 0.5 && e->better == BETTER_LOWER);
	assert_true(event_quantile(e, .5) == hist_quantile(h, .5) / 2);
	e = record_find(back, EVENT_COUNT, "pages");
	assert_true(e->count == INT64_MAX && e->better == BETTER_HIGHER);
	assert_true(record_find(back, EVENT_VALUE, "ratio")->value == 0.1);
	assert_false(record_find(back, EVENT_VALUE, "none")->has_value);
	e = record_find(back, EVENT_SERIES, "curve");
	assert_int_equal(e->nr_points, 3);
	assert_true(e->y[1] == 100.25 && isnan(e->y[2]));
	assert_true(record_find(back, EVENT_PHASE, "measure")->value == 2500);
	assert_int_equal(back->events[back->nr_events - 2].type, EVENT_OTHER);
	record_free(back);
	free(h);
}

static void test_stored_quantiles(void **state)
{
	struct hist *h = calloc(1, sizeof(*h));
	struct rec *r = rec_open(NULL, "a", NULL);
	const json_t *line;

	for (int i = 1; i <= 100; i++)
		hist_add(h, i % 60);
	rec_dist(r, "d", h, "us", 2, BETTER_NONE);
	line = json_array_get(rec_lines(r), 1);
	assert_true(json_number_value(json_object_get(line, "p50")) == 50);
	assert_true(json_number_value(json_object_get(line, "p999")) == 118);
	hist_reset(h);
	rec_dist(r, "empty", h, "us", 2, BETTER_NONE);
	line = json_array_get(rec_lines(r), 2);
	assert_int_equal(json_integer_value(json_object_get(line, "n")), 0);
	assert_null(json_object_get(line, "p50"));
	rec_abort(r);
	free(h);
}

static void test_place_from_environment(void **state)
{
	struct fixture *fx = *state;
	struct record *back;
	struct rec *r;

	setenv("MMUBENCH_PLACE", "intel-noad", 1);
	setenv("MMUBENCH_EMULATOR", "bochs", 1);
	setenv("MMUBENCH_CLOCK", "virtual", 1);
	r = rec_open(fx->dir, "a.b", NULL);
	unsetenv("MMUBENCH_PLACE");
	unsetenv("MMUBENCH_EMULATOR");
	unsetenv("MMUBENCH_CLOCK");
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, NULL, NULL), 0);
	back = record_read(fx->path, NULL);
	assert_non_null(back);
	assert_string_equal(back->place, "intel-noad");
	assert_string_equal(back->emulator, "bochs");
	assert_int_equal(back->clock, CLOCK_VIRTUAL);
	record_free(back);
}

/* checks: 'o' a check that holds, 'x' one that fails, 'i' an invalid mark */
static const struct {
	const char *checks;
	enum verdict given, stored;
	int exit_code;
	const char *given_text, *stored_text;
} verdicts[] = {
	{ "", VERDICT_PASS, VERDICT_PASS, 0, NULL, NULL },
	{ "o", VERDICT_PASS, VERDICT_PASS, 0, NULL, NULL },
	{ "ox", VERDICT_PASS, VERDICT_FAIL, 1, NULL, "c1: text 1" },
	{ "oi", VERDICT_PASS, VERDICT_INVALID, 1, NULL, "mark 1" },
	{ "ix", VERDICT_PASS, VERDICT_FAIL, 1, NULL, "c1: text 1" },
	{ "xi", VERDICT_PASS, VERDICT_FAIL, 1, NULL, "c0: text 0" },
	{ "ii", VERDICT_PASS, VERDICT_INVALID, 1, NULL, "mark 0" },
	{ "", VERDICT_SKIP, VERDICT_SKIP, 4, "no knob", "no knob" },
	{ "i", VERDICT_SKIP, VERDICT_SKIP, 4, "no knob", "no knob" },
	{ "x", VERDICT_SKIP, VERDICT_FAIL, 1, "no knob", "no knob" },
	{ "o", VERDICT_FAIL, VERDICT_FAIL, 1, "died", "died" },
	{ "i", VERDICT_FAIL, VERDICT_FAIL, 1, "died", "died" },
	{ "", VERDICT_INVALID, VERDICT_INVALID, 1, "noise", "noise" },
};

static void test_uuid(void **state)
{
	char a[UUID_TEXT], b[UUID_TEXT];

	uuid_make(a);
	uuid_make(b);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a, "0123456789abcdef-"), UUID_TEXT - 1);
}

static void test_verdicts(void **state)
{
	struct fixture *fx = *state;
	enum verdict final;
	struct record *back;
	unsigned int i, c;
	struct rec *r;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		r = rec_open(fx->dir, "a.b", NULL);
		for (c = 0; verdicts[i].checks[c]; c++) {
			char name[8];

			snprintf(name, sizeof(name), "c%u", c);
			if (verdicts[i].checks[c] == 'i')
				rec_invalid(r, "mark %u", c);
			else
				rec_check(r, name, verdicts[i].checks[c] == 'o',
					  "text %u", c);
		}
		rec_close(r, verdicts[i].given, verdicts[i].given_text, &final,
			  NULL);
		assert_int_equal(final, verdicts[i].stored);
		assert_int_equal(verdict_exit_code(final), verdicts[i].exit_code);
		back = record_read(fx->path, NULL);
		assert_non_null(back);
		assert_int_equal(back->verdict, verdicts[i].stored);
		if (verdicts[i].stored_text)
			assert_string_equal(back->verdict_text,
					    verdicts[i].stored_text);
		else
			assert_null(back->verdict_text);
		record_free(back);
	}
}

static const char *const bad_names[] = {
	"", ".hidden", "a/b", "../up", "a b", "a\nb", "ä",
};

static void test_bad_names(void **state)
{
	struct fixture *fx = *state;
	char longest[260];
	struct reason why;
	unsigned int i;

	for (i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
		why.text[0] = 0;
		assert_null(rec_open(fx->dir, bad_names[i], &why));
		assert_non_null(strstr(why.text, "cannot name a record"));
	}
	memset(longest, 'a', sizeof(longest));
	longest[259] = 0;
	assert_null(rec_open(fx->dir, longest, &why));
}

static void test_unwritable(void **state)
{
	struct fixture *fx = *state;
	char path[200];
	struct reason why;

	/* A file stands where a directory is wanted. */
	snprintf(path, sizeof(path), "%s/file", fx->dir);
	fclose(fopen(path, "w"));
	snprintf(path, sizeof(path), "%s/file/sub", fx->dir);
	assert_null(rec_open(path, "a", &why));
	assert_non_null(strstr(why.text, "Not a directory"));
	assert_non_null(strstr(why.text, "--results"));
	assert_null(rec_open("/proc/nothing/here", "a", &why));
	assert_null(rec_open("", "a", &why));
}

static void store_value(struct rec *r, int value)
{
	unsigned int i;

	for (i = 0; i < 2000; i++)
		rec_count(r, "value", value, "x", BETTER_NONE);
}

/* Runs in a child: overwriting a record hits the limit and must leave it. */
static int close_at_limit(const char *dir)
{
	struct rlimit small = { 4096, 4096 };
	struct reason why;
	struct rec *r = rec_open(dir, "a.b", &why);

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	store_value(r, 2);
	if (rec_close(r, VERDICT_PASS, NULL, NULL, &why) != -EFBIG)
		return 1;
	return strstr(why.text, "a.b.jsonl") ? 0 : 2;
}

static void test_write_error_keeps_the_old_record(void **state)
{
	struct fixture *fx = *state;
	struct rec *r = rec_open(fx->dir, "a.b", NULL);
	struct record *back;
	int status;
	pid_t pid;

	store_value(r, 1);
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, NULL, NULL), 0);
	pid = fork();
	if (!pid)
		_exit(close_at_limit(fx->dir));
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(nr_files(fx->dir), 1);
	back = record_read(fx->path, NULL);
	assert_non_null(back);
	assert_int_equal(record_find(back, EVENT_COUNT, "value")->count, 1);
	record_free(back);
}

/* In a mount namespace of its own, on a disk of 32 KiB. 77: not possible. */
static int close_on_full_disk(const char *dir)
{
	struct reason why;
	struct rec *r;

	/* A user namespace would not do: its files would have no owner. */
	if (unshare(CLONE_NEWNS))
		return 77;
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("tmpfs", dir, "tmpfs", 0, "size=32k"))
		return 77;
	r = rec_open(dir, "a.b", NULL);
	store_value(r, 2);
	if (rec_close(r, VERDICT_PASS, NULL, NULL, &why) != -ENOSPC)
		return 1;
	if (!strstr(why.text, "No space left") || !strstr(why.text, "free space"))
		return 2;
	return nr_files(dir) ? 3 : 0;
}

static void test_full_disk(void **state)
{
	struct fixture *fx = *state;
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(close_on_full_disk(fx->dir));
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void make_old(const char *dir, const char *name, int age_s)
{
	struct timeval times[2] = {};
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	fclose(f);
	times[0].tv_sec = times[1].tv_sec = time(NULL) - age_s;
	utimes(path, times);
}

static void test_sweep(void **state)
{
	struct fixture *fx = *state;
	char mine[64], dead[64];
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	snprintf(mine, sizeof(mine), ".c.jsonl.%d.tmp", getpid());
	snprintf(dead, sizeof(dead), ".d.jsonl.%d.tmp", pid);
	make_old(fx->dir, mine, 1000);
	make_old(fx->dir, dead, 1000);
	make_old(fx->dir, ".note.tmp", 1000);
	make_old(fx->dir, "kept.99999999.tmp", 1000);
	assert_int_equal(outfile_sweep(fx->dir), 1);
	assert_int_equal(nr_files(fx->dir), 3);
	make_old(fx->dir, dead, 1);
	assert_int_equal(outfile_sweep(fx->dir), 0);
}

static void test_memory_only_and_abort(void **state)
{
	struct fixture *fx = *state;
	struct rec *r = rec_open(NULL, "a.b", NULL);
	enum verdict final;

	rec_count(r, "v", 1, "x", BETTER_NONE);
	assert_int_equal(json_array_size(rec_lines(r)), 2);
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, &final, NULL), 0);
	rec_abort(rec_open(fx->dir, "a.b", NULL));
	assert_int_equal(nr_files(fx->dir), 0);
}

/* A name that is no UTF-8 cannot be stored: better no record than a gap. */
static void test_kept_error(void **state)
{
	struct fixture *fx = *state;
	struct rec *r = rec_open(fx->dir, "a.b", NULL);
	struct reason why;

	rec_count(r, "bad\xff", 1, "x", BETTER_NONE);
	rec_count(r, "good", 1, "x", BETTER_NONE);
	assert_true(rec_close(r, VERDICT_PASS, NULL, NULL, &why) < 0);
	assert_non_null(strstr(why.text, "incomplete"));
	assert_int_equal(nr_files(fx->dir), 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_round_trip),
		T(test_stored_quantiles),
		T(test_place_from_environment),
		T(test_uuid),
		T(test_verdicts),
		T(test_bad_names),
		T(test_unwritable),
		T(test_write_error_keeps_the_old_record),
		T(test_full_disk),
		T(test_sweep),
		T(test_memory_only_and_abort),
		T(test_kept_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rec", tests, NULL, NULL);
}
