/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include <stdbool.h>

#include "base/opt.h"
#include "lab/emu/hosts.h"
#include "lab/image/image.h"
#include "record/verdict.h"

/* How hosts are run. */
struct run_opts {
	const char *append;	/* more of the kernel command line, or empty */
	struct opt_list env, emulator_arg;
	int limit_s;		/* -1: the host's own */
	int jobs;		/* hosts at once; -1: one for each CPU */
	bool deterministic;
	bool show_log;		/* show the kernel log too */
	bool keep;		/* keep the run's files for a look */
	bool logs_only;		/* do not store the files that come back */
};

extern const struct opt run_table[];

/* Are the values of a form that a host can take?  0 or -EINVAL with @why. */
int run_check(const struct run_opts *o, struct reason *why);

/* What is done inside a host. */
struct task {
	char *const *argv;	/* all words of this program */
	char *const *command;	/* NULL-terminated, or NULL: the driver runs */
	char *const *run_args;	/* its words, NULL-terminated */
};

/* One host's run.  The pointers must stay until it has ended. */
struct run_job {
	const struct host *host;
	const struct run_opts *opts;
	const struct task *task;
	const struct image *img;
	const char *build;	/* the build directory */
	const char *dir;	/* the run's directory in the store */
	const char *label;	/* tells it from others of the same host, or NULL */
};

struct run_result {
	enum verdict verdict;
	double wall_s, boot_s;
	char dir[1200];		/* where this host's files are, or empty */
	char release[128];	/* of the kernel that was running */
};

/*
 * Boot the host, run the task, store what comes back, and say how it went.
 * The emulator is gone and its files are removed when this returns.
 */
enum verdict run_host(const struct run_job *job, struct run_result *res);

/*
 * Boot the host with its console on this terminal, until the user leaves or
 * the host ends; job->dir is not used.  0 or -errno with @why.
 */
int shell_host(const struct run_job *job, struct reason *why);

#endif
