/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_UNIT_H
#define LAB_UNIT_H

#include <stdbool.h>

/* One line of TAP, and the end of it; the exit status. */
void ok(bool good, const char *name);
int ok_all(void);

/* Write @text into a file of hosts and load that. */
struct hosts;
struct reason;
int load_text(const char *text, struct hosts *hosts, struct reason *why);

/* unit-options.c: from a command line to what the parts are given. */
void test_options(void);
void test_choose(void);
void test_tool(void);

#endif
