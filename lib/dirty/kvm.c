// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the dirty-tracking backends share, see kvm.h.
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
		return reason_skip(why, -EOPNOTSUPP,
				   "cannot open /dev/kvm (%s); load KVM, get permission to use it, or use the lab",
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

int dirty_kvm_start(struct dirty *d, struct reason *why)
{
	return rig_change_slot_flags(d->rig, KVM_MEM_LOG_DIRTY_PAGES, 0, why);
}

int dirty_kvm_stop(struct dirty *d, struct reason *why)
{
	return rig_change_slot_flags(d->rig, 0, KVM_MEM_LOG_DIRTY_PAGES, why);
}

unsigned long *dirty_scratch_alloc(const struct rig *rig)
{
	struct gpages last = rig_slot_pages(rig, rig->cfg.nr_slots - 1);
	uint64_t nr = last.nr_pages;

	if (rig->cfg.nr_slots > 1 && rig->slot_pages > nr)
		nr = rig->slot_pages;
	return calloc(dirty_bitmap_longs(nr), sizeof(unsigned long));
}

/* Of memslot @slot, which holds the pages of @s. */
static int get_slot(struct dirty *d, uint32_t slot, const struct gpages *s,
		    unsigned long *scratch, struct dirty_batch *out,
		    struct reason *why)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = scratch };
	int err;

	if (ioctl(d->rig->vm_fd, KVM_GET_DIRTY_LOG, &log)) {
		err = errno;
		return reason_set(why, -err,
				  "KVM_GET_DIRTY_LOG of memslot %u failed: %s",
				  slot, strerror(err));
	}
	out->nr_pages += dirty_bits_or(out->bitmap,
				       (s->gpa - d->rig->mem.gpa) / 4096,
				       scratch, s->nr_pages);
	return 0;
}

int dirty_get_log(struct dirty *d, unsigned long *scratch,
		  struct dirty_batch *out, struct reason *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < d->rig->cfg.nr_slots && !err; i++) {
		struct gpages s = rig_slot_pages(d->rig, i);

		err = get_slot(d, s.slot, &s, scratch, out, why);
		if (!err && d->rig->cfg.guest_smm)
			err = get_slot(d, RIG_SMM_SPACE | s.slot, &s, scratch, out, why);
	}
	return err;
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
