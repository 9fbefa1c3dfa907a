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
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>

#include "rig/rig.h"

static int set_slot(struct rig *rig, uint32_t flags, uint64_t bytes,
		    struct reason *why)
{
	struct kvm_userspace_memory_region region = {
		.slot = RIG_FLUSH_SLOT, .flags = flags,
		.guest_phys_addr = RIG_FLUSH_GPA, .memory_size = bytes,
		.userspace_addr = (uintptr_t)rig->flush_page,
	};

	if (!ioctl(rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return 0;
	return reason_set(why, -errno, "cannot set up a memslot to flush with: %s",
			  strerror(errno));
}

static int make_slot(struct rig *rig, struct reason *why)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return reason_set(why, -errno, "no memory for a page");
	rig->flush_page = page;
	return set_slot(rig, 0, 4096, why);
}

int rig_flush_tlbs(struct rig *rig, struct reason *why)
{
	int err = rig->flush_page ? 0 : make_slot(rig, why);

	if (!err)
		err = set_slot(rig, KVM_MEM_LOG_DIRTY_PAGES, 4096, why);
	return err ? err : set_slot(rig, 0, 4096, why);
}
