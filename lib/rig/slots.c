// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots: which pages each one holds, and how one is made or changed.
 *
 * The region under test is cut into cfg.nr_slots memslots of slot_pages each;
 * the last one takes what is left.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "internal.h"

struct gpages rig_slot_pages(const struct rig *rig, unsigned int i)
{
	uint64_t first = i * rig->slot_pages;
	struct gpages part = rig->mem;

	part.hva = (char *)part.hva + first * 4096;
	part.gpa += first * 4096;
	part.nr_pages -= first;
	if (i + 1 < rig->cfg.nr_slots && part.nr_pages > rig->slot_pages)
		part.nr_pages = rig->slot_pages;
	part.slot = rig->mem.slot + i;
	return part;
}

static int set_slot(struct rig *rig, uint32_t slot, const struct gpages *part,
		    uint32_t flags, struct reason *why)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .flags = flags,
		.guest_phys_addr = part->gpa,
		.memory_size = part->nr_pages * 4096,
		.userspace_addr = (uintptr_t)part->hva,
	};
	int err;

	if (!ioctl(rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return 0;
	err = errno;
	return reason_set(why, -err,
			  "KVM refuses memslot %u (0x%llx, %llu pages, flags 0x%x): %s",
			  slot, (unsigned long long)part->gpa,
			  (unsigned long long)part->nr_pages, flags,
			  strerror(err));
}

/* In SMM the same slots are there once more. */
int rig_set_slot(struct rig *rig, const struct gpages *part, uint32_t flags,
		 struct reason *why)
{
	int err = set_slot(rig, part->slot, part, flags, why);

	if (err || !rig->cfg.guest_smm)
		return err;
	return set_slot(rig, RIG_SMM_SPACE | part->slot, part, flags, why);
}

int rig_change_slot_flags(struct rig *rig, uint32_t set, uint32_t clear,
			  struct reason *why)
{
	unsigned int i;
	int err;

	for (i = 0; i < rig->cfg.nr_slots; i++) {
		struct gpages part = rig_slot_pages(rig, i);
		uint32_t flags = (rig->slot_flags[i] & ~clear) | set;

		err = rig_set_slot(rig, &part, flags, why);
		if (err)
			return err;
		rig->slot_flags[i] = flags;
	}
	return 0;
}

int rig_recreate_slot(struct rig *rig, unsigned int i, uint32_t more,
		      struct reason *why)
{
	struct gpages part = rig_slot_pages(rig, i), none = part;
	int err;

	none.nr_pages = 0;
	err = rig_set_slot(rig, &none, 0, why);
	return err ? err :
	       rig_set_slot(rig, &part, rig->slot_flags[i] | more, why);
}

int rig_add_slot_flags(struct rig *rig, unsigned int i, uint32_t more,
		       struct reason *why)
{
	struct gpages part = rig_slot_pages(rig, i);

	return rig_set_slot(rig, &part, rig->slot_flags[i] | more, why);
}

int rig_move_slot(struct rig *rig, unsigned int i, uint64_t gpa,
		  struct reason *why)
{
	struct gpages part = rig_slot_pages(rig, i);

	part.gpa = gpa;
	return rig_set_slot(rig, &part, rig->slot_flags[i], why);
}

int rig_delete_slots(struct rig *rig, struct reason *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < rig->cfg.nr_slots && !err; i++) {
		struct gpages none = rig_slot_pages(rig, i);

		none.nr_pages = 0;
		err = rig_set_slot(rig, &none, 0, why);
	}
	return err;
}

int rig_recreate_slots(struct rig *rig, struct reason *why)
{
	int err = rig_delete_slots(rig, why);
	unsigned int i;

	for (i = 0; i < rig->cfg.nr_slots && !err; i++) {
		struct gpages part = rig_slot_pages(rig, i);

		err = rig_set_slot(rig, &part, rig->slot_flags[i], why);
	}
	return err;
}
