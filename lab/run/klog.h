/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_KLOG_H
#define LAB_KLOG_H

#include <stddef.h>

/* The watch over a host's kernel log; zeroed before use. */
struct klog {
	const char *tolerate;	/* words that excuse an alarm, or NULL */

	/* Read by the caller. */
	char alarm[512];	/* the first line that fails the run, or empty */
	int panic;		/* the host will not come back */
	unsigned int nr_alarms;
	char tail[30][256];	/* the last lines, as a ring */
	unsigned int nr_lines;

	char line[1024];	/* private: the line being collected */
	size_t len;
};

/* Feed bytes of the log as they arrive, in any cut. */
void klog_feed(struct klog *k, const char *bytes, size_t n);

/* What is wrong with one line of a kernel log, or NULL. */
const char *klog_alarm(const char *line);

/* Print the last lines of the log on stderr. */
void klog_print_tail(const struct klog *k, const char *name);

#endif
