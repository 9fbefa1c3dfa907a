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

/* Keep the host from the tables; false: it is at them. */
int tables_begin(struct tables_guest *t);
void tables_end(struct tables_guest *t);

/* tables_cpu.c: from the rig's address space to the first one, and back. */
void tables_enter(struct tables_guest *t);
void tables_leave(struct tables_guest *t);
void tables_switch(struct tables_guest *t, uint32_t space);
/* Change what CR0 and CR4 say of rights, or drop everything by them. */
void tables_change_mode(struct tables_guest *t);
/* Invalidate address @i of this space, in one of the ways there are. */
void tables_flush(struct tables_guest *t, uint32_t i);

/* tables_edit.c: change an entry on the way to address @i; as tables_access(). */
int tables_edit(struct tables_guest *t, uint32_t i);
/* Put valid entries into all of a vCPU's tables. */
void tables_fill(struct tables_guest *t);

/* tables_access.c: access address @i and judge it; true if a rule is violated. */
int tables_access(struct tables_guest *t, uint32_t i);

#endif
