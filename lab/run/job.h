/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_JOB_H
#define LAB_JOB_H

#include "lab/emu/emu.h"
#include "lab/run/run.h"

/* The private directory of one run. */
struct workdir {
	char path[700];
	int lock;
};

/* Make one below the build directory; 0 or -errno with @why. */
int workdir_make(struct workdir *w, const char *build, struct reason *why);
/* @keep: leave its files there and say where they are. */
void workdir_remove(struct workdir *w, bool keep);

/* What an emulator is started with, and the texts that it points to. */
struct boot {
	struct emu_job emu;
	char initrd[900];
	char append[4096];
};

/*
 * Write what the host is to do into @work and fill @boot, whose console is
 * @shell_tty or, if that is NULL, a file.  0 or -errno with @why.
 */
int job_prepare(struct boot *boot, const struct run_job *job,
		const struct emu_ops *emu, const struct workdir *work,
		const char *shell_tty, struct reason *why);

#endif
