/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that changes its own page tables: the loop of a GUEST_REMAP job.
 * Guest code, see guestcode.c.  It flushes translations and so needs ring 0.
 */
#ifndef MMUBENCH_GUESTREMAP_H
#define MMUBENCH_GUESTREMAP_H

#include <stdint.h>

struct guest_job;
struct hist;

/*
 * Do the job.  Returns the number of pages whose content was not that of the
 * page they now map to.  @hist is indexed by enum remap_hist.
 */
uint64_t guestremap_run(struct guest_job *job, struct hist *hist);

#endif
