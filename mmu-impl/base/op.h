/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An operation: which lock it runs under and which TLB flush it owes.
 *
 * Every change of an SPTE adds to what is owed. The operation pays once, at the
 * latest moment that the strictest change allows.
 */
#ifndef MMU_FLUSH_H
#define MMU_FLUSH_H

#include "internal.h"

/* How the operation keeps others out; decides how an SPTE may be written. */
enum mmub_mode {
	MMU_LOCKLESS,	/* RCU only: bits of leaves, never structure */
	MMU_SHARED,	/* mmu_lock for read, and RCU */
	MMU_EXCLUSIVE,	/* mmu_lock for write */
};

/* When stale TLB entries have to be gone. Ordered: later ones are stricter. */
enum mmub_flush {
	FLUSH_NEVER,		/* nothing lost that anybody relies on */
	FLUSH_BEFORE_REPORT,	/* W or D: before user space reads the log */
	FLUSH_BEFORE_FREE,	/* a table: before its memory is reused */
	FLUSH_BEFORE_UNLOCK,	/* a translation: before mmu_lock is dropped */
};

enum {
	/* The caller itself remembers the Accessed bits that get lost. */
	OP_OWN_YOUNG = BIT(0),
	/* The caller itself tells the log about every D it takes. */
	OP_OWN_DIRTY = BIT(1),
	/* Unlinked tables are emptied by mmub_op_flush(), not at once. */
	OP_DEFER_TABLES = BIT(2),
	/* A huge leaf already maps what goes with those tables. */
	OP_REPLACES = BIT(4),
	/* No TLB can use what is dropped: the root, or the VM, is dead. */
	OP_NO_TLB = BIT(3),
};

struct mmub_op {
	struct kvm *kvm;
	enum mmub_mode mode;
	unsigned int flags;		/* OP_* */
	enum mmub_flush owed;
	struct list_head tables;	/* unlinked, still reachable by TLBs */
	unsigned int nr_tables;		/* on that list */
};

static inline void mmub_op_begin(struct mmub_op *op, struct kvm *kvm,
				 enum mmub_mode mode, unsigned int flags)
{
	op->kvm = kvm;
	op->mode = mode;
	op->flags = flags;
	op->owed = FLUSH_NEVER;
	if (flags & OP_DEFER_TABLES) {
		INIT_LIST_HEAD(&op->tables);
		op->nr_tables = 0;
	}
}

static inline void mmub_op_owe(struct mmub_op *op, enum mmub_flush need)
{
	if (need > op->owed)
		op->owed = need;
}

/* Check that the lock of op->mode is really held. */
static inline void mmub_op_assert_lock(const struct mmub_op *op)
{
	if (op->mode == MMU_EXCLUSIVE)
		lockdep_assert_held_write(&op->kvm->mmu_lock);
	else if (op->mode == MMU_SHARED)
		lockdep_assert_held_read(&op->kvm->mmu_lock);
}

/*
 * Flush all TLBs if anything as strict as @from is owed, then empty and free
 * the tables that waited for it. RCU held. Returns true if it flushed.
 */
bool mmub_op_flush(struct mmub_op *op, enum mmub_flush from);

#endif /* MMU_FLUSH_H */
