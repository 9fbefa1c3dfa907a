/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that appear complete or not at all.
 *
 * The text is written to "<dir>/.<name>.<pid>.tmp", fsync()ed and renamed.  On
 * any error the temporary file is removed and an older <name> is left as it
 * was.  A process that is killed in between leaves the temporary file behind;
 * outfile_sweep() removes such files.
 * May block; thread safe for different names.
 */
#ifndef MMUBENCH_OUTFILE_H
#define MMUBENCH_OUTFILE_H

#include <stddef.h>

#include "base/reason.h"

/*
 * Make @dir and its missing parents, and check that files can be created in
 * it.  0, or -errno with @why.
 */
int outfile_mkdirs(const char *dir, struct reason *why);

/* Write @len bytes as @dir/@name. 0 or -errno with @why. */
int outfile_write(const char *dir, const char *name, const char *text,
		  size_t len, struct reason *why);

/* Flush standard output; 0, or -errno with @why if anything printed was lost. */
int outfile_flush_stdout(struct reason *why);

/*
 * Remove temporary files in @dir that are at least a minute old and whose
 * writer no longer exists.  The age protects writers on other machines that
 * share the directory.  Returns how many were removed.
 */
int outfile_sweep(const char *dir);

#endif
