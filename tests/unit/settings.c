// SPDX-License-Identifier: GPL-2.0-only
/* A fixture with two settings to change, see settings.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "settings.h"

static char state_dir[128];

int settings_begin(void **state)
{
	fixture_begin();
	snprintf(state_dir, sizeof(state_dir), "%s/state", fixture_dir());
	setenv("MMUBENCH_STATE", state_dir, 1);
	fixture_file(KSM_RUN, "1\n");
	fixture_file(THP_ENABLED, "always [madvise] never\n");
	return 0;
}

int settings_end(void **state)
{
	fixture_end();
	unsetenv("MMUBENCH_STATE");
	return 0;
}

int settings_journals(void)
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
