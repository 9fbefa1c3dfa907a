// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are settings read as the kernel writes them, and are they always put back?
 *
 * Method: a tree of files plays the host; children push settings and end in
 * every way a process can end (exit, signals, SIGKILL, a fork of their own),
 * and the tree must be as before, at once or after a restore.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/host.h"
#include "fixture.h"

#define KSM_RUN "/sys/kernel/mm/ksm/run"
#define THP_ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"

static char state_dir[128];

static int begin(void **state)
{
	fixture_begin();
	snprintf(state_dir, sizeof(state_dir), "%s/state", fixture_dir());
	setenv("MMUBENCH_STATE", state_dir, 1);
	fixture_file(KSM_RUN, "1\n");
	fixture_file(THP_ENABLED, "always [madvise] never\n");
	return 0;
}

static int end(void **state)
{
	fixture_end();
	unsetenv("MMUBENCH_STATE");
	return 0;
}

/* Journals in the state directory, whoever they belong to. */
static int nr_journals(void)
{
	char cmd[200];
	int nr = -1;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "ls %s 2>/dev/null | wc -l", state_dir);
	f = popen(cmd, "r");
	assert_int_equal(fscanf(f, "%d", &nr), 1);
	pclose(f);
	return nr;
}

/* ---- reading --------------------------------------------------------------- */

static void reading(void **state)
{
	char buf[64], tiny[4];
	uint64_t v;

	fixture_file("/a/number", "18446744073709551615\n");
	fixture_file("/a/hex", "0x0007\n");
	fixture_file("/a/negative", "-1\n");
	fixture_file("/a/words", "some text\n");
	fixture_file("/a/empty", "");
	assert_int_equal(host_read_u64("/a/number", &v), 0);
	assert_int_equal(v, UINT64_MAX);
	assert_int_equal(host_read_u64("/a/hex", &v), 0);
	assert_int_equal(v, 7);
	assert_int_equal(host_read_u64("/a/negative", &v), -EINVAL);
	assert_int_equal(host_read_u64("/a/words", &v), -EINVAL);
	assert_int_equal(host_read_u64("/a/empty", &v), -EINVAL);
	assert_int_equal(host_read_u64("/a/missing", &v), -ENOENT);
	assert_int_equal(host_read("/a/words", buf, sizeof(buf)), 9);
	assert_string_equal(buf, "some text");
	assert_int_equal(host_read("/a/words", tiny, sizeof(tiny)), 3);
	assert_string_equal(tiny, "som");
	assert_int_equal(host_read("/a/empty", buf, sizeof(buf)), 0);
	assert_true(host_exists("/a/empty"));
	assert_false(host_exists("/a/missing"));
	assert_int_equal(host_read_choice(THP_ENABLED, buf, sizeof(buf)), 7);
	assert_string_equal(buf, "madvise");
	assert_int_equal(host_read_choice("/a/words", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(host_read_choice(THP_ENABLED, tiny, sizeof(tiny)),
			 -ENAMETOOLONG);
}

/* ---- push and pop ------------------------------------------------------------ */

static void push_pop(void **state)
{
	struct reason why = { "" };

	assert_int_equal(host_push_write(KSM_RUN, "0", &why), 0);
	assert_int_equal(host_push_write(KSM_RUN, "2", &why), 0);
	assert_int_equal(host_push_write(THP_ENABLED, "never", &why), 0);
	assert_string_equal(fixture_text(KSM_RUN), "2");
	assert_string_equal(fixture_text(THP_ENABLED), "never");
	assert_int_equal(nr_journals(), 1);
	assert_int_equal(host_restore_stale(&why), 0);
	assert_string_equal(fixture_text(KSM_RUN), "2");
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_string_equal(fixture_text(THP_ENABLED), "madvise");
	assert_int_equal(nr_journals(), 0);
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
}

static void directories(void **state)
{
	struct reason why = { "" };

	fixture_file("/cg/ours/file", "x");
	assert_int_equal(host_push_mkdir("/cg/ours", &why), -EEXIST);
	assert_int_equal(host_push_mkdir("/cg/new", &why), 0);
	assert_int_equal(host_push_mkdir("/cg/new/inner", &why), 0);
	assert_true(host_exists("/cg/new/inner"));
	host_pop_all();
	assert_false(host_exists("/cg/new"));
	assert_true(host_exists("/cg/ours/file"));
}

static void refusals(void **state)
{
	struct reason why = { "" };

	fixture_file("/two/lines", "a\nb\n");
	assert_int_equal(host_push_write("/no/such", "1", &why), -ENOENT);
	assert_non_null(strstr(why.text, "/no/such"));
	assert_int_equal(host_push_write("/two/lines", "1", &why), -EINVAL);
	assert_non_null(strstr(why.text, "several lines"));
	assert_int_equal(host_push_mkdir("/no/such/dir", &why), -ENOENT);
	assert_string_equal(fixture_text("/two/lines"), "a\nb\n");
	assert_int_equal(nr_journals(), 0);
}

/* A change that cannot be put back is not forgotten. */
static void failing_undo(void **state)
{
	struct reason why = { "" };
	char full[200];

	assert_int_equal(host_push_write(KSM_RUN, "0", &why), 0);
	assert_int_equal(host_push_write(THP_ENABLED, "never", &why), 0);
	snprintf(full, sizeof(full), "%s%s", fixture_dir(), KSM_RUN);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkdir(full, 0755), 0);
	host_pop_all();
	assert_string_equal(fixture_text(THP_ENABLED), "madvise");
	assert_int_equal(nr_journals(), 1);
	assert_int_equal(rmdir(full), 0);
	fixture_file(KSM_RUN, "0\n");
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_int_equal(nr_journals(), 0);
}

static void no_journal_no_change(void **state)
{
	struct reason why = { "" };

	fixture_file("/file", "");
	snprintf(state_dir, sizeof(state_dir), "%s/file/sub", fixture_dir());
	setenv("MMUBENCH_STATE", state_dir, 1);
	assert_int_equal(host_push_write(KSM_RUN, "0", &why), -ENOTDIR);
	assert_non_null(strstr(why.text, "MMUBENCH_STATE"));
	assert_string_equal(fixture_text(KSM_RUN), "1\n");
}

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
	assert_int_equal(nr_journals(), 0);
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
	assert_int_equal(nr_journals(), 0);
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
	assert_int_equal(nr_journals(), 0);
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
	assert_int_equal(nr_journals(), 0);
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
	assert_int_equal(nr_journals(), 0);
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
		assert_int_equal(nr_journals(), journals[i].left);
	}
}

