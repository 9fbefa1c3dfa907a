/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the dirty-tracking backends: raw KVM ioctls on the rig's file
 * descriptors, and moving bits between a memslot's bitmap and the span's.
 * Private to lib/dirty/ and its conformance test.
 */
#ifndef MMUBENCH_DIRTY_KVM_H
#define MMUBENCH_DIRTY_KVM_H

#include <stdint.h>
#include <linux/kvm.h>

#include "dirty/dirty.h"
#include "rig/rig.h"

/*
 * /dev/kvm's answer for capability @cap, >= 0, or -errno with @why if /dev/kvm
 * cannot be opened.
 */
int dirty_kvm_cap(unsigned int cap, struct reason *why);

/* KVM_ENABLE_CAP on the VM with one argument; @what names it in @why. */
int dirty_enable_cap(const struct dirty *d, uint32_t cap, uint64_t arg,
		     const char *what, struct reason *why);

/* Hooks for start and stop: switch KVM_MEM_LOG_DIRTY_PAGES of every slot. */
int dirty_kvm_start(struct dirty *d, struct reason *why);
int dirty_kvm_stop(struct dirty *d, struct reason *why);

/*
 * KVM_GET_DIRTY_LOG of every slot under test, or'ed into @out->bitmap.
 * @scratch comes from dirty_scratch_alloc() and has room for the largest slot.
 */
int dirty_get_log(struct dirty *d, unsigned long *scratch,
		  struct dirty_batch *out, struct reason *why);
unsigned long *dirty_scratch_alloc(const struct rig *rig);

/*
 * Or bits [0, nr) of @src into bits [first, first + nr) of @dst; returns how
 * many of them were not set before.
 */
uint64_t dirty_bits_or(unsigned long *dst, uint64_t first,
		       const unsigned long *src, uint64_t nr);
/*
 * Copy bits [first, first + nr) of @src to bits [0, nr) of @dst and clear the
 * rest of the last long.  Returns how many are set.
 */
uint64_t dirty_bits_take(unsigned long *dst, const unsigned long *src,
			 uint64_t first, uint64_t nr);

#endif
