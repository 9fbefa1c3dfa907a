// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the cgroup of a process found in every layout, and left again?
 *
 * Method: recorded layouts for the first, this machine's own for the second.
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
#include <sys/wait.h>

#include "host/host.h"
#include "fixture.h"
#include "settings.h"

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
		settings_end(NULL);
		settings_begin(NULL);
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
		assert_int_equal(settings_journals(), 0);
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
	assert_int_equal(settings_journals(), 0);
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
	assert_int_equal(settings_journals(), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, settings_begin, settings_end)
	const struct CMUnitTest tests[] = {
		T(cgroup_places), T(cgroup_for_real), T(cgroup_after_sigkill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("memcg", tests, NULL, NULL);
}
