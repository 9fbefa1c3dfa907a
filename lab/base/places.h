/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_PLACES_H
#define LAB_PLACES_H

#include "base/reason.h"

/* Where the lab finds what it needs and leaves what it keeps. */
struct places {
	char top[512];		/* the source tree: lab/, tools/ */
	char build[512];	/* the build directory: bin/, lab/ */
};

/* Find them from this program's own place.  0 or -errno with @why. */
int places_find(struct places *p, struct reason *why);

#endif
