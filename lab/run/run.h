/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "lab/emu/emu.h"
#include "lab/run/klog.h"
#include "lab/lab.h"
#include "lab/run/record.h"
#include "lab/run/stamp.h"
#include "lab/run/store.h"
#include "lab/run/stream.h"

/* A file that another process appends to. */
struct follow {
	char path[900];
	int fd;
};

struct run {
	const struct host *host;
	const struct lab_opts *opts;
	const struct emu_ops *emu;
	struct run_result *res;
	struct workdir work;
	struct proc proc;
	struct follow console, port;
	struct stream stream;
	struct klog klog;
	struct stamp stamp;
	struct store store;
	const char *run_dir;
	char dmesg[900];	/* the whole kernel log, if it was sent */
	double start_s, up_s, next_disk_s;
	int emulator_stopped;
	struct identity identity;
	struct words command;	/* the emulator's */
	unsigned int nr_cases;	/* records that came back */
	char why[600];		/* the run broke, or empty */
};

/* A file came back (stream.h); 0 or -errno. */
int run_take_file(void *run, const char *name, const void *data, size_t n);

/*
 * What the end of the run means; says it unless all is well.  @ended: why
 * there was no END record, or NULL.
 */
enum verdict run_judge(struct run *r, const char *ended);

/* Put logs and records beside the results and make all of it visible. */
enum verdict run_store(struct run *r, const struct image *img,
		       const char *append);

#endif
