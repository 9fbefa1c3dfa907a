/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text reports of stored runs: of one case, or of a run in all its places.
 */
#ifndef MMUBENCH_REPORT_H
#define MMUBENCH_REPORT_H

#include <stdio.h>

#include "base/reason.h"

/*
 * Report @path, a run directory or a single record.  @format is the name of a
 * sink, see sink_members[]: "human" shows each case in full, "summary" shows one
 * table of all cases with a column per place.
 * 0, or -errno with @why: no record, a damaged record, an unknown format, or
 * a failed write.
 */
int report_run(const char *path, const char *format, FILE *out,
	       struct reason *why);

#endif
