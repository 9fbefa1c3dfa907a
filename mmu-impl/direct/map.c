// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does a fault put into the tree?
 *
 * Down from the root, one level at a time: a missing table is linked, a huge
 * leaf in the way is split, and at the level the fault wants the leaf is
 * installed. Many vCPUs do this at once under mmu_lock for read; every step is
 * one compare-and-exchange, and whoever loses lets the guest fault again.
 *
 * It trusts the fault path that the page is still the host's: the invalidation
 * sequence was checked under the same hold of mmu_lock.
 */
#include "internal.h"
#include "base/change.h"
#include "base/dirty.h"
#include "base/options.h"
#include "base/stats.h"
#include "base/tables.h"
#include "base/unsync.h"
#include "base/walk.h"
#include "defect.h"
#include "direct/around.h"
#include "direct/map.h"
#include "direct/split.h"
#include "format/leaf.h"
#include "format/mmio.h"

/* Lost races before the guest is asked to fault again; chosen, 2 to 8 do. */
#define MAP_TRIES 4

static struct kvm_mmu_page *current_root(struct kvm_vcpu *vcpu)
{
	return mmub_table_below(vcpu->arch.mmu->root.hpa);
}

int mmub_map_walk(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *sptes)
{
	struct kvm_mmu_page *root = current_root(vcpu);
	int level = mmub_table_role(root).level;
	u64 *table = root->spt;

	for (;; level--) {
		sptes[level] = READ_ONCE(table[spte_slot_of(gfn, level)]);
		if (!spte_is_table(sptes[level], level))
			return level;
		table = mmub_table_entries(sptes[level]);
	}
}

u64 *mmub_map_find_last(struct kvm_vcpu *vcpu, gfn_t gfn, u64 *spte)
{
	struct spte_at at;

	mmub_walk_to_last(current_root(vcpu), gfn, &at);
	*spte = at.old;
	return at.sptep;
}

/* Recovery of NX huge pages wants to know which tables exist for its sake. */
static void track_nx_table(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	spin_lock(&kvm->arch.tdp_mmu_pages_lock);
	if (sp->nx_huge_page_disallowed)
		track_possible_nx_huge_page(kvm, sp);
	spin_unlock(&kvm->arch.tdp_mmu_pages_lock);
}

/* Put a table where there is none; false if somebody was faster. */
static bool map_table(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		      struct mmub_op *op, struct spte_at *at)
{
	struct kvm_mmu_page *sp = mmub_table_alloc(vcpu);
	bool done;
	u64 spte;

	mmub_table_init_child(sp, at->sptep, at->gfn);
	sp->nx_huge_page_disallowed = fault->huge_page_disallowed;

	if (spte_is_present(at->old)) {
		done = mmub_split_at(op, at, sp, fault->slot);
	} else {
		spte = mmub_spte_table(sp->spt, !kvm_ad_enabled());
		done = mmub_change_try(op, at, spte);
		if (done)
			mmub_table_linked(vcpu->kvm, sp);
	}
	if (!done) {
		mmub_table_free(sp);
		return false;
	}

	at->old = READ_ONCE(*at->sptep);
	if (fault->huge_page_disallowed && fault->req_level >= at->level)
		track_nx_table(vcpu->kvm, sp);
	return true;
}

/* How the leaf for @fault is to be built. */
static unsigned int leaf_how(struct kvm_vcpu *vcpu,
			     struct kvm_page_fault *fault,
			     const struct kvm_mmu_page *sp)
{
	unsigned int how = SPTE_FOR_UNSYNC;

	if (fault->prefetch)
		how |= SPTE_FOR_PREFETCH;
	if (fault->map_writable)
		how |= SPTE_FOR_HOST_WRITE;
	/* Where D feeds the log only the CPU sets it, at the write itself. */
	if (kvm_slot_dirty_track_enabled(fault->slot) &&
	    mmub_dirty_by_dbit(vcpu->kvm) && mmub_table_has_ad(sp))
		how |= SPTE_FOR_CLEAN;
	return how;
}

/*
 * Tell host and log about a leaf that has become writable. The host page is
 * marked before anybody can write, the log after: see LOCKING.md, "log".
 */
static void mark_host_page(const struct spte_at *at, u64 spte)
{
	if (spte_is_mmu_writable(spte) &&
	    !(spte_is_leaf(at->old, at->level) &&
	      spte_is_mmu_writable(at->old)) &&
	    !DEFECT(DEFECT_HOST_NOT_DIRTY))
		kvm_set_pfn_dirty(spte_pfn(spte));
}

static bool leaf_needs_log(u64 old, u64 spte, int level, unsigned int how)
{
	if (!spte_is_writable(spte) || (how & SPTE_FOR_CLEAN))
		return false;
	return !(spte_is_leaf(old, level) && spte_is_writable(old));
}

static int map_mmio(struct kvm_vcpu *vcpu, struct mmub_op *op,
		    struct spte_at *at)
{
	const u64 spte = mmub_mmio_build(vcpu, at->gfn, SPTE_ACC_ALL);

	if (spte != at->old && !mmub_change_try(op, at, spte))
		return RET_PF_RETRY;

