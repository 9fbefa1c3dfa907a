/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "lab/run/run.h"

/* Where results go and how they are shown. */
struct report_opts {
	const char *results;	/* the results store */
	const char *run_dir;	/* the run's directory, or empty: a new one */
	const char *format;	/* of the report at the end */
};

extern const struct opt report_table[];

/* The driver in the build directory @build does the work of all of these. */

/*
 * Can the run's directory be one, and are the task's words fit for the driver?
 * 0 or -errno with @why.
 */
int report_check(const struct report_opts *o, const struct task *t,
		 const char *build, struct reason *why);

/*
 * Make the directory of a new run in the store; its name says what @kind of
 * run it is.  0 or -errno with @why.
 */
int report_new_dir(const struct report_opts *o, const struct image *img,
		   const char *kind, char *path, size_t size,
		   struct reason *why);

/* Write summary.txt, unless the directory was given, and print the report. */
enum verdict report_show(const struct report_opts *o, const char *build,
			 const char *run_dir, struct reason *why);

/* Are those options of a comparison fit?  0 or -errno with @why. */
int report_compare_check(const char *build, const char *const *words,
			 struct reason *why);

/*
 * Compare two runs, with @words as options, into @file or, if that is NULL,
 * onto this program's output; PASS if nothing got worse.
 */
enum verdict report_compare(const char *build, const char *const *words,
			    const char *base, const char *head,
			    const char *file, struct reason *why);

#endif
