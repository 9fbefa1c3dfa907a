/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
/*
 * One host's run while it lasts: what run.c (start, follow, end) and end.c
 * (judge, store) share.
 */
#ifndef LAB_RUN_INTERNAL_H
#define LAB_RUN_INTERNAL_H

#include "lab/emu/emu.h"
#include "lab/run/job.h"
#include "lab/run/klog.h"
#include "lab/run/record.h"
#include "lab/run/run.h"
#include "lab/run/stamp.h"
#include "lab/run/store.h"
#include "lab/run/stream.h"

/* A file that another process appends to. */
struct follow {
	char path[900];
	int fd;
};

struct run {
	const struct run_job *job;
	const struct emu_ops *emu;
	struct run_result *res;
	char name[128];		/* before all that is said: label and host */
	struct workdir work;
	struct proc proc;
	struct follow console, port;
	struct stream stream;
	struct klog klog;
	struct stamp stamp;
	struct store store;
	struct reason store_why;	/* first error of storing a file */
	double start_s, up_s, next_disk_s;
	bool emulator_stopped;
	struct identity identity;
	struct words command;	/* the emulator's */
	unsigned int nr_cases;	/* records that came back */
	char why[600];		/* the run broke, or empty */
};

/* The whole kernel log in the run's own directory, if it was sent. */
#define RUN_DMESG "dmesg"

/* A file came back (stream.h); 0 or -errno. */
int run_take_file(void *run, const char *name, const void *data, size_t n);

/*
 * What the end of the run means; says it unless all is well.  @ended: why
 * there was no END record, or NULL.
 */
enum verdict run_judge(struct run *r, const char *ended);

/*
 * Put logs and records beside the results and make all of it visible;
 * @append is the kernel command line.
 */
enum verdict run_store(struct run *r, const char *append);

#endif
