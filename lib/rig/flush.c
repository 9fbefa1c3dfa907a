// SPDX-License-Identifier: GPL-2.0-only
/*
 * How can a test make every vCPU forget its cached translations?
 *
 * Method: a memslot of one page that no guest uses; switching dirty logging
 * on for a memslot makes KVM flush the TLBs of all vCPUs, whatever is mapped
 * in it.  Nothing of the memory under test is touched.
 *
 * Cannot tell: whether there was anything to forget.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <linux/kvm.h>

#include "internal.h"

static int set_flags(struct rig *rig, uint32_t flags, struct reason *why)
{
	const struct gpages page = {
		.hva = rig->flush_page, .gpa = RIG_FLUSH_GPA, .nr_pages = 1,
		.slot = RIG_FLUSH_SLOT,
	};

	return rig_set_slot(rig, &page, flags, why);
}

static int make_slot(struct rig *rig, struct reason *why)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return reason_set(why, -errno, "no memory for a page");
	rig->flush_page = page;
	return set_flags(rig, 0, why);
}

int rig_flush_tlbs(struct rig *rig, struct reason *why)
{
	int err = rig->flush_page ? 0 : make_slot(rig, why);

	if (!err)
		err = set_flags(rig, KVM_MEM_LOG_DIRTY_PAGES, why);
	return err ? err : set_flags(rig, 0, why);
}
