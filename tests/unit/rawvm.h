/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM of a few lines, on raw KVM ioctls, for tests of the dirty-tracking
 * backends: it needs neither the selftests library nor the rig, so it runs
 * under the sanitizers.
 *
 * The guest is 32-bit code without paging that writes one word to every
 * @step-th page of a range and halts.
 */
#ifndef MMUBENCH_TESTS_RAWVM_H
#define MMUBENCH_TESTS_RAWVM_H

#include "dirty/dirty.h"

struct rawvm {
	struct rig rig;	/* filled in as far as the backends look at it */
	int kvm_fd;
	void *code;
	struct kvm_run **runs;
};

/* 0, or -errno with @why. @d may be NULL. */
int rawvm_create(struct rawvm *vm, unsigned int nr_vcpus, uint64_t nr_pages,
		 unsigned int nr_slots, struct dirty *d, struct reason *why);
void rawvm_destroy(struct rawvm *vm);

/*
 * vCPU @vcpu writes to pages first, first + step, ... below @end; full-ring
 * exits go to @d.  At most 32 pages are written per KVM_RUN.
 */
int rawvm_write(struct rawvm *vm, unsigned int vcpu, struct dirty *d,
		uint64_t first, uint64_t end, uint64_t step);

#endif