/* ---- cgroups ----------------------------------------------------------------------- */

static const struct {
	const char *name, *cgroup, *mounts;
	const char *file, *text;	/* one more file of the host */
	int result;
	const char *where;		/* part of the reason */
} groups[] = {
	{ "no memory cgroups", "1:cpu:/\n", "", NULL, NULL, -ENODEV,
	  "CONFIG_MEMCG" },
	{ "v1", "4:memory:/job/1\n0::/\n",
	  "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n",
	  "/sys/fs/cgroup/memory/job/1/tasks", "", -ENOENT,
	  "/sys/fs/cgroup/memory/job/1/mmubench-t-" },
	{ "v2, an ancestor hands memory out", "0::/a/b\n",
	  "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
	  "/sys/fs/cgroup/a/cgroup.subtree_control", "cpu memory pids\n",
	  -ENOENT, "/sys/fs/cgroup/a/mmubench-t-" },
	{ "v2, the root can hand it out", "0::/a/b\n",
	  "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
	  "/sys/fs/cgroup/cgroup.controllers", "memory\n", -ENOENT,
	  "cgroup.subtree_control" },
	{ "v2 without the controller", "0::/a/b\n",
	  "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
	  "/sys/fs/cgroup/cgroup.controllers", "cpu hugetlb\n", -ENODEV,
	  "memory controller is not available" },
};

static void cgroup_places(void **state)
{
	struct reason why;
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		end(NULL);
		begin(NULL);
		print_message("# %s\n", groups[i].name);
		fixture_file("/proc/self/cgroup", groups[i].cgroup);
		fixture_file("/proc/self/mounts", groups[i].mounts);
		if (groups[i].file)
			fixture_file(groups[i].file, groups[i].text);
		/* A plain directory has no cgroup.procs: the last step fails. */
		assert_int_equal(host_push_memcg("t", path, sizeof(path), &why),
				 groups[i].result);
		if (!strstr(why.text, groups[i].where))
			fail_msg("reason: %s", why.text);
		host_pop_all();
		assert_int_equal(nr_journals(), 0);
	}
}

/* On this machine, where it has memory cgroups and lets us make one. */
static void cgroup_for_real(void **state)
{
	char before[256], inside[256], after[256], path[512];
	struct reason why = { "" };

	host_set_root("");
	if (host_memcg_self(before, sizeof(before), &why) ||
	    host_push_memcg("unit", path, sizeof(path), &why)) {
		print_message("# no memory cgroup here: %s\n", why.text);
		host_pop_all();
		skip();
	}
	assert_int_equal(host_memcg_self(inside, sizeof(inside), &why), 0);
	assert_non_null(strstr(inside, "mmubench-unit-"));
	assert_true(host_exists(path));
	host_pop_all();
	assert_int_equal(host_memcg_self(after, sizeof(after), &why), 0);
	assert_string_equal(before, after);
	assert_false(host_exists(path));
	assert_int_equal(nr_journals(), 0);
}

static void cgroup_after_sigkill(void **state)
{
	char path[512] = "", text[512];
	struct reason why = { "" };
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	host_set_root("");
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		if (host_push_memcg("unit", text, sizeof(text), &why))
			_exit(4);
		if (write(fds[1], text, strlen(text)) <= 0)
			_exit(1);
		/* A child of its own that outlives it, in the same group. */
		if (!fork()) {
			sleep(3);
			_exit(0);
		}
		raise(SIGKILL);
	}
	close(fds[1]);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status)) {
		close(fds[0]);
		skip();
	}
	n = read(fds[0], path, sizeof(path) - 1);
	close(fds[0]);
	assert_true(n > 0);
	assert_true(host_exists(path));
	assert_true(host_restore_stale(&why) >= 2);
	assert_false(host_exists(path));
	assert_int_equal(nr_journals(), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(reading), T(push_pop), T(directories), T(refusals),
		T(failing_undo), T(no_journal_no_change), T(full_disk),
		T(signals), T(normal_exit), T(fork_has_no_changes),
		T(sigkill_then_restore), T(the_living_are_left_alone),
		T(journal_conditions), T(cgroup_places), T(cgroup_for_real),
		T(cgroup_after_sigkill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
