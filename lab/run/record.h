/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_RECORD_H
#define LAB_RECORD_H

#include "lab/emu/emu.h"
#include "lab/run/run.h"
#include "lab/run/stamp.h"
#include "lab/run/store.h"

/* What exactly was started; texts are empty where it is not known. */
struct identity {
	char kernel_sha256[72], initramfs_sha256[72];
	char emulator[160];	/* what it says of its version */
};

/* What lab.json and the record of a failure say; all read only. */
struct lab_record {
	const struct run_job *job;
	const struct emu_ops *emu;
	const struct run_result *res;
	const struct stamp *stamp;
	const struct identity *identity;
	const struct words *command;	/* the emulator's */
	const char *append;
	const char *alarm;	/* the kernel's, or empty */
	const char *why;	/* the run failed, or empty */
	unsigned int nr_cases;	/* records that came back */
	bool partial;		/* the rest did not */
};

/* A verdict as messages and lab.json have it: "PASS", "FAIL", "SKIP", "USAGE". */
const char *record_verdict_word(enum verdict v);

/* Look at what will run; takes a tenth of a second. */
void record_identify(struct identity *id, const struct emu_ops *emu,
		     const struct image *img);

/*
 * Put HOST/lab.json into the store: how to make the run again.  0 or -errno
 * with @why.
 */
int record_write(struct store *store, const struct lab_record *rec,
		 struct reason *why);

/*
 * Put a record of the case "lab.run" into the store, which failed, so that
 * every report of the run shows that it broke.  0 or -errno with @why.
 */
int record_failure(struct store *store, const struct lab_record *rec,
		   struct reason *why);

/* The file of that record, below the run's directory. */
void record_failure_name(const struct host *host, char *name, size_t size);

#endif
