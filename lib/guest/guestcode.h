/* SPDX-License-Identifier: GPL-2.0-only */
/* The program that every guest runs; job.h says what it is told. */
#ifndef MMUBENCH_GUESTCODE_H
#define MMUBENCH_GUESTCODE_H

#include <stdint.h>

struct guest_job;

/*
 * Entry point of every vCPU.  @job is its struct guest_job; a store to
 * @doorbell exits to the host.  Never returns.
 */
void guestcode_main(struct guest_job *job, volatile uint64_t *doorbell);

/*
 * Run the same loops in the host, on host addresses: for the unit tests and as
 * the baseline of the warm-touch ratio.
 */
void guestcode_run(struct guest_job *job);

#endif
