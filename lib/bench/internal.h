/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by bench.c (command line, all cases) and case.c (one case, in this
 * process).
 */
#ifndef MMUBENCH_BENCH_INTERNAL_H
#define MMUBENCH_BENCH_INTERNAL_H

#include "bench/bench.h"

/* A program's command line, parsed. */
struct bench_cmdline {
	const struct bench_program *prog;
	int argc;
	char **argv;
	struct opt_set sets[3];	/* the frame's, the common and its own options */
	unsigned int nr_sets;
	struct params p;
	void *own;
	/* the frame's own options */
	bool list, json, in_process, verbose;
	const char *case_name;
	const char *format;
};

/* Run @bc in this process and write its record.  Returns the exit status. */
int bench_run_case(const struct bench_cmdline *c, const struct bench_case *bc);

#endif
