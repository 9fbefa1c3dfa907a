/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access to memory, in ring 0 or in ring 3, whose fault ends in the guest.
 *
 * A vCPU in ring 0 gets descriptor tables of its own.  ring_access() makes one
 * access and returns, whatever came of it: an exception is caught and noted.
 * For ring 3 it leaves for a few instructions in a page that the page tables
 * open to user mode.
 */
#ifndef MMUBENCH_GUEST_RING_H
#define MMUBENCH_GUEST_RING_H

#include <stdint.h>

enum ring_op {
	RING_READ,		/* a load of 8 bytes */
	RING_WRITE,		/* a store of 8 bytes */
	RING_LOCKED,		/* an exchange of 8 bytes */
	RING_CALL,		/* a call; it returns in rax */
	RING_KIND	= 3,
	RING_USER	= 1 << 4, /* in ring 3 */
	RING_AC		= 1 << 5, /* ring 0 with EFLAGS.AC, which lifts SMAP */
};

enum ring_vector {
	RING_GP		= 13,
	RING_PF		= 14,
	RING_FINE	= 0x100, /* no exception */
};

#define RING_STACK_BYTES 2048u

/* Per vCPU, zeroed at first. The assembler knows the offsets of the first part. */
struct ring {
	uint64_t rsp;		/* where to go on; 0: nowhere, an exception is fatal */
	uint64_t value;		/* what was read, or what the call returned */
	uint64_t vector;
	uint64_t error;
	uint64_t rip;
	uint64_t cr2;
	uint64_t died;		/* an exception that was not awaited */
	uint64_t user_code;	/* gva of the code for ring 3, as ring 3 sees it */
	uint64_t user_stack;	/* end of its stack */
	/* only ring.c */
	uint64_t is_set;
	uint64_t gdt[8];
	uint32_t tss[26];
	uint64_t idt[32 * 2];
	uint64_t stack[RING_STACK_BYTES / 8] __attribute__((aligned(16)));
	uint64_t self;		/* right behind the stack: handlers find it */
};

/* The instructions for ring 3: copy these bytes to the page of user_code. */
extern const char ring_user_code[], ring_user_code_end[];

/* Load descriptor tables, once per vCPU. */
void ring_set_up(struct ring *r);

/* Make one access at @gva. True if no exception came of it. */
int ring_access(struct ring *r, unsigned int op, uint64_t gva, uint64_t value);

#endif
