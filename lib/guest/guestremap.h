/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that changes its own page tables: the loop of a GUEST_REMAP job.
 * Guest code, see guestcode.h; it flushes translations, so ring 0 only.
 */
#ifndef MMUBENCH_GUESTREMAP_H
#define MMUBENCH_GUESTREMAP_H

#include <stdint.h>

#include "guest/guestcode.h"

/*
 * Do the job; returns how many pages showed something else than the page
 * they are mapped to now.  @hist: by enum remap_hist.
 */
uint64_t guestremap_run(struct guest_job *job, struct hist *hist);

#endif
