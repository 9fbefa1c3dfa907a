/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_TOOL_H
#define LAB_TOOL_H

#include <stddef.h>

#include "base/reason.h"
#include "lab/base/words.h"

/*
 * Programs that run to their end while the lab waits: build scripts, the
 * driver, makers of images.  All take over @w, whose first word is the path of
 * the program, and return its exit status; or -errno with @why if it could not
 * be started or was killed.  A signal that asks the lab to stop ends the
 * program, sets lab_stop and makes them return -EINTR.
 */

/*
 * What such a result means if the program itself says what is wrong: 0, or
 * -errno with the ending in @why, whose sentence is empty then.
 */
int tool_judge(int ret, struct reason *why);

/* Its output goes to @out_fd, its errors to this program's. */
int tool_run(struct words *w, int out_fd, struct reason *why);

/* The last line it prints goes into @line, its errors to this program's. */
int tool_line(struct words *w, char *line, size_t size, struct reason *why);

/* Nothing is shown; the last lines of all that it prints go into @said. */
int tool_quiet(struct words *w, char *said, size_t size, struct reason *why);

#endif
