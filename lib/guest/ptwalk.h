/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What do page tables say about an address?  A walk in software, and what an
 * access with these rights must come to: the model that a guest's own accesses
 * are judged by.  (Intel SDM, AMD APM: 4-level and 5-level paging.)
 *
 * Tables lie in a pool of pages, one after the other; table N is page N of it.
 * Compiled for the guest and for the host.
 */
#ifndef MMUBENCH_GUEST_PTWALK_H
#define MMUBENCH_GUEST_PTWALK_H

#include <stdint.h>

#define PT_P	(1ull << 0)
#define PT_W	(1ull << 1)
#define PT_U	(1ull << 2)
#define PT_A	(1ull << 5)
#define PT_D	(1ull << 6)
#define PT_PS	(1ull << 7)
#define PT_NX	(1ull << 63)
#define PT_ADDR	0x000ffffffffff000ull
#define PT_LEVELS 5u

/* Where pages are, in the guest's physical addresses. */
struct ptwalk_mem {
	const volatile uint64_t *pool;	/* as the walker addresses it */
	uint64_t pool_gpa, data_gpa;
	uint64_t hole_gpa;	/* 2 MiB that are backed by nothing */
	uint32_t nr_tables;	/* pages of the pool */
	uint32_t nr_data;	/* pages of the data */
	uint32_t levels;	/* 4 or 5 */
	/*
	 * 0, or bits to turn round in every leaf that is read: a planted error,
	 * which makes the model differ from the tables.
	 */
	uint64_t plant;
};

enum ptwalk_kind {
	PTWALK_NONE,	/* a step is not present */
	PTWALK_RSVD,	/* a step has a reserved bit */
	PTWALK_DATA,	/* page ->page of the data */
	PTWALK_TABLE,	/* table ->page of the pool */
	PTWALK_HOLE,	/* memory that is not there */
	PTWALK_ELSEWHERE, /* neither, or a walk through what is no table */
};

struct ptwalk_step {
	uint32_t table, entry;
	uint64_t value;
};

struct ptwalk {
	enum ptwalk_kind kind;
	uint32_t page;
	uint32_t nr_steps;	/* taken; the last one ended the walk */
	uint64_t rights;	/* PT_W, PT_U, PT_NX of all steps together */
	struct ptwalk_step step[PT_LEVELS];
};

void ptwalk(const struct ptwalk_mem *m, uint32_t root, uint64_t gva,
	    struct ptwalk *w);

/* The entry of @gva in a table of @level, 1 to 5. */
static inline uint32_t ptwalk_entry(uint64_t gva, uint32_t level)
{
	return gva >> (12 + 9 * (level - 1)) & 511;
}

/* How an access is made; bits of the error code of a page fault, and more. */
enum ptwalk_access {
	PTWALK_PRESENT	= 1 << 0, /* error code only */
	PTWALK_WRITE	= 1 << 1,
	PTWALK_USER	= 1 << 2,
	PTWALK_RESERVED	= 1 << 3, /* error code only */
	PTWALK_FETCH	= 1 << 4,
	/* the state of the CPU */
	PTWALK_WP	= 1 << 8,
	PTWALK_SMEP	= 1 << 9,
	PTWALK_SMAP	= 1 << 10, /* and EFLAGS.AC is clear */
};

#define PTWALK_GRANTED UINT32_MAX

/*
 * The error code of the page fault that @access must end in, or PTWALK_GRANTED.
 * Not for PTWALK_ELSEWHERE.
 */
uint32_t ptwalk_fault(const struct ptwalk *w, uint32_t access);

#endif
