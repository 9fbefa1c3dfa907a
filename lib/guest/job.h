/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What host and guest share: the job, its result, the layout of a unit.
 *
 * The guest runs one loop: ring the doorbell (an MMIO exit), take the job
 * the host has left in its struct guest_job, do it, ring again.  The host
 * writes a job only while the vCPU is outside KVM_RUN; ->stop and ->progress
 * may be used at any time.
 *
 * Layout of a unit (offsets in bytes), a power of two >= GUEST_UNIT_MIN:
 *	 0	vCPU 0's word: OP_WRITE stores tag ^ unit number, OP_RMW adds one
 *	16	gva of the next unit of a pointer chase
 *	24	a return instruction, the target of OP_EXEC
 *	24+8v	vCPU v's word, v > 0
 *
 * vCPU 0 writes at the very start of a page because the emulator of the PML
 * host logs the address written instead of the page's, and KVM warns of each
 * one that is not aligned.
 */
#ifndef MMUBENCH_GUEST_JOB_H
#define MMUBENCH_GUEST_JOB_H

#include <stdint.h>

#include "base/hist.h"
#include "payload/order.h"

#define GUEST_UNIT_MIN		64u
#define GUEST_UNIT_CHASE	16u
#define GUEST_UNIT_RET		24u
#define GUEST_UNIT_WORD(v)	((v) ? 24u + 8u * (v) : 0u)

enum guest_cmd {
	GUEST_ACCESS,	/* walk the order table */
	GUEST_CHASE,	/* follow the links in memory */
	GUEST_NULL,	/* walk the order table but touch nothing */
	GUEST_STALL,	/* read the TSC in a loop, record the gaps */
	GUEST_STALL_TOUCH, /* same, with one access of the table per turn */
	GUEST_REMAP,	/* change the guest's page tables, see guestremap.c */
	GUEST_STRESS,	/* check what is in memory, see stress.c */
	GUEST_EMULATED,	/* exchange words by instructions that KVM emulates */
	GUEST_TABLES,	/* edit the page tables and check, see tables.c */
};

enum guest_flags {
	GUEST_TIMED	= 1 << 0, /* record the latency of each access */
	GUEST_UNTIL_STOP = 1 << 1, /* start over until ->stop is set */
	GUEST_MIXED	= 1 << 2, /* operations differ between entries */
	GUEST_REMAP_EACH = 1 << 3, /* flush and use each entry before the next */
	GUEST_FAIL_EXCHANGE = 1 << 4, /* compare with what is not there */
};

/* The histograms of a GUEST_REMAP job. */
enum remap_hist { REMAP_ACCESS, REMAP_STORE, REMAP_FLUSH, NR_REMAP_HISTS };

/* A job fills those of its kind; what an earlier job left is reset first. */
struct guest_hists {
	union {
		struct hist op[NR_OPS];		/* accesses, by operation */
		struct hist remap[NR_REMAP_HISTS];
		struct hist stalls;
	};
};

struct guest_job {
	/* host to guest */
	uint32_t cmd;
	uint32_t flags;
	uint32_t op;		/* the operation, unless GUEST_MIXED */
	uint32_t unit_lg2;
	uint32_t vcpu;
	uint32_t think;		/* TSC ticks to idle between accesses */
	uint32_t min_gap;	/* stalls: shortest gap that counts, in ticks */
	uint32_t nr;		/* entries of the order table to use */
	uint64_t mem_gva;	/* start of this vCPU's region */
	uint64_t order_gva;
	uint64_t hists_gva;
	uint64_t tag;		/* see the layout above */
	uint64_t chase_start_gva;
	/* GUEST_REMAP: rig_open_tables() fills in all but the shift */
	uint64_t pt_gva;	/* the entries that map this vCPU's region */
	uint64_t pt_values_gva;	/* what they held at first */
	uint64_t pt_tag;	/* tag of the words that are there now */
	uint32_t pt_nr;		/* how many entries */
	uint32_t pt_span;	/* pages that one entry maps */
	uint32_t pt_shift;	/* entry i gets the value of entry i + shift */
	uint64_t stress_gva;	/* GUEST_STRESS: its struct stress_guest */
	uint64_t tables_gva;	/* GUEST_TABLES: its struct tables_guest */
	/* guest to host */
	uint64_t tsc_start;
	uint64_t tsc_end;
	uint64_t done;		/* accesses finished, all rounds together */
	uint64_t max_gap_tsc;	/* stalls: when the longest gap ended */
	uint64_t sum;		/* of what was read: keeps loads alive */
	uint64_t wrong_pages;	/* GUEST_REMAP: seen with a word not theirs */
	/* both ways, at any time */
	volatile uint32_t stop;
	volatile uint64_t progress;	/* completed rounds of an UNTIL_STOP job */
};

#endif
