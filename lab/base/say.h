/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_SAY_H
#define LAB_SAY_H

#include <signal.h>

/* The signal that asked this program to stop, or 0. */
extern volatile sig_atomic_t lab_stop;

/* Print "lab: ..." on stderr; one sentence, a newline is added. */
void lab_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
