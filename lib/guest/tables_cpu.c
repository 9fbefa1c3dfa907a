// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the CPU is told: address spaces, invalidations, and the modes that bear
 * on rights.
 *
 * With PCIDs each space has one of its own, and half of the loads of CR3 keep
 * what is cached under it; without, a load drops all.  Entries are never
 * global.
 */
#include "guest/internal.h"

#define CR0_WP		(1ull << 16)
#define CR4_PGE		(1ull << 7)
#define CR4_PCIDE	(1ull << 17)
#define CR4_SMEP	(1ull << 20)
#define CR4_SMAP	(1ull << 21)
#define CR3_KEEP	(1ull << 63)
#define VISITOR_PCID	(TABLES_SPACES + 1u)

enum how {
	BY_INVLPG, BY_CR3, BY_PGE, BY_INVPCID_GVA, BY_INVPCID_SPACE,
	BY_INVPCID_ALL, BY_AWAY_AND_BACK, NR_HOWS
};

static void cpuid(uint32_t leaf, uint32_t *b, uint32_t *c, uint32_t *d)
{
	uint32_t a = leaf;

	*c = 0;
	asm volatile("cpuid" : "+a"(a), "=b"(*b), "+c"(*c), "=d"(*d));
}

static uint32_t features(void)
{
	uint32_t b, c, d, has = 0;

	cpuid(1, &b, &c, &d);
	has |= c >> 17 & 1 ? TABLES_HAS_PCID : 0;
	has |= d >> 13 & 1 ? TABLES_HAS_PGE : 0;
	cpuid(0, &b, &c, &d);
	cpuid(7, &b, &c, &d);
	has |= b >> 7 & 1 ? TABLES_HAS_SMEP : 0;
	has |= b >> 20 & 1 ? TABLES_HAS_SMAP : 0;
	has |= b >> 10 & 1 ? TABLES_HAS_INVPCID : 0;
	return has;
}

static int has_pcids(const struct tables_guest *t)
{
	return (t->cr4 & CR4_PCIDE) != 0;
}

static void flushed_all(struct tables_guest *t)
{
	uint32_t i;

	for (i = 0; i < TABLES_SPACES; i++)
		t->spaces[i].flushed = t->seq;
}

static void load(struct tables_guest *t, uint32_t space, int keep)
{
	uint64_t cr3 = t->mem.pool_gpa + space * 4096ull;

	t->space = space;
	if (!has_pcids(t)) {
		flushed_all(t);
		write_cr3(cr3);
		return;
	}
	if (!keep)
		t->spaces[space].flushed = t->seq;
	write_cr3(cr3 | (space + 1) | (keep ? CR3_KEEP : 0));
}

void tables_switch(struct tables_guest *t, uint32_t space)
{
	int keep = tables_random(t, 2);

	load(t, space, keep);
	tables_note(t, TABLES_SWITCH, 0)->detail = keep;
}

void tables_visit(struct tables_guest *t, const struct tables_guest *owner,
		  uint32_t space)
{
	uint64_t cr3 = owner->mem.pool_gpa + space * 4096ull;

	if (!has_pcids(t))
		flushed_all(t);
	write_cr3(cr3 | (has_pcids(t) ? VISITOR_PCID : 0));
}

void tables_return(struct tables_guest *t)
{
	load(t, t->space, 0);
}

static void invpcid(uint64_t type, uint64_t pcid, uint64_t gva)
{
	struct {
		uint64_t pcid, gva;
	} d = { pcid, gva };

	asm volatile("invpcid %0, %1" : : "m"(d), "r"(type) : "memory");
}

static enum how pick_how(struct tables_guest *t)
{
	/* The common ones more often. */
	uint32_t dice = tables_random(t, 16);
	enum how how = dice < 7 ? BY_INVLPG : dice < 10 ? BY_CR3 : dice - 8;

	if (how >= NR_HOWS)
		how = BY_INVLPG;
	if (how == BY_PGE && !(t->has & TABLES_HAS_PGE))
		how = BY_CR3;
	if (how >= BY_INVPCID_GVA && how <= BY_INVPCID_ALL &&
	    (!(t->has & TABLES_HAS_INVPCID) || !has_pcids(t)))
		how = BY_INVLPG;
	return how;
}

static void flush_by(struct tables_guest *t, uint32_t i, enum how how)
{
	uint64_t gva = tables_gva(t, i);
	uint32_t space = t->space;

	if (how == BY_INVLPG) {
		asm volatile("invlpg (%0)" : : "r"(gva) : "memory");
	} else if (how == BY_CR3) {
		load(t, space, 0);
	} else if (how == BY_PGE) {
		write_cr4(t->cr4 ^ CR4_PGE);
		write_cr4(t->cr4);
		flushed_all(t);
	} else if (how == BY_AWAY_AND_BACK) {
		load(t, (space + 1) % TABLES_SPACES, 1);
		load(t, space, 0);
	} else {
		invpcid(how - BY_INVPCID_GVA, space + 1, gva);
		if (how == BY_INVPCID_SPACE)
			t->spaces[space].flushed = t->seq;
		if (how == BY_INVPCID_ALL)
			flushed_all(t);
	}
	t->spaces[space].flushed_gva[i] = t->seq;
}

void tables_flush(struct tables_guest *t, uint32_t i)
{
	enum how how = pick_how(t);

	flush_by(t, i, how);
	tables_note(t, TABLES_FLUSH, tables_gva(t, i))->detail = how;
}

void tables_change_mode(struct tables_guest *t)
{
	uint32_t which = tables_random(t, 4);

	if (which == 0 && t->has & TABLES_HAS_SMEP) {
		t->cr4 ^= CR4_SMEP;
		t->cpu ^= PTWALK_SMEP;
	} else if (which == 1 && t->has & TABLES_HAS_SMAP) {
		t->cr4 ^= CR4_SMAP;
		t->cpu ^= PTWALK_SMAP;
	} else {
		t->cr0 ^= CR0_WP;
		t->cpu ^= PTWALK_WP;
	}
	write_cr4(t->cr4);
	write_cr0(t->cr0);
	tables_note(t, TABLES_MODE, 0)->detail = t->cpu;
}

static void set_up(struct tables_guest *t)
{
	asm volatile("mov %%cr0, %0" : "=r"(t->home_cr0));
	asm volatile("mov %%cr4, %0" : "=r"(t->home_cr4));
	t->cr0 = t->home_cr0 | CR0_WP;
	t->cpu = PTWALK_WP;
	t->has = features() & t->may;
	t->cr4 = t->home_cr4;
	if (t->has & TABLES_HAS_PCID)
		t->cr4 |= CR4_PCIDE;
	ring_set_up(&t->ring);
	t->seq = 1;
	tables_fill(t);
	t->is_set = 1;
}

void tables_enter(struct tables_guest *t)
{
	if (!t->is_set)
		set_up(t);
	/* The rig's tables give user mode what SMEP and SMAP bar the kernel from. */
	write_cr3(t->mem.pool_gpa + t->space * 4096ull);
	write_cr4(t->cr4);
	write_cr0(t->cr0);
	load(t, t->space, 0);
}

void tables_leave(struct tables_guest *t)
{
	write_cr0(t->home_cr0);
	write_cr4(t->home_cr4);
	write_cr3(t->home_cr3);
	/* Without PCIDs there is but one space for what is cached. */
	flushed_all(t);
}