	vcpu->stat.pf_mmio_spte_created++;
	trace_mark_mmio_spte(at->sptep, at->gfn, spte);
	return RET_PF_EMULATE;
}

static int map_leaf(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		    struct mmub_op *op, struct spte_at *at)
{
	struct kvm_mmu_page *sp = mmub_table_of(at->sptep);
	struct spte_leaf want = {
		.vcpu = vcpu,
		.gfn = at->gfn,
		.pfn = fault->pfn,
		.old = at->old,
		.ad_kind = mmub_table_ad_kind(sp),
		.level = at->level,
		.access = SPTE_ACC_ALL,
		.how = leaf_how(vcpu, fault, sp),
	};
	const u64 old = at->old;
	bool protected, log;
	u64 spte;

	if (WARN_ON_ONCE(sp->role.level != at->level))
		return RET_PF_RETRY;
	/* Nobody waits for a prefetch; do not make what is in use look old. */
	if (fault->prefetch && spte_is_leaf(old, at->level))
		return RET_PF_SPURIOUS;

	protected = mmub_unsync_leaf(&want, fault->slot);
	spte = mmub_leaf_build(&want);
	if (spte == old) {
		mmub_count(map_spurious);
		return protected && fault->write ? RET_PF_WRITE_PROTECTED :
						   RET_PF_SPURIOUS;
	}

	mark_host_page(at, spte);
	log = leaf_needs_log(old, spte, at->level, want.how);
	if (!mmub_change_try(op, at, spte))
		return RET_PF_RETRY;
	if (log)
		mmub_dirty_made_writable(vcpu, fault->slot, fault->gfn);

	mmub_count(map);
	trace_kvm_mmu_set_spte(at->level, at->gfn, at->sptep);
	return protected && fault->write ? RET_PF_WRITE_PROTECTED :
					   RET_PF_FIXED;
}

/* Install at the level the fault wants; a lost race is tried again here. */
static int map_here(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		    struct mmub_op *op, struct spte_at *at)
{
	int tries = MAP_TRIES;
	int ret;

	do {
		ret = fault->slot ? map_leaf(vcpu, fault, op, at) :
				    map_mmio(vcpu, op, at);
		if (ret != RET_PF_RETRY)
			break;
	} while (!spte_is_frozen(at->old) &&
		 !spte_is_table(at->old, at->level) && --tries);

	if (ret == RET_PF_FIXED && at->level == PG_LEVEL_4K &&
	    READ_ONCE(mmub_fault_around) > 1 && kvm_ad_enabled() &&
	    !fault->prefetch && !fault->is_private)
		mmub_around_map(vcpu, fault, op, at);
	return ret;
}

/* There is no table at @at: link one. Its entries, or NULL: fault again. */
static noinline u64 *map_missing(struct kvm_vcpu *vcpu,
				 struct kvm_page_fault *fault,
				 struct mmub_op *op, struct spte_at at)
{
	if (spte_is_frozen(at.old)) {
		mmub_count(frozen);
		return NULL;
	}
	/* Linked just now, and gone already? Then start over. */
	if (!map_table(vcpu, fault, op, &at) ||
	    !spte_is_table(at.old, at.level))
		return NULL;
	return mmub_table_entries(at.old);
}

/*
 * Down to the goal, which may move down on the way. RCU held. Only the entry
 * where something is to be done is described in full: most are just passed.
 */
static int map_descend(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault,
		       struct mmub_op *op)
{
	const struct kvm_mmu_page *root = current_root(vcpu);
	struct spte_at at = {.as_id = mmub_table_as_id(root)};
	u64 *table = root->spt, *sptep, old;
	int level;

	for (level = mmub_table_role(root).level;; level--) {
		sptep = table + spte_slot_of(fault->gfn, level);
		old = READ_ONCE(*sptep);
		if (fault->nx_huge_page_workaround_enabled)
			disallowed_hugepage_adjust(fault, old, level);
		if (level != fault->goal_level && spte_is_table(old, level)) {
			table = mmub_table_entries(old);
			continue;
		}

		at.sptep = sptep;
		at.old = old;
		at.gfn = spte_base_gfn(fault->gfn, level);
		at.level = level;
		if (level == fault->goal_level)
			break;
		table = map_missing(vcpu, fault, op, at);
		if (!table)
			return RET_PF_RETRY;
	}

	if (spte_is_frozen(at.old)) {
		mmub_count(frozen);
		return RET_PF_RETRY;
	}
	return map_here(vcpu, fault, op, &at);
}

int mmub_map_fault(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault)
{
	struct mmub_op op;
	int ret;

	kvm_mmu_hugepage_adjust(vcpu, fault);
	trace_kvm_mmu_spte_requested(fault);

	mmub_count(lock_fault);
	mmub_op_begin(&op, vcpu->kvm, MMU_SHARED, 0);
	mmub_op_assert_lock(&op);

	rcu_read_lock();
	ret = map_descend(vcpu, fault, &op);
	if (unlikely(op.owed != FLUSH_NEVER) &&
	    mmub_op_flush(&op, FLUSH_BEFORE_FREE))
		mmub_count(flush_map);
	rcu_read_unlock();
	return ret;
}
