// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are settings put back however a process ends, and whatever its journal holds?
 *
 * Method: a tree of files plays the host; children push settings and end in
 * every way a process can end (exit, signals, SIGKILL, a fork of their own),
 * and the tree must be as before, at once or after a restore.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "host/host.h"
#include "fixture.h"
#include "settings.h"

/* ---- how a process can end ----------------------------------------------------- */

static void child_push(void)
{
	if (host_push_write(KSM_RUN, "0", NULL) ||
	    host_push_write(THP_ENABLED, "never", NULL) ||
	    host_push_mkdir("/made", NULL))
		_exit(99);
}

static void full_disk_child(void)
{
	struct rlimit none = { 40, 40 };	/* bytes: the header is longer */
	struct reason why = { "" };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	if (host_push_write(KSM_RUN, "0", &why) == 0 ||
	    !strstr(why.text, "no setting was changed"))
		_exit(98);
	_exit(0);
}

static void full_disk(void **state)
{
	int status;

	if (!fork())
		full_disk_child();
	wait(&status);
	assert_int_equal(status, 0);
	assert_string_equal(fixture_text(KSM_RUN), "1\n");
	assert_int_equal(settings_journals(), 0);
}

static void killed_by(int sig)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		/* The sanitizer has handlers of its own for some of these. */
		signal(sig, SIG_DFL);
		host_init();
		child_push();
		if (strcmp(fixture_text(KSM_RUN), "0"))
			_exit(98);
		raise(sig);
		_exit(97);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_string_equal(fixture_text(THP_ENABLED), "madvise");
	assert_false(host_exists("/made"));
	assert_int_equal(settings_journals(), 0);
}

static void signals(void **state)
{
	static const int list[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS
	};
	struct rlimit no_core = { 0, 0 };
	size_t i;

	setrlimit(RLIMIT_CORE, &no_core);
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		killed_by(list[i]);
}

static void normal_exit(void **state)
{
	int status;

	if (!fork()) {
		host_init();
		child_push();
		/* No exit handlers but ours: the parent's are not the child's. */
		host_pop_all();
		_exit(0);
	}
	wait(&status);
	assert_int_equal(status, 0);
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_int_equal(settings_journals(), 0);
}

static void fork_has_no_changes(void **state)
{
	int status;

	child_push();
	if (!fork()) {
		host_pop_all();
		_exit(strcmp(fixture_text(KSM_RUN), "0") ? 98 : 0);
	}
	wait(&status);
	assert_int_equal(status, 0);
	assert_string_equal(fixture_text(KSM_RUN), "0");
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_int_equal(settings_journals(), 0);
}

static void kill_hard(const char *ksm_run)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		host_init();
		if (ksm_run) {
			if (host_push_write(KSM_RUN, ksm_run, NULL))
				_exit(99);
		} else {
			child_push();
		}
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void sigkill_then_restore(void **state)
{
	struct reason why = { "" };

	kill_hard(NULL);
	assert_string_equal(fixture_text(KSM_RUN), "0");
	assert_true(host_exists("/made"));
	assert_int_equal(host_count_stale(), 1);
	/* Two more, each on top of what the one before left behind. */
	kill_hard("5");
	kill_hard("6");
	assert_int_equal(host_count_stale(), 3);
	assert_int_equal(host_restore_stale(&why), 5);
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_string_equal(fixture_text(THP_ENABLED), "madvise");
	assert_false(host_exists("/made"));
	assert_int_equal(settings_journals(), 0);
	assert_int_equal(host_restore_stale(&why), 0);
}

static void the_living_are_left_alone(void **state)
{
	int fds[2], status;
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		child_push();
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(host_count_stale(), 0);
	assert_int_equal(host_restore_stale(NULL), 0);
	assert_string_equal(fixture_text(KSM_RUN), "0");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(host_restore_stale(NULL), 3);
	assert_string_equal(fixture_text(KSM_RUN), "1");
	close(fds[0]);
	close(fds[1]);
}

/* ---- journals in every condition ------------------------------------------------- */

static void boot(char *buf, size_t size)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

	if (!f || !fgets(buf, size, f))
		snprintf(buf, size, "unknown");
	if (f)
		fclose(f);
	buf[strcspn(buf, "\n")] = '\0';
}

static const struct {
	const char *name, *journal;	/* %s: this boot's id */
	int result;			/* of the restore */
	const char *ksm;		/* afterwards */
	int left;			/* journals afterwards */
} journals[] = {
	{ "whole", "mmubench-journal 1\t4194305\t5\t%s\nwrite\t" KSM_RUN "\t7\n",
	  1, "7", 0 },
	{ "last line torn off",
	  "mmubench-journal 1\t4194305\t5\t%s\nwrite\t" KSM_RUN "\t7\nwrite\t"
	  KSM_RUN "\t8", 1, "7", 0 },
	{ "header torn off", "mmubench-journal 1\t41943", 0, "1\n", 0 },
	{ "empty", "", 0, "1\n", 0 },
	{ "of another boot",
	  "mmubench-journal 1\t4194305\t5\tnot-%s\nwrite\t" KSM_RUN "\t7\n", 0,
	  "1\n", 0 },
	{ "damaged",
	  "mmubench-journal 1\t4194305\t5\t%s\nwrite\t" KSM_RUN "\t7\nrm -rf /\n",
	  -EINVAL, "1\n", 1 },
	{ "unknown kind",
	  "mmubench-journal 1\t4194305\t5\t%s\nremove\t" KSM_RUN "\t7\n",
	  -EINVAL, "1\n", 1 },
	{ "what it names is gone",
	  "mmubench-journal 1\t4194305\t5\t%s\nwrite\t/gone\t7\nrmdir\t/gone\t\n"
	  "umount\t/gone\t\nleave\t/gone\t/gone\n", 4, "1\n", 0 },
};

static void journal_conditions(void **state)
{
	char text[1024], id[64];
	struct reason why;
	size_t i;

	boot(id, sizeof(id));
	for (i = 0; i < sizeof(journals) / sizeof(journals[0]); i++) {
		print_message("# %s\n", journals[i].name);
		fixture_file(KSM_RUN, "1\n");
		snprintf(text, sizeof(text), journals[i].journal, id);
		fixture_file("/state/4194305.journal", text);
		assert_int_equal(host_restore_stale(&why), journals[i].result);
		assert_string_equal(fixture_text(KSM_RUN), journals[i].ksm);
		assert_int_equal(settings_journals(), journals[i].left);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, settings_begin, settings_end)
	const struct CMUnitTest tests[] = {
		T(full_disk), T(signals), T(normal_exit),
		T(fork_has_no_changes), T(sigkill_then_restore),
		T(the_living_are_left_alone), T(journal_conditions),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
