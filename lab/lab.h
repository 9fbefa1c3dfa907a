/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_H
#define LAB_H

#include <stddef.h>

#include "lab/emu/emu.h"
#include "lab/emu/hosts.h"

/* Exit codes of this program, as everywhere in the project. */
enum verdict {
	PASS = 0,
	FAIL = 1,
	CANNOT = 4,
	USAGE = 64,
};

#define MAX_LIST 32

struct list {
	const char *v[MAX_LIST];
	size_t nr;
};

/* The options; all strings belong to argv or live as long as the program. */
struct lab_opts {
	char top[512];		/* the source tree: lab/, tools/ */
	char build[512];	/* the build directory */
	const char *results;	/* the results store */
	const char *run_dir;	/* the run's directory in it, or NULL */
	const char *format;	/* of the report at the end */
	const char *ksrc;	/* for tools/ksrc, or NULL: $KSRC, if any */
	const char *bzimage;	/* boot this kernel instead, or NULL */
	const char *initramfs;	/* boot this archive instead, or NULL */
	const char *modules, *kvm_modules;
	const char *append;
	struct list config, add, env, set, emulator_arg;
	unsigned int limit_s;	/* 0: the host's own */
	unsigned int jobs;	/* hosts at once; 0: one for each CPU */
	int deterministic;
	int show_log;		/* show the kernel log too */
	int keep;		/* keep the run's files for a look */
	int shell;		/* no command, a console */
	int logs_only;		/* do not store the files that come back */
	char *const *argv;	/* all words of this program */
	char *const *command;	/* NULL-terminated, or NULL */
	char *const *run_args;	/* NULL-terminated, never NULL */
};

/* What a host boots. */
struct image {
	char kernel[1024];
	char initramfs[1024];
	char key[128];		/* of the kernel, for the record */
	char release[96];	/* its version, as the image says */
};

struct run_result {
	enum verdict verdict;
	double wall_s, boot_s;
	char dir[1200];		/* where this host's files are, or empty */
	char release[128];	/* of the kernel that was running */
};

/* Ask the driver whether the run's words are fit; PASS, or said why not. */
enum verdict report_check(const struct lab_opts *opts);

/* Make the directory of a new run below opts->results; 0 or -1, said why. */
int report_run_dir(const struct lab_opts *opts, const struct image *img,
		   const char *kind, char *path, size_t size);

/*
 * Have the driver compare two runs, with @words as its options, into @file or
 * onto this program's output; PASS if nothing got worse.
 */
enum verdict report_compare(const struct lab_opts *opts, char *const *words,
			    const char *base, const char *head,
			    const char *file);
/* Ask the driver whether those options are fit; PASS, or said why not. */
enum verdict report_compare_check(const struct lab_opts *opts,
				  char *const *words);

/* As messages and lab.json have it. */
const char *verdict_name(enum verdict v);

/* The verdict of two hosts together. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/* Write summary.txt and print the report that opts->format names. */
enum verdict report_show(const struct lab_opts *opts, const char *run_dir);

/* Build or find what @opts ask for; PASS, or what ended it (said why). */
enum verdict image_get(const struct lab_opts *opts, struct image *img);

/* Boot @host, run the command, store what comes back in @run_dir. */
enum verdict run_host(const struct host *host, const struct lab_opts *opts,
		      const struct image *img, const char *run_dir,
		      struct run_result *res);

/* One host's run; @label tells it from others of the same host. */
struct lab_job {
	const struct host *host;
	const struct lab_opts *opts;
	const struct image *img;
	const char *dir, *label;
};

/*
 * Run all of them, @limit at the same time (0: one for each CPU) where that
 * changes no number; the worst verdict.
 */
enum verdict run_jobs(const struct lab_job *jobs, int nr, unsigned int limit);

/* The same for all hosts of a list. */
enum verdict run_hosts(const struct host *list, int nr,
		       const struct lab_opts *opts, const struct image *img,
		       const char *run_dir);

/* Boot @host with its console on this terminal. */
enum verdict shell_host(const struct host *host, const struct lab_opts *opts,
			const struct image *img);

/* Parts that run_host() and shell_host() share. */
struct workdir {
	char path[700];
	int lock;
};

int workdir_make(struct workdir *w, const struct lab_opts *opts);
void workdir_remove(struct workdir *w, const struct lab_opts *opts);
int job_prepare(struct emu_job *job, const struct lab_opts *opts,
		const struct image *img, const struct emu_ops *emu,
		char *initrd, size_t size);

/* Before each line about a host: "head: ", or empty. */
extern char lab_label[40];

/* Print "lab: ..." on stderr; one sentence, a newline is added. */
void lab_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
