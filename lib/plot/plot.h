/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plots of a stored run, drawn by gnuplot.
 *
 * Every picture NAME.png and NAME.svg has its script NAME.gp and its data
 * NAME.tsv beside it.  All numbers are computed here and stored in the .tsv.
 * The script only draws and takes names as arguments, so it can be edited and
 * run again by hand: gnuplot -c NAME.gp NAME.tsv NAME.png png
 */
#ifndef MMUBENCH_PLOT_H
#define MMUBENCH_PLOT_H

#include <stdio.h>

#include "base/reason.h"

/*
 * Draw all plots of the run in directory @dir into @out_dir, which is made if
 * missing; NULL stands for @dir/plots.  Progress lines "wrote ..." go to @log
 * unless it is NULL.  Returns the number of pictures drawn, or -errno with
 * @why: no records, no gnuplot (-EOPNOTSUPP), gnuplot failed, or a full disk.
 */
int plot_run(const char *dir, const char *out_dir, FILE *log,
	     struct reason *why);

#endif
