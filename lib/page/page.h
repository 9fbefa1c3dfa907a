/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stored run as one HTML page for people who were not there: what ran where,
 * what held, the figures with their spread, and every picture with a sentence
 * on how to read it.
 *
 * The page is one file: no script, no style and no picture of anywhere else, so
 * it can be mailed and kept.  It adds no fact that is not in the records, in
 * host.json, or in a comparison of the two.
 */
#ifndef MMUBENCH_PAGE_H
#define MMUBENCH_PAGE_H

#include "base/reason.h"

/*
 * Write the page of the run in directory @run as @dir/@name; pictures are taken
 * from @run/plots, where there are any.  @baseline: an earlier run to compare
 * with, or NULL.  0, or -errno with @why: no or damaged records, a failed write.
 */
int page_write(const char *run, const char *baseline, const char *dir,
	       const char *name, struct reason *why);

#endif
