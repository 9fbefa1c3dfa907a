// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names and page sizes of the memory backings, see rig.h.
 *
 * Kept apart from the rig so that programs without KVM (the driver, unit
 * tests) can know the names too.
 */
#include <stddef.h>

#include "rig/rig.h"

const char *const rig_backing_names[NR_BACKINGS + 1] = {
	[BACKING_ANON] = "anonymous",
	[BACKING_THP] = "anonymous_thp",
	[BACKING_HUGETLB_2M] = "anonymous_hugetlb_2mb",
	[BACKING_HUGETLB_1G] = "anonymous_hugetlb_1gb",
	[BACKING_SHMEM] = "shmem",
	[BACKING_MEMFD] = "memfd",
	[NR_BACKINGS] = NULL,
};

uint64_t rig_backing_page_bytes(enum rig_backing b)
{
	switch (b) {
	case BACKING_THP:
	case BACKING_HUGETLB_2M:
		return 2ull << 20;
	case BACKING_HUGETLB_1G:
		return 1ull << 30;
	default:
		return 4096;
	}
}
