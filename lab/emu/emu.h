/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_EMU_H
#define LAB_EMU_H

#include <stddef.h>

#include "lab/emu/hosts.h"
#include "lab/emu/proc.h"

#define MAX_WORDS 96

/* An argument vector under construction; words are owned by it. */
struct words {
	char *v[MAX_WORDS + 1];
	size_t nr;
	int failed;		/* out of room or memory */
};

void words_add(struct words *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void words_free(struct words *w);

/* One start of an emulator. */
struct emu_job {
	const struct host *host;
	const char *dir;	/* a directory for this run's files */
	const char *kernel;
	const char *initrd;
	const char *append;	/* the whole kernel command line */
	const char *shell_tty;	/* interactive: the console goes here */
	int deterministic;
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
	int takes_turns;
	/* What MMUBENCH_CLOCK says inside (results/README.md): virtual, emulated. */
	const char *(*clock)(int deterministic);
	/* Optional: more of the kernel command line, freshly found out. */
	void (*append)(int deterministic, char *words, size_t size);
	/* Optional: make the files that command() names; 0 or -1, said why. */
	int (*prepare)(const struct emu_job *job);
	void (*command)(const struct emu_job *job, struct words *w);
	/* Optional: what is missing on this machine, as a sentence in @why. */
	int (*probe)(char *why, size_t size);
};

extern const struct emu_ops emu_qemu;
extern const struct emu_ops emu_bochs;

/* The emulator called @name, or NULL. */
const struct emu_ops *emu_find(const char *name);

/* All words of the emulator's command line. */
void emu_command(const struct emu_ops *ops, const struct emu_job *job,
		 struct words *w);

/* Print a file that exists, line by line, as @who's words. */
void emu_print_file(const char *who, const char *path);

/* Print its own last words; @terminal: the end of its terminal's text. */
void emu_print_log(const char *host, const char *dir, const char *terminal);

/* Does a host's key mean anything to it? */
int emu_uses(const struct emu_ops *ops, const char *key);

/* 0 if it can run here; else -1 and a sentence saying what to install. */
int emu_probe(const struct emu_ops *ops, char *why, size_t size);

#endif
