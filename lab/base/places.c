// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Where are the source and the build?
 *
 * The program lies in BUILD/bin; the source tree is the one it was built from,
 * unless the environment says that it was moved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/places.h"

int places_find(struct places *p)
{
	const char *top = getenv("MMUBENCH_TOP");
	char exe[480], *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return -1;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return -1;
		*slash = '\0';
	}
	snprintf(p->build, sizeof(p->build), "%s", exe);
	snprintf(p->top, sizeof(p->top), "%s", top ? top : LAB_TOP);
	return 0;
}
