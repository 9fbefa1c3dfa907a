/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A span of guest memory under test, seen from every side.
 *
 * Spans are multiples of 4 KiB, half-open, and lie inside one memslot.
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
