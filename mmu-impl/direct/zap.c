// SPDX-License-Identifier: GPL-2.0-only
/*
 * How are mappings taken away?
 *
 * By leaf, for a range somebody wants back (MMU notifier, memslot change), or
 * by whole root, in passes from small to large so that no single step takes
 * long: a table is retired with all below it, which cannot be interrupted.
 *
 * Unmapping must reach roots that are invalid but not yet emptied: their SPTEs
 * still name host pages, and dropping one later would touch a page that has
 * meanwhile been freed.
 */
#include "internal.h"
#include "base/change.h"
#include "base/op.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/walk.h"
#include "defect.h"
#include "direct/roots.h"
#include "direct/zap.h"

/*
 * Drop every leaf in [start, end) of one root, yielding if @may_yield.
 * MMU_EXCLUSIVE. What is still owed when it returns has to be flushed before
 * mmu_lock is dropped.
 */
static void zap_leaves(struct mmub_op *op, struct kvm_mmu_page *root,
		       gfn_t start, gfn_t end, bool may_yield)
{
	struct mmub_walk w;

	mmub_op_assert_lock(op);
	rcu_read_lock();
	mmub_walk_begin(&w, root, start, min(end, mmub_roots_end_gfn()),
			PG_LEVEL_4K);
	while (mmub_walk_next(&w)) {
		if (may_yield && mmub_walk_yield(&w, op, FLUSH_BEFORE_UNLOCK))
			continue;
		if (spte_is_leaf(w.at.old, w.at.level))
			mmub_change_drop(op, &w.at);
	}
	rcu_read_unlock();
}

/* Drop what is present in tables of @level, with all below it. */
static void zap_pass(struct mmub_op *op, struct kvm_mmu_page *root, int level)
{
	struct mmub_walk w;

	mmub_walk_begin(&w, root, 0, mmub_roots_end_gfn(), level);
	while (mmub_walk_next(&w)) {
		if (mmub_walk_yield(&w, op, FLUSH_BEFORE_UNLOCK))
			continue;
		if (w.at.level > level)
			continue;
		while (spte_is_present(w.at.old)) {
			if (op->mode == MMU_EXCLUSIVE) {
				mmub_change_drop(op, &w.at);
				break;
			}
			if (mmub_change_try(op, &w.at, SPTE_EMPTY))
				break;
		}
	}
}

/* Drop a whole root's content. MMU_SHARED or MMU_EXCLUSIVE; yields. */
static void zap_root(struct mmub_op *op, struct kvm_mmu_page *root)
{
	/* Unreachable, notifiers would miss it while the lock is dropped. */
	WARN_ON_ONCE(!refcount_read(&root->tdp_mmu_root_count));
	mmub_op_assert_lock(op);

	rcu_read_lock();
	/* The proving build skips the small steps to try the large ones. */
	if (!IS_ENABLED(CONFIG_KVM_PROVE_MMU)) {
		zap_pass(op, root, PG_LEVEL_4K);
		zap_pass(op, root, PG_LEVEL_2M);
	}
	zap_pass(op, root, PG_LEVEL_1G);
	zap_pass(op, root, root->role.level);
	rcu_read_unlock();
}

bool mmub_zap_valid(struct kvm *kvm, gfn_t start, gfn_t end, bool flush)
{
	struct kvm_mmu_page *root = NULL;
	struct mmub_op op;

	mmub_count(lock_zap_range);
	mmub_op_begin(&op, kvm, MMU_EXCLUSIVE, 0);
	if (flush)
		mmub_op_owe(&op, FLUSH_BEFORE_UNLOCK);
	while ((root = mmub_roots_next(kvm, root, -1, ROOTS_VALID)))
		zap_leaves(&op, root, start, end, true);
	return op.owed == FLUSH_BEFORE_UNLOCK;
}

bool mmub_zap_unmap(struct kvm *kvm, struct kvm_gfn_range *range, bool flush)
{
	const enum mmub_roots_which which =
		DEFECT(DEFECT_SKIP_INVALID_ROOT) ? ROOTS_VALID : ROOTS_ALL;
	struct kvm_mmu_page *root = NULL;
	struct mmub_op op;
	int srcu;

	mmub_count(lock_unmap);
	mmub_op_begin(&op, kvm, MMU_EXCLUSIVE, 0);
	if (flush)
		mmub_op_owe(&op, FLUSH_BEFORE_UNLOCK);
	/* Dirty bits go to logs of memslots; guest_memfd does not hold those. */
	srcu = srcu_read_lock(&kvm->srcu);
	while ((root = mmub_roots_next(kvm, root, range->slot->as_id, which))) {
		/* A vCPU flushes before it loads a root in place of this. */
		op.flags = root->role.invalid ? OP_NO_TLB : 0;
		zap_leaves(&op, root, range->start, range->end,
			   range->may_block);
	}
	srcu_read_unlock(&kvm->srcu, srcu);
	return op.owed == FLUSH_BEFORE_UNLOCK;
}

bool mmub_zap_table(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	struct spte_at at = {
		.sptep = (__force u64 *)sp->ptep,
		.gfn = sp->gfn,
		.level = sp->role.level + 1,
		.as_id = mmub_table_as_id(sp),
	};
	struct mmub_op op;

	/* A root has no parent entry and is not dropped this way. */
	if (WARN_ON_ONCE(!at.sptep))
		return false;
	at.old = READ_ONCE(*at.sptep);
	if (WARN_ON_ONCE(!spte_is_present(at.old)))
		return false;

	mmub_op_begin(&op, kvm, MMU_EXCLUSIVE, 0);
	mmub_change_drop(&op, &at);
	return true;
}

void mmub_zap_all(struct kvm *kvm)
{
	struct kvm_mmu_page *root = NULL;
	struct mmub_op op;

	/* The VM or its VMM is gone: no vCPU will run, or flush, again. */
	mmub_op_begin(&op, kvm, MMU_EXCLUSIVE, OP_NO_TLB);
	while ((root = mmub_roots_next(kvm, root, -1, ROOTS_ALL)))
		zap_root(&op, root);
}

void mmub_zap_invalid_roots(struct kvm *kvm)
{
	struct kvm_mmu_page *root = NULL;
	struct mmub_op op;

	mmub_count(lock_zap);
	read_lock(&kvm->mmu_lock);
	mmub_op_begin(&op, kvm, MMU_SHARED, OP_NO_TLB);
	while ((root = mmub_roots_next(kvm, root, -1, ROOTS_ALL))) {
		if (!root->tdp_mmu_scheduled_root_to_zap)
			continue;
		root->tdp_mmu_scheduled_root_to_zap = false;
		KVM_BUG_ON(!root->role.invalid, kvm);

		zap_root(&op, root);
		/* Only now: until here notifiers had to find it. */
		mmub_roots_put(kvm, root);
	}
	read_unlock(&kvm->mmu_lock);
}

void mmub_zap_uninit(struct kvm *kvm)
{
	mmub_roots_invalidate(kvm);
	mmub_zap_invalid_roots(kvm);

	WARN_ON(!list_empty(&kvm->arch.tdp_mmu_roots));
	WARN_ON(atomic64_read(&kvm->arch.tdp_mmu_pages));

	/* Tables on their way through RCU still belong to this VM's module. */
	rcu_barrier();
}
