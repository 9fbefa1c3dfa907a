// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a case's process does, is the verdict right, and is there a record
 * that says the same?  Shell scripts play the process; a record that they
 * "write" lies ready beside them.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "bench/supervise.h"
#include "record/rec.h"
#include "record/recread.h"
#include "sample.h"

#define KEEP	"mv ready/the.case.jsonl the.case.jsonl; "
#define ASSERTED "echo '==== Test Assertion Failure ===='; echo '  x.c:1: ok'; "

static char dir[40];

static const struct {
	const char *name;
	enum verdict ready;	/* in the record that KEEP puts in place */
	const char *script;
	unsigned int timeout_s;
	enum verdict verdict;
	bool has_record, told;
	const char *text;	/* part of the text */
} rows[] = {
	{ "pass", VERDICT_PASS, KEEP, 10, VERDICT_PASS, true, true, "" },
	{ "skip", VERDICT_SKIP, KEEP "exit 4", 10, VERDICT_SKIP, true, true,
	  "says ready" },
	{ "fail", VERDICT_FAIL, KEEP "exit 1", 10, VERDICT_FAIL, true, true,
	  "says ready" },
	{ "invalid", VERDICT_INVALID, KEEP "exit 1", 10, VERDICT_INVALID, true,
	  true, "says ready" },
	{ "usage", VERDICT_PASS, "echo 'option --x: no'; exit 64", 10,
	  VERDICT_USAGE, false, true, "option --x: no" },
	{ "cannot write", VERDICT_PASS, "echo 'disk full'; exit 1", 10,
	  VERDICT_FAIL, false, true, "disk full" },
	{ "library skips", VERDICT_PASS, "echo 'no such cap'; exit 4", 10,
	  VERDICT_SKIP, true, false, "no such cap" },
	{ "library may not", VERDICT_PASS, ASSERTED "exit 4", 10, VERDICT_FAIL,
	  true, false, "exit status 4: x.c:1: ok" },
	{ "assertion", VERDICT_PASS, ASSERTED "exit 254", 10, VERDICT_FAIL,
	  true, false, "exit status 254: x.c:1: ok" },
	{ "nothing", VERDICT_PASS, "exit 0", 10, VERDICT_FAIL, true, false,
	  "the case ended with exit status 0" },
	{ "crash", VERDICT_PASS, "kill -SEGV $$", 10, VERDICT_FAIL, true, false,
	  "the case was killed by signal 11" },
	{ "hang", VERDICT_PASS, "echo on; sleep 600", 1, VERDICT_FAIL, true,
	  false, "the case did not end within 1 s: on" },
	{ "crash afterwards", VERDICT_PASS, KEEP "kill -KILL $$", 10,
	  VERDICT_FAIL, true, false,
	  "has written its record, but then was killed by signal 9" },
	{ "other status", VERDICT_PASS, KEEP "echo odd; exit 1", 10,
	  VERDICT_FAIL, true, false, "ended with exit status 1: odd" },
	{ "no program", VERDICT_PASS, NULL, 10, VERDICT_FAIL, true, false,
	  "exit status 127: cannot run" },
	{ "no record", VERDICT_PASS, "echo '{' >the.case.jsonl", 10,
	  VERDICT_FAIL, true, false, "ended with exit status 0" },
};

/* The process works where its records go. */
static void supervise(const char *script, unsigned int timeout_s,
		      struct supervised *end)
{
	char text[300];
	char *argv[] = { (char *)(script ? "/bin/sh" : "/nonexistent"),
			 (char *)"-c", text, NULL };
	const struct supervise s = {
		.argv = argv, .dir = dir, .case_name = "the.case",
		.timeout_s = timeout_s,
	};
	struct reason why;

	snprintf(text, sizeof(text), "cd %s; %s", dir, script ? script : "");
	assert_int_equal(supervise_case(&s, end, &why), 0);
}

static void make_ready(enum verdict v)
{
	char ready[60];
	struct rec *r;

	snprintf(ready, sizeof(ready), "%s/ready", dir);
	r = rec_open(ready, "the.case", NULL);
	assert_non_null(r);
	rec_line(r, "run", json_pack("{s:s}", "program", "ready"));
	rec_close(r, v, v == VERDICT_PASS ? NULL : "says ready", NULL, NULL);
}

static struct record *stored(void)
{
	char path[60];
	struct reason why;

