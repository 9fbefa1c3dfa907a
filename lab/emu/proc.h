/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_PROC_H
#define LAB_PROC_H

#include <stddef.h>
#include <sys/types.h>

/* Chosen: an emulator's last words are a few lines. */
#define PROC_TAIL 2048

/*
 * An emulator: a child in a process group of its own, which dies with this
 * program even if this program is killed.  lib's launch_run() follows a child
 * to its end and keeps what it wrote; this one is started and then looked at
 * now and then, by a loop that follows the host's files and ends the emulator
 * for its own reasons, and it may need a terminal.  Zero-initialised means "none".
 */
struct proc {
	pid_t pid;
	int pty;		/* master side, or -1 */
	int screen;		/* another terminal of its own, 0 = none yet */
	int status;		/* as from waitpid(), once gone */
	char tail[PROC_TAIL];	/* the last it wrote to its terminal, as text */
	size_t nr_tail;
};

enum proc_output {
	PROC_TTY,		/* on a pseudo terminal of its own */
	PROC_FILE,		/* into the file named */
};

/* Start argv[]; returns 0 or -errno (-ENOENT: no such program). */
int proc_start(struct proc *p, char *const argv[], enum proc_output how,
	       const char *file);

/*
 * Take in what the child wrote to its terminals, for a terminal that is full
 * stops its writer; of the first one the end is kept.  A second terminal is
 * found by the words @screen before its quoted name.  1 if @stopped was among
 * what it wrote.
 */
int proc_drain(struct proc *p, const char *screen, const char *stopped);

/* 1 while it runs, 0 once it is gone and p->status is set. */
int proc_running(struct proc *p);

/* End the whole group, kindly and then not, and wait for it. */
void proc_kill(struct proc *p);

/* "exit status 1" or "signal 9", for messages. */
const char *proc_describe(int status, char *buf, size_t size);

/* Monotonic seconds. */
double proc_now_s(void);

#endif
