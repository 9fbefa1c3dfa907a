/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the measurements of "ab" share: how a figure is printed, and the files
 * of the kernel that they read and write.
 */
#ifndef BARS_H
#define BARS_H

#include <stdbool.h>
#include <stdint.h>

#include "tiny.h"

/* Prints "bar PLACE.WHAT.UNIT VALUE". */
void bar(const char *place, const char *what, const char *unit, double value);

double now_ms(void);

/* Write text to a file of the kernel; false if it cannot be. */
bool put(const char *path, const char *text);

/*
 * Count an event of the kernel ("lock/contention_begin") from now on.  Each
 * event has a trace instance of its own.  Ends the program if there is no such
 * event.
 */
void events_start(const char *event, const char *filter);
unsigned long events_seen(const char *event);

/* One MGLRU pass over the memory of every process; false without MGLRU. */
bool age_all(void);

/* The measurements, by the question they answer. */
void life(const char *place, bool huge);
void beside(void);
void reclaim(void);
void hold(void);
void ticks(void);

#endif
