/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's own counters, read from the binary stats fds of a VM and its vCPUs.
 *
 * A snapshot holds every cumulative and instant statistic of the VM, and those
 * of the vCPUs added up.  Reading costs one pread() per fd and changes
 * nothing; debugfs is never opened.
 */
#ifndef MMUBENCH_KSTAT_H
#define MMUBENCH_KSTAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct kstat;

struct kstat_snap;

/*
 * The fds remain the caller's.  Returns NULL with @why; why->err is -ENOTTY if
 * this KVM has no stats fds.
 */
struct kstat *kstat_open(int vm_fd, const int *vcpu_fds, unsigned int nr_vcpus,
			 struct reason *why);
void kstat_close(struct kstat *k);

/*
 * All or nothing: NULL if @k is NULL or a counter could not be read, which
 * kstat_error() remembers.  Values of a snapshot that is NULL are 0.
 */
struct kstat_snap *kstat_snap(struct kstat *k);
void kstat_snap_free(struct kstat_snap *s);

/* -errno of the first snapshot that failed, or 0. */
int kstat_error(const struct kstat *k);

/* Does this KVM have the counter?  VM and vCPU counters share a name space. */
bool kstat_has(const struct kstat *k, const char *name);
/* Value of @name, summed over the vCPUs; 0 if there is no such counter. */
int64_t kstat_value(const struct kstat_snap *s, const char *name);
static inline int64_t kstat_delta(const struct kstat_snap *before,
				  const struct kstat_snap *after,
				  const char *name)
{
	return kstat_value(after, name) - kstat_value(before, name);
}

/*
 * A sum of deltas, e.g. over all rounds of a phase.  Initialise it to zero;
 * kstat_sum_free() leaves it empty.  A counter that could not be read or added
 * leaves its mark in @err, so that no sum misses one silently.
 */
struct kstat_sum {
	struct kstat_count {
		char name[64];
		int64_t value;
	} *counts;
	unsigned int nr;
	int err;	/* the first error, -errno; then @counts is incomplete */
};

/* Note that a counter is missing. */
void kstat_sum_fail(struct kstat_sum *sum, int err);
/* Add @value to the counter @name, which is made when missing. */
void kstat_sum_count(struct kstat_sum *sum, const char *name, int64_t value);
void kstat_sum_add(struct kstat_sum *sum, const struct kstat_snap *before,
		   const struct kstat_snap *after);
void kstat_sum_free(struct kstat_sum *sum);

struct rec;
/*
 * Record every counter that is not 0 as "<prefix>.<name>".  An incomplete sum
 * makes the record INVALID, and none of its counters are recorded.
 */
void kstat_sum_record(struct rec *r, const char *prefix,
		      const struct kstat_sum *sum);

#endif