	snprintf(path, sizeof(path), "%s/the.case.jsonl", dir);
	return record_read(path, &why);
}

static void remove_stored(void)
{
	char path[60];

	snprintf(path, sizeof(path), "%s/the.case.jsonl", dir);
	unlink(path);
}

static void check_row(size_t i)
{
	struct supervised end;
	struct record *rec;

	make_ready(rows[i].ready);
	supervise(rows[i].script, rows[i].timeout_s, &end);
	if (end.verdict != rows[i].verdict || end.signal ||
	    end.has_record != rows[i].has_record ||
	    end.told != rows[i].told || !strstr(end.text, rows[i].text))
		fail_msg("%s: %s, record %d, told %d: %s", rows[i].name,
			 verdict_name(end.verdict), end.has_record, end.told,
			 end.text);
	assert_string_equal(end.warning, "");
	rec = stored();
	if (!rec)
		return;
	assert_int_equal(rec->verdict, rows[i].verdict);
	assert_string_equal(rec->verdict_text ? rec->verdict_text : "",
			    end.text);
	record_free(rec);
}

static void test_ends(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		remove_stored();
		check_row(i);
	}
}

/* An earlier run's record is none of this one's. */
static void test_old_record(void **state)
{
	struct supervised end;
	struct record *rec;

	make_ready(VERDICT_PASS);
	supervise(KEEP, 10, &end);
	assert_int_equal(end.verdict, VERDICT_PASS);
	supervise("kill -SEGV $$", 10, &end);
	assert_int_equal(end.verdict, VERDICT_FAIL);
	rec = stored();
	assert_int_equal(rec->verdict, VERDICT_FAIL);
	record_free(rec);
	make_ready(VERDICT_PASS);
	supervise(KEEP, 10, &end);
	supervise("echo disk full; exit 1", 10, &end);
	assert_int_equal(end.verdict, VERDICT_FAIL);
	assert_false(end.has_record);
}

/* What the process said about itself is in its obituary, and not left over. */
static void test_word(void **state)
{
	json_t *run = json_pack("{s:s, s:i}", "program", "some/prog", "seed", 7);
	struct supervised end;
	struct record *rec;
	char path[80];

	snprintf(path, sizeof(path), "%s/.the.case.started", dir);
	assert_int_equal(supervise_leave_word(dir, "the.case", run, NULL), 0);
	assert_int_equal(access(path, F_OK), 0);
	/* That one is of an earlier process, which was killed with its parent. */
	remove_stored();
	supervise("kill -SEGV $$", 10, &end);
	rec = stored();
	assert_null(json_object_get(rec->run, "program"));
	record_free(rec);
	assert_int_not_equal(access(path, F_OK), 0);

	supervise("echo '{\"program\":\"mine\"}' >.the.case.started; kill -SEGV $$",
		  10, &end);
	rec = stored();
	assert_string_equal(json_string_value(json_object_get(rec->run,
							      "program")),
			    "mine");
	assert_non_null(rec->env);
	record_free(rec);
	assert_int_not_equal(access(path, F_OK), 0);

	assert_int_equal(supervise_leave_word(dir, "the.case", run, NULL), 0);
	supervise_drop_word(dir, "the.case");
	assert_int_not_equal(access(path, F_OK), 0);
	json_decref(run);
}

/* An obituary that cannot be written is no record, and no success. */
static void test_nowhere(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)"exit 4", NULL };
	const struct supervise s = {
		.argv = argv, .dir = "/proc/nothing", .case_name = "the.case",
		.timeout_s = 10,
	};
	struct supervised end;

	assert_int_equal(supervise_case(&s, &end, NULL), 0);
	assert_int_equal(end.verdict, VERDICT_FAIL);
	assert_false(end.has_record);
	assert_non_null(strstr(end.text, "/proc/nothing"));
}

static void test_interrupted(void **state)
{
	struct supervised end;

	/* The process sends it, so that nothing depends on time. */
	remove_stored();
	supervise("kill -INT $PPID; sleep 600", 60, &end);
	assert_int_equal(end.signal, SIGINT);
	assert_null(stored());
}

static int setup(void **state)
{
	setenv("MMUBENCH_STATE", sample_tmpdir(dir), 1);
	return 0;
}

static int teardown(void **state)
{
	sample_rmdir(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_old_record),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_interrupted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("supervise", tests, setup, teardown);
}
