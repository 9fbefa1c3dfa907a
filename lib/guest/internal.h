/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of tables.h; private to this folder. */
#ifndef MMUBENCH_GUEST_INTERNAL_H
#define MMUBENCH_GUEST_INTERNAL_H

#include "guest/tables.h"

static inline uint64_t read_cr3(void)
{
	uint64_t v;

	asm volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}

static inline void write_cr3(uint64_t v)
{
	asm volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline void write_cr4(uint64_t v)
{
	asm volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

static inline void write_cr0(uint64_t v)
{
	asm volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static inline volatile uint64_t *tables_at(const struct tables_guest *t,
					   uint32_t table, uint32_t entry)
{
	return (volatile uint64_t *)&t->mem.pool[table * 512 + entry];
}

static inline uint32_t tables_random(struct tables_guest *t, uint32_t below)
{
	return (stress_random(t->stress) >> 32) % below;
}

/* tables_model.c: a new line of the log, to be filled. */
struct tables_event *tables_note(struct tables_guest *t, enum tables_op op,
				 uint64_t gva);

/* The page of @owner that has @value as @t's own value, or UINT32_MAX. */
uint32_t tables_page_named(const struct tables_guest *t,
			   const struct tables_guest *owner, uint64_t value);
/* Keep the host from the tables; false: it is at them. */
int tables_begin(struct tables_guest *t);
void tables_end(struct tables_guest *t);

/* tables_cpu.c: from the rig's address space to the first one, and back. */
void tables_enter(struct tables_guest *t);
void tables_leave(struct tables_guest *t);
void tables_switch(struct tables_guest *t, uint32_t space);
/* To @space of another vCPU, and back; all that was in use there is dropped. */
void tables_visit(struct tables_guest *t, const struct tables_guest *owner,
		  uint32_t space);
void tables_return(struct tables_guest *t);
/* Change what CR0 and CR4 say of rights, or drop everything by them. */
void tables_change_mode(struct tables_guest *t);
/* Invalidate address @i of this space, in one of the ways there are. */
void tables_flush(struct tables_guest *t, uint32_t i);

/* tables_edit.c: change an entry on the way to address @i; as tables_access(). */
int tables_edit(struct tables_guest *t, uint32_t i);
/* Let a data page say by its content which one it is. */
void tables_store_identity(struct tables_guest *t, uint32_t page);
/* Put valid entries into all of a vCPU's tables. */
void tables_fill(struct tables_guest *t);

/* What is known before an access and needed after it. */
struct tables_try {
	struct tables_guest *t;
	const struct tables_guest *owner;	/* of the tables */
	uint32_t i, op, access, want;
	uint64_t gva, value;
	struct ptwalk w;
	struct stress_look look;
	struct stress_write write;
	uint32_t code;		/* of a call: what it must return */
};

/*
 * Is the last exception the page fault that @want stands for?  QEMU's CPU does
 * not say of a reserved bit that the entry is present, so that is not asked.
 */
static inline int tables_is_fault(const struct ring *r, uint32_t want)
{
	uint32_t may_lack = want & PTWALK_RESERVED ? PTWALK_PRESENT : 0;

	return r->vector == RING_PF && (r->error | may_lack) == want;
}

/* tables_access.c: access address @i and judge it; true if a rule is violated. */
int tables_access(struct tables_guest *t, uint32_t i);
/* Its parts: the access, the verdicts, and what is told of a violation. */
void tables_touch(struct tables_try *y);
enum stress_kind tables_judge_data(struct tables_try *y);
int tables_unbound(struct tables_try *y);
int tables_violated(struct tables_try *y, enum tables_kind kind,
		    enum stress_kind stress);

/* tables_other.c: again and again, without a reason to leave the guest. */
int tables_watch(struct tables_guest *t, uint32_t i);

/* A load in @space of @owner, of which nothing older than @since is in use. */
int tables_access_other(struct tables_guest *t, const struct tables_guest *owner,
			uint32_t space, uint32_t since);

#endif
