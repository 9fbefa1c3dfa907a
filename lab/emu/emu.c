// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which emulators are there, can this machine run them, and how are they
 * started?
 */
#include <errno.h>
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

const struct emu_ops *emu_find(const char *name)
{
	for (size_t i = 0; emulators[i]; i++)
		if (!strcmp(emulators[i]->name, name))
			return emulators[i];
	return NULL;
}

int emu_start(const struct emu_ops *ops, const struct emu_job *job,
	      struct words *w, struct proc *p, struct reason *why)
{
	char log[900];
	int err;

	err = ops->prepare ? ops->prepare(job, why) : 0;
	if (err)
		return err;
	ops->command(job, w);
	for (size_t i = 0; i < job->nr_extra; i++)
		words_add(w, "%s", job->extra[i]);
	snprintf(log, sizeof(log), "%s/" EMU_LOG, job->dir);
	err = w->failed ? -E2BIG : proc_start(p, w->v, ops->output, log);
	if (err)
		return reason_set(why, err, "cannot start %s: %s", ops->program,
				  strerror(-err));
	return 0;
}

bool emu_uses(const struct emu_ops *ops, const char *key)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", key);
	return !strstr(ops->ignores, word);
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char buf[4096];
	size_t n;

	while (path && *path) {
		n = strcspn(path, ":");
		snprintf(buf, sizeof(buf), "%.*s/%s", (int)n, path, program);
		if (!access(buf, X_OK))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

int emu_probe(const struct emu_ops *ops, struct reason *why)
{
	if (!in_path(ops->program))
		return reason_skip(why, -ENOENT,
				   "%s is not installed; install the package %s, or run tools/setup lab",
				   ops->program, ops->package);
	return ops->probe ? ops->probe(why) : 0;
}
