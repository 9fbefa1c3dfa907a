// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which emulators are there, and can this machine run them?
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/emu/emu.h"

static const struct emu_ops *const emulators[] = {
	&emu_qemu,
	&emu_bochs,
	NULL,
};

void words_add(struct words *w, const char *fmt, ...)
{
	char *word = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&word, fmt, ap) < 0)
		word = NULL;
	va_end(ap);
	if (!word || w->nr == MAX_WORDS) {
		w->failed = 1;
		free(word);
		return;
	}
	w->v[w->nr++] = word;
	w->v[w->nr] = NULL;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->nr; i++)
		free(w->v[i]);
	memset(w, 0, sizeof(*w));
}

const struct emu_ops *emu_find(const char *name)
{
	for (size_t i = 0; emulators[i]; i++)
		if (!strcmp(emulators[i]->name, name))
			return emulators[i];
	return NULL;
}

void emu_command(const struct emu_ops *ops, const struct emu_job *job,
		 struct words *w)
{
	ops->command(job, w);
	for (size_t i = 0; i < job->nr_extra; i++)
		words_add(w, "%s", job->extra[i]);
}

int emu_uses(const struct emu_ops *ops, const char *key)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", key);
	return !strstr(ops->ignores, word);
}

static int in_path(const char *program)
{
	const char *path = getenv("PATH");
	char buf[4096];
	size_t n;

	while (path && *path) {
		n = strcspn(path, ":");
		snprintf(buf, sizeof(buf), "%.*s/%s", (int)n, path, program);
		if (!access(buf, X_OK))
			return 1;
		path += n + (path[n] == ':');
	}
	return 0;
}

int emu_probe(const struct emu_ops *ops, char *why, size_t size)
{
	if (!in_path(ops->program)) {
		snprintf(why, size,
			 "%s is not installed; install the package %s, or run tools/setup lab",
			 ops->program, ops->package);
		return -1;
	}
	return ops->probe ? ops->probe(why, size) : 0;
}
