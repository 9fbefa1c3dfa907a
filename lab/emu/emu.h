/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_EMU_H
#define LAB_EMU_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"
#include "lab/base/words.h"
#include "lab/emu/hosts.h"
#include "lab/emu/proc.h"

/* One start of an emulator. */
struct emu_job {
	const struct host *host;
	const char *dir;	/* a directory for this run's files */
	const char *kernel;
	const char *initrd;
	const char *append;	/* the whole kernel command line */
	const char *shell_tty;	/* interactive: the console goes here */
	bool deterministic;
	const char *const *extra; /* more words for the emulator */
	size_t nr_extra;
};

/* Files that every emulator writes, in emu_job.dir. */
#define EMU_CONSOLE "console.log"	/* first serial port */
#define EMU_PORT "port.out"		/* second serial port */
#define EMU_LOG "emulator.log"		/* the emulator's own words */

struct emu_ops {
	const char *name;	/* as in hosts.cfg */
	const char *program;
	const char *package;	/* that has the program */
	const char *version;	/* a shell command that prints it */
	/* What MMUBENCH_EMULATOR says inside. */
	const char *label;
	enum proc_output output;
	unsigned int max_cpus;
	/* Keys of hosts.cfg that mean nothing to it, between blanks. */
	const char *ignores;
	/* Words that, in the emulator's own output, mean that it stopped. */
	const char *stopped;
	/*
	 * What it prints before the quoted name of a second terminal that it
	 * draws on and that somebody must read, or NULL.
	 */
	const char *screen;
	/* CPUs of a deterministic host take turns, see lab/image/init. */
	bool takes_turns;
	/* What MMUBENCH_CLOCK says inside (results/README.md): virtual, emulated. */
	const char *(*clock)(bool deterministic);
	/* Optional: more of the kernel command line, freshly found out. */
	void (*append)(bool deterministic, char *words, size_t size);
	/* Optional: make the files that command() names; 0 or -errno, @why. */
	int (*prepare)(const struct emu_job *job, struct reason *why);
	void (*command)(const struct emu_job *job, struct words *w);
	/* Optional: what is missing on this machine; 0 or -errno with @why. */
	int (*probe)(struct reason *why);
};

extern const struct emu_ops emu_qemu;
extern const struct emu_ops emu_bochs;

/* The emulator called @name, or NULL. */
const struct emu_ops *emu_find(const char *name);

/*
 * Make what it needs in @job->dir and start it; @w keeps its command line.
 * 0 or -errno with @why.
 */
int emu_start(const struct emu_ops *ops, const struct emu_job *job,
	      struct words *w, struct proc *p, struct reason *why);

/* Print its own last words; @terminal: the end of its terminal's text. */
void emu_print_log(const char *who, const char *dir, const char *terminal);

/* Does a host's key mean anything to it? */
bool emu_uses(const struct emu_ops *ops, const char *key);

/* Can it run here?  0, or -errno with what to install in @why. */
int emu_probe(const struct emu_ops *ops, struct reason *why);

#endif
