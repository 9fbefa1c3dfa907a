// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the dirty-tracking backends share, see dirty_kvm.h.
 *
 * The span under test may be cut into several memslots whose borders need
 * not fall on a multiple of 64 pages, while KVM's bitmaps start at bit 0 of
 * each slot: bits are shifted on their way, a long at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dirty/kvm.h"

#define LONG_BITS (8 * sizeof(unsigned long))

int dirty_kvm_cap(unsigned int cap, struct reason *why)
{
	int fd, err, ret;

	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	err = errno;
	/* As for the rig: what this host lacks is skipped, not failed. */
	if (fd < 0)
		return reason_set(why, -EOPNOTSUPP,
				  "/dev/kvm does not open (%s); load KVM or get the right to use it, or use the lab",
				  strerror(err));
	ret = ioctl(fd, KVM_CHECK_EXTENSION, cap);
	err = errno;
	close(fd);
	if (ret < 0)
		return reason_set(why, -err, "KVM_CHECK_EXTENSION failed: %s",
				  strerror(err));
	return ret;
}

int dirty_enable_cap(const struct dirty *d, uint32_t cap, uint64_t arg,
		     const char *what, struct reason *why)
{
	struct kvm_enable_cap ec = { .cap = cap, .args = { arg } };
	int err;

	if (!ioctl(d->rig->vm_fd, KVM_ENABLE_CAP, &ec))
		return 0;
	err = errno;
	return reason_set(why, -err, "KVM refused to enable %s (%llu): %s",
			  what, (unsigned long long)arg, strerror(err));
}

unsigned int dirty_nr_slots(const struct rig *rig)
{
	return rig->cfg.nr_slots ? rig->cfg.nr_slots : 1;
}

struct gpages dirty_slot(const struct rig *rig, unsigned int i)
{
	uint64_t first = i * rig->slot_pages;
	struct gpages s = rig->mem;

	s.hva = (char *)s.hva + first * 4096;
	s.gpa += first * 4096;
	s.nr_pages -= first;
	if (s.nr_pages > rig->slot_pages && i + 1 < dirty_nr_slots(rig))
		s.nr_pages = rig->slot_pages;
	s.slot = rig->mem.slot + i;
	return s;
}

int dirty_switch_slots(struct rig *rig, enum dirty_switch to,
		       struct reason *why)
{
	unsigned int i;

	for (i = 0; i < dirty_nr_slots(rig); i++) {
		struct gpages s = dirty_slot(rig, i);
		uint32_t flags = rig->slot_flags[i] & ~KVM_MEM_LOG_DIRTY_PAGES;
		struct kvm_userspace_memory_region region = {
			.slot = s.slot,
			.guest_phys_addr = s.gpa,
			.memory_size = s.nr_pages * 4096,
			.userspace_addr = (uintptr_t)s.hva,
		};
		int err;

		if (to == DIRTY_LOG_ON)
			flags |= KVM_MEM_LOG_DIRTY_PAGES;
		region.flags = flags;
		if (ioctl(rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region)) {
			err = errno;
			return reason_set(why, -err,
					  "KVM could not switch dirty logging of memslot %u %s: %s",
					  s.slot, to == DIRTY_LOG_ON ? "on" : "off",
					  strerror(err));
		}
		rig->slot_flags[i] = flags;
	}
	return 0;
}

unsigned long *dirty_scratch_alloc(const struct rig *rig)
{
	struct gpages last = dirty_slot(rig, dirty_nr_slots(rig) - 1);
	uint64_t nr = last.nr_pages;

	if (dirty_nr_slots(rig) > 1 && rig->slot_pages > nr)
		nr = rig->slot_pages;
	return calloc(dirty_bitmap_longs(nr), sizeof(unsigned long));
}

int dirty_get_log(struct dirty *d, unsigned long *scratch,
		  struct dirty_batch *out, struct reason *why)
{
	unsigned int i;

	for (i = 0; i < dirty_nr_slots(d->rig); i++) {
		struct gpages s = dirty_slot(d->rig, i);
		struct kvm_dirty_log log = {
			.slot = s.slot, .dirty_bitmap = scratch,
		};
		int err;

		if (ioctl(d->rig->vm_fd, KVM_GET_DIRTY_LOG, &log)) {
			err = errno;
			return reason_set(why, -err,
					  "KVM_GET_DIRTY_LOG of memslot %u failed: %s",
					  s.slot, strerror(err));
		}
		out->nr_pages += dirty_bits_or(out->bitmap,
					       i * d->rig->slot_pages,
					       scratch, s.nr_pages);
	}
	return 0;
}

/* The lowest @nr bits of a long; all of them from LONG_BITS on. */
static unsigned long low_mask(uint64_t nr)
{
	return nr >= LONG_BITS ? ~0ul : (1ul << nr) - 1;
}

static uint64_t or_long(unsigned long *dst, unsigned long bits)
{
	uint64_t fresh = __builtin_popcountl(bits & ~*dst);

	*dst |= bits;
	return fresh;
}

uint64_t dirty_bits_or(unsigned long *dst, uint64_t first,
		       const unsigned long *src, uint64_t nr)
{
	unsigned int shift = first % LONG_BITS;
	uint64_t fresh = 0, i;

	dst += first / LONG_BITS;
	for (i = 0; i * LONG_BITS < nr; i++) {
		unsigned long bits = src[i] & low_mask(nr - i * LONG_BITS);

		if (!bits)
			continue;
		fresh += or_long(&dst[i], bits << shift);
		if (shift && bits >> (LONG_BITS - shift))
			fresh += or_long(&dst[i + 1], bits >> (LONG_BITS - shift));
	}
	return fresh;
}

uint64_t dirty_bits_take(unsigned long *dst, const unsigned long *src,
			 uint64_t first, uint64_t nr)
{
	unsigned int shift = first % LONG_BITS;
	uint64_t set = 0, i;

	src += first / LONG_BITS;
	for (i = 0; i * LONG_BITS < nr; i++) {
		uint64_t left = nr - i * LONG_BITS;
		unsigned long bits = src[i] >> shift;

		/* The next long may lie behind the end: read it if needed. */
		if (shift && left > LONG_BITS - shift)
			bits |= src[i + 1] << (LONG_BITS - shift);
		dst[i] = bits & low_mask(left);
		set += __builtin_popcountl(dst[i]);
	}
	return set;
}
