// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the supervisor see every way a child can end, keep the end of its
 * output, and leave no process behind?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/launch.h"
#include "base/timing.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name, *script;
	unsigned int timeout_s;
	enum launch_how how;
	int code;
	const char *quote;
} rows[] = {
	{ "pass", "echo fine", 10, LAUNCH_EXITED, 0, "fine" },
	{ "silent", "exit 1", 10, LAUNCH_EXITED, 1, "" },
	{ "stderr", "echo bad >&2; exit 64", 10, LAUNCH_EXITED, 64, "bad" },
	{ "last lines", "printf 'a\\nb\\nc\\nd\\n'; exit 1", 10,
	  LAUNCH_EXITED, 1, "b | c | d" },
	{ "no newline", "printf 'a\\n\\n b'; exit 4", 10, LAUNCH_EXITED, 4,
	  "a | b" },
	{ "crash", "echo bye; kill -SEGV $$", 10, LAUNCH_KILLED, SIGSEGV,
	  "bye" },
	{ "hang", "echo on; sleep 600", 1, LAUNCH_TIMED_OUT, 0, "on" },
	{ "deaf hang", "trap '' TERM; echo deaf; while :; do sleep 1; done", 1,
	  LAUNCH_TIMED_OUT, 0, "deaf" },
	{ "assertion",
	  "echo noise; echo '==== Test Assertion Failure ====';"
	  "echo '  lib/x.c:12: ret == 0'; echo '  pid=1 tid=1 errno=22';"
	  "echo '     1	0x0000000000401234: main at x.c:3';"
	  "echo '  ioctl failed'; exit 254", 10, LAUNCH_EXITED, 254,
	  "lib/x.c:12: ret == 0 | pid=1 tid=1 errno=22 | ioctl failed" },
};

static void test_ends(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", NULL, NULL };
	struct launch l = { .argv = argv };
	struct launch_end end;
	struct reason why;
	char quote[200];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		argv[2] = (char *)rows[i].script;
		l.timeout_s = rows[i].timeout_s;
		assert_int_equal(launch_run(&l, &end, &why), 0);
		if (end.how != rows[i].how || end.code != rows[i].code)
			fail_msg("%s: ended as %d, %d", rows[i].name, end.how,
				 end.code);
		launch_quote(end.tail, quote, sizeof(quote));
		assert_string_equal(quote, rows[i].quote);
	}
}

static void test_output_elsewhere(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c",
		(char *)"echo there; exit 3", NULL };
	FILE *f = tmpfile();
	struct launch l = { .argv = argv, .out_fd = fileno(f) };
	struct launch_end end;
	struct reason why;
	char text[16];

	assert_int_equal(launch_run(&l, &end, &why), 0);
	assert_int_equal(end.how, LAUNCH_EXITED);
	assert_int_equal(end.code, 3);
	assert_string_equal(end.tail, "");
	rewind(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_string_equal(text, "there\n");
	fclose(f);
}

static void test_missing_program(void **state)
{
	char *argv[] = { (char *)"/nonexistent/program", NULL };
	struct launch l = { .argv = argv };
	struct launch_end end;
	struct reason why;

	assert_int_equal(launch_run(&l, &end, &why), 0);
	assert_int_equal(end.how, LAUNCH_EXITED);
	assert_int_equal(end.code, 127);
	assert_non_null(strstr(end.tail, "/nonexistent/program"));
}

static void test_tail_is_the_end(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c",
		(char *)"i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done",
		NULL };
	struct launch l = { .argv = argv };
	struct launch_end end;
	struct reason why;

	assert_int_equal(launch_run(&l, &end, &why), 0);
	assert_int_equal(strlen(end.tail), LAUNCH_TAIL);
	assert_non_null(strstr(end.tail, "line 2999\n"));
	assert_null(strstr(end.tail, "line 1\n"));
}

static void test_quote_fits(void **state)
{
	static const char *const tails[] = {
		"", "\n", "\n\n\n", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb",
	};
	char quote[12];
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		for (size = 1; size <= sizeof(quote); size++) {
			launch_quote(tails[i], quote, size);
			assert_true(strlen(quote) < size);
		}
	}
}

/* The background sleep is in the child's group and must die with it. */
static void test_no_process_survives(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c",
		(char *)"sleep 600 & echo $!", NULL };
	struct launch l = { .argv = argv };
	struct launch_end end;
	struct reason why;
	int i, alive = 1;
	pid_t pid;

	assert_int_equal(launch_run(&l, &end, &why), 0);
	pid = strtol(end.tail, NULL, 10);
	assert_true(pid > 1);
	for (i = 0; i < 100 && alive; i++) {
		alive = !kill(pid, 0);
		/* An orphan stays a zombie where nothing reaps it. */
		if (alive) {
			char path[64], text[64] = "";
			FILE *f;

			snprintf(path, sizeof(path), "/proc/%d/stat", pid);
			f = fopen(path, "r");
			if (!f || !fgets(text, sizeof(text), f) ||
			    strstr(text, ") Z"))
				alive = 0;
			if (f)
				fclose(f);
		}
		if (alive)
			timing_sleep_ns(20000000);
	}
	assert_false(alive);
}

static void send_term(void *arg, uint64_t elapsed_ns)
{
	int *sent = arg;

	if (!*sent && elapsed_ns > 100000000) {
		*sent = 1;
		kill(getpid(), SIGINT);
	}
}

static void test_interrupt(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c",
		(char *)"trap 'echo cleaned up; exit 3' TERM; sleep 600 & wait",
		NULL };
	int sent = 0;
	struct launch l = {
		.argv = argv, .tick = send_term, .arg = &sent, .tick_ms = 50,
	};
	struct launch_end end;
	struct reason why;

	assert_int_equal(launch_run(&l, &end, &why), 0);
	assert_int_equal(end.how, LAUNCH_INTERRUPTED);
	assert_int_equal(end.code, SIGINT);
	assert_non_null(strstr(end.tail, "cleaned up"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_output_elsewhere),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_tail_is_the_end),
		cmocka_unit_test(test_quote_fits),
		cmocka_unit_test(test_no_process_survives),
		cmocka_unit_test(test_interrupt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
