/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_ENDING_H
#define LAB_ENDING_H

#include "base/reason.h"
#include "record/verdict.h"

/*
 * Most functions of the lab return how the program or a host ends:
 * VERDICT_PASS, or another verdict with the sentence that explains it in @why.
 * The place that knows the cause decides which it is; nothing is guessed from
 * errno.
 */

/* Format the sentence into @why and return @end. */
enum verdict ending_set(struct reason *why, enum verdict end, const char *fmt,
			...) __attribute__((format(printf, 3, 4)));

/* As messages and lab.json have it: "PASS", "FAIL", "SKIP" or "USAGE". */
const char *ending_name(enum verdict end);

#endif
