/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_STAMP_H
#define LAB_STAMP_H

#include <stddef.h>

/* What a run outside knows and the host inside must not. */
struct stamp {
	char time[24];		/* as in records, 20 characters */
	unsigned char salt[32];
};

void stamp_make(struct stamp *s);

/*
 * Give the text of a file that came back, @n bytes, the names it should have:
 * the first "uuid" and the first "run_uuid" are mixed with the salt, so that
 * equal ones stay equal; with @dated, the first "time" becomes the stamp's.
 * The length does not change.
 */
void stamp_text(const struct stamp *s, char *text, size_t n, int dated);

#endif
