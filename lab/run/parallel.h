/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_PARALLEL_H
#define LAB_PARALLEL_H

#include "lab/run/run.h"

/*
 * Run all of @jobs, at most @limit at the same time (-1: one for each CPU),
 * side by side where that changes no number.  Each says how it went; the worst
 * of their endings.
 */
enum verdict run_jobs(const struct run_job *jobs, unsigned int nr, int limit,
			struct reason *why);

#endif
