// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Where are the source and the build?
 *
 * The program lies in BUILD/bin; the source tree is the one it was built from,
 * unless the environment says that it was moved.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/places.h"

/* Cut the last part of a path off; false if there is none. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
	return slash;
}

int places_find(struct places *p, struct reason *why)
{
	const char *top = getenv("MMUBENCH_TOP");
	char exe[480];
	ssize_t n;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	if (!go_up(exe) || !go_up(exe))
		return reason_set(why, -ENOENT,
				  "cannot tell where this program is installed");
	snprintf(p->build, sizeof(p->build), "%s", exe);
	snprintf(p->top, sizeof(p->top), "%s", top ? top : LAB_TOP);
	return 0;
}
