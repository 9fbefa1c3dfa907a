/* SPDX-License-Identifier: GPL-2.0-only */
/* What stressors share that change settings of the whole host. */
#ifndef MMUBENCH_STRESS_SETTING_H
#define MMUBENCH_STRESS_SETTING_H

#include "stressor.h"

/*
 * Can @path be changed now?  0, or a skip: it is not there, not writable, or
 * another run changes it.
 */
int setting_probe(const char *path, struct reason *why);

/*
 * Have @path to oneself until this process ends, and have it put back then.
 * Writes may follow, by host_write_pushed().
 */
int setting_take(const char *path, struct reason *why);

#endif
