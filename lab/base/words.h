/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_WORDS_H
#define LAB_WORDS_H

#include <stddef.h>

#define WORDS_MAX 96

/* An argument vector under construction; it owns its words. */
struct words {
	char *v[WORDS_MAX + 1];
	size_t nr;
	int failed;		/* out of room or memory */
};

void words_add(struct words *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Add words that are fixed; the last argument is NULL. */
void words_add_all(struct words *w, ...) __attribute__((sentinel));
void words_free(struct words *w);

#endif
