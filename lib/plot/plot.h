/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plots of a stored run, drawn by gnuplot.
 *
 * Every picture NAME.png and NAME.svg has the script NAME.gp and the data
 * NAME.tsv beside it.  All numbers are computed here and stored in the .tsv;
 * the script only draws, takes names as arguments and can be edited and run
 * again by hand: gnuplot -c NAME.gp NAME.tsv NAME.png pngcairo
 */
#ifndef MMUBENCH_PLOT_H
#define MMUBENCH_PLOT_H

#include <stdio.h>

#include "base/reason.h"

/*
 * Draw all plots of the run in directory @dir into @out_dir (NULL: @dir with
 * "/plots" appended; made if missing).  Progress lines "wrote ..." go to @log
 * unless it is NULL.  Returns how many pictures were drawn, or -errno with
 * @why: no records, no gnuplot (-EOPNOTSUPP), gnuplot failed, a full disk.
 */
int plot_run(const char *dir, const char *out_dir, FILE *log,
	     struct reason *why);

#endif
