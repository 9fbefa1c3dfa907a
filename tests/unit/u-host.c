// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are settings read as the kernel writes them, and are they put back?
 *
 * Method: a tree of files plays the host.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "host/host.h"
#include "fixture.h"
#include "settings.h"

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
	assert_int_equal(settings_journals(), 1);
	assert_int_equal(host_restore_stale(&why), 0);
	assert_string_equal(fixture_text(KSM_RUN), "2");
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_string_equal(fixture_text(THP_ENABLED), "madvise");
	assert_int_equal(settings_journals(), 0);
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
	assert_int_equal(settings_journals(), 0);
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
	assert_int_equal(settings_journals(), 1);
	assert_int_equal(rmdir(full), 0);
	fixture_file(KSM_RUN, "0\n");
	host_pop_all();
	assert_string_equal(fixture_text(KSM_RUN), "1");
	assert_int_equal(settings_journals(), 0);
}

static void no_journal_no_change(void **state)
{
	struct reason why = { "" };
	char state_dir[128];

	fixture_file("/file", "");
	snprintf(state_dir, sizeof(state_dir), "%s/file/sub", fixture_dir());
	setenv("MMUBENCH_STATE", state_dir, 1);
	assert_int_equal(host_push_write(KSM_RUN, "0", &why), -ENOTDIR);
	assert_non_null(strstr(why.text, "MMUBENCH_STATE"));
	assert_string_equal(fixture_text(KSM_RUN), "1\n");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, settings_begin, settings_end)
	const struct CMUnitTest tests[] = {
		T(reading), T(push_pop), T(directories), T(refusals),
		T(failing_undo), T(no_journal_no_change),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
