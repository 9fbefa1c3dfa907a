/* SPDX-License-Identifier: GPL-2.0-only */
/* What sinks make of the sample run: for tests of their texts. */
#ifndef MMUBENCH_OUTPUT_H
#define MMUBENCH_OUTPUT_H

#include "record/recread.h"
#include "sink/sink.h"

/* Of a test group: write the run to a temporary directory and read it. */
int output_setup(void **state);
int output_teardown(void **state);
extern char output_dir[40];
extern struct recset output_run;

/* What @ops makes of @set, and what the sink @name makes of the run; malloc()ed. */
char *output(const struct sink_ops *ops, const struct recset *set);
char *output_of(const char *name);

/* The next line of *@text, cut off in place; NULL at the end. */
char *output_line(char **text);

#endif
