/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A span of guest memory under test, by host and by guest address.
 *
 * A span is a whole number of 4 KiB pages and lies within one memslot.
 */
#ifndef MMUBENCH_GPAGES_H
#define MMUBENCH_GPAGES_H

#include <stdint.h>

struct gpages {
	void *hva;		/* host mapping, 4 KiB aligned at least */
	uint64_t gpa;		/* guest physical address of its start */
	uint64_t nr_pages;	/* 4 KiB pages */
	uint32_t slot;		/* memslot number */
};

#endif
