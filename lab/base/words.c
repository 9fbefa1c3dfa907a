// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How is a command line put together word by word?
 *
 * Errors are collected in the vector itself, so that a list of twenty words
 * needs one check, before it is used.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/base/words.h"

/* Takes over @word; NULL means that there was no memory for it. */
static void append(struct words *w, char *word)
{
	if (!word || w->nr == WORDS_MAX) {
		w->failed = 1;
		free(word);
		return;
	}
	w->v[w->nr++] = word;
	w->v[w->nr] = NULL;
}

void words_add(struct words *w, const char *fmt, ...)
{
	char *word = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&word, fmt, ap) < 0)
		word = NULL;
	va_end(ap);
	append(w, word);
}

void words_add_all(struct words *w, ...)
{
	const char *word;
	va_list ap;

	va_start(ap, w);
	while ((word = va_arg(ap, const char *)))
		append(w, strdup(word));
	va_end(ap);
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->nr; i++)
		free(w->v[i]);
	memset(w, 0, sizeof(*w));
}
