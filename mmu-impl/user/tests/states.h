/* SPDX-License-Identifier: GPL-2.0-only */
/* One leaf by its properties, and what the checks of states.c share. */
#ifndef MMU_USER_STATES_H
#define MMU_USER_STATES_H

#include "kvm/vm.h"

struct leaf {
	bool present, w, x, a, d, mmu_w, host_w, tracked;
	int level;
	unsigned long pfn;
};

struct states {
	struct vm vm;
	struct kvm_memory_slot *slot;
	u64 *at;
	gfn_t gfn;
	const char *op;
	struct leaf in;
	u64 done;
};

u64 leaf_encode(const struct leaf *l);
struct leaf leaf_decode(u64 s, int level);
bool leaf_same(const struct leaf *a, const struct leaf *b);

/* Complain unless @spte has the properties of @want; unless the answer fits. */
void expect(struct states *t, u64 spte, const struct leaf *want);
void expect_answer(struct states *t, bool got, bool want);

/* The entry of t->gfn at @level; a zap may have emptied it. */
u64 *states_find_entry(struct states *t, int level);

/* Each finds t->in planted in *t->at. */
extern void (*const state_checks[])(struct states *);

#endif
