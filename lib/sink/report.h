/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text reports of stored runs: one case, or a run over all its places.
 */
#ifndef MMUBENCH_REPORT_H
#define MMUBENCH_REPORT_H

#include <stdio.h>

#include "base/reason.h"

/*
 * Report @path, a run directory or one record, in @format, the name of a
 * sink ("human", "summary", "tsv", "tap", ... see sinks[]).  "human" is all
 * there is to say about each case, "summary" one table over all cases with
 * one column per place.
 * 0 or -errno with @why: no record there, a damaged one, an unknown format,
 * a failed write.
 */
int report_run(const char *path, const char *format, FILE *out,
	       struct reason *why);

#endif
