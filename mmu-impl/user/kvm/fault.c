// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault handling around an engine: what mmu.c does, by contract.
 *
 * Question: which faults reach the engine, with what, and what happens
 * beside it without any lock?
 * Method: lockless repair of write-protected and access-tracked entries by
 * compare-and-exchange; otherwise look the page up in host memory, and map
 * it under mmu_lock held for read unless an invalidation came between.
 * Cannot tell: async page faults, emulation, shadow paging.
 */
#include "kvm/fault.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "sim/pages.h"
#include "sim/witness.h"

/* Page sizes */
static bool slot_allows(const struct kvm_memory_slot *slot, gfn_t gfn,
			int level)
{
	gfn_t base = gfn_round_for_level(gfn, level);
	unsigned long first = slot->userspace_addr >> PAGE_SHIFT;
	u64 mask = KVM_PAGES_PER_HPAGE(level) - 1;

	return base >= slot->base_gfn &&
	       base + mask < slot->base_gfn + slot->npages &&
	       !((slot->base_gfn ^ first) & mask);
}

int kvm_mmu_max_mapping_level(struct kvm *kvm,
			      const struct kvm_memory_slot *slot, gfn_t gfn,
			      int max_level)
{
	unsigned long idx;

	lockdep_assert_held(&kvm->mmu_lock);
	WARN(gfn < slot->base_gfn || gfn >= slot->base_gfn + slot->npages,
	     "page size asked for a gfn outside of the slot");
	if (max_level < PG_LEVEL_2M || !slot_allows(slot, gfn, PG_LEVEL_2M))
		return PG_LEVEL_4K;
	if (slot->state->tracked_regions[gfn >> 9 & 3])
		return PG_LEVEL_4K;
	idx = (slot->userspace_addr >> PAGE_SHIFT) +
	      (unsigned long)(gfn - slot->base_gfn);
	return READ_ONCE(vm_of(kvm)->host.huge[idx / HOST_REGION]) ?
		       PG_LEVEL_2M : PG_LEVEL_4K;
}

/* May the fault be served by more than a small page? */
static bool wants_huge(const struct kvm_page_fault *f)
{
	return f->slot && f->max_level > PG_LEVEL_4K &&
	       !is_error_noslot_pfn(f->pfn) &&
	       !kvm_slot_dirty_track_enabled(f->slot);
}

void kvm_mmu_hugepage_adjust(struct kvm_vcpu *vcpu, struct kvm_page_fault *f)
{
	u64 inside;
	int level;

	f->huge_page_disallowed = f->nx_huge_page_workaround_enabled && f->exec;
	if (!wants_huge(f))
		return;
	level = kvm_mmu_max_mapping_level(vcpu->kvm, f->slot, f->gfn,
					  f->max_level);
	f->req_level = (u8)level;
	if (f->huge_page_disallowed || level == PG_LEVEL_4K)
		return;
	inside = KVM_PAGES_PER_HPAGE(level) - 1;
	WARN((f->gfn ^ f->pfn) & inside, "huge page out of step");
	f->pfn -= f->pfn & inside;
	f->goal_level = (u8)level;
}

void disallowed_hugepage_adjust(struct kvm_page_fault *fault, u64 spte,
				int cur_level)
{
	u64 below;

	if (cur_level <= PG_LEVEL_4K || cur_level != fault->goal_level ||
	    !seam_present(spte) || seam_leaf(spte, cur_level) ||
	    !READ_ONCE(seam_child(spte)->nx_huge_page_disallowed))
		return;
	below = KVM_PAGES_PER_HPAGE(cur_level) -
		KVM_PAGES_PER_HPAGE(cur_level - 1);
	fault->pfn |= fault->gfn & below;
	fault->goal_level--;
}

void track_possible_nx_huge_page(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	lockdep_assert_held(&kvm->arch.tdp_mmu_pages_lock);
	if (!list_empty(&sp->possible_nx_huge_page_link))
		return;
	kvm->stat.nx_lpage_splits++;
	list_add_tail(&sp->possible_nx_huge_page_link,
		      &kvm->arch.possible_nx_huge_pages);
}

void untrack_possible_nx_huge_page(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	if (list_empty(&sp->possible_nx_huge_page_link))
		return;
	kvm->stat.nx_lpage_splits--;
	list_del_init(&sp->possible_nx_huge_page_link);
}

/* Non-zero: somebody else's write protection stands. */
int mmu_try_to_unsync_pages(struct kvm *kvm, const struct kvm_memory_slot *slot,
			    gfn_t gfn, bool can_unsync, bool prefetch)
{
	struct vm_slot_state *st = slot->state;

	(void)can_unsync;
	(void)prefetch;
	lockdep_assert_held(&kvm->mmu_lock);
	return READ_ONCE(st->tracked[gfn - slot->base_gfn]) ? -EPERM : 0;
}

/* The lockless path */
static bool may_be_fast(const struct kvm_page_fault *f)
{
	if (f->rsvd)
		return false;
	return f->present ? f->write : !shadow_accessed_mask;
}

static bool access_ok(const struct kvm_page_fault *f, u64 spte)
{
	if (f->exec)
		return seam_executable(spte);
	return f->write ? spte & PT_WRITABLE_MASK : spte & PT_PRESENT_MASK;
}

static bool fast_new_value(const struct kvm_page_fault *f, u64 spte, int level,
			   u64 *new)
{
	*new = spte;
	/* Hooked: stock asks nobody who has A bits, and would add W to this. */
	if ((!FACE_STOCK || !shadow_accessed_mask) && seam_tracked(spte))
		*new = seam_untrack(spte);
	if (f->write && (spte & shadow_mmu_writable_mask)) {
		*new |= PT_WRITABLE_MASK;
		if (level > PG_LEVEL_4K && kvm_slot_dirty_track_enabled(f->slot))
			return false;
	}
	return *new != spte && access_ok(f, *new);
}

static int fault_fast(struct kvm_vcpu *vcpu, struct kvm_page_fault *f)
{
	int tries, ret = RET_PF_INVALID, level;
	u64 *at, spte = 0, new;

	if (!may_be_fast(f))
		return ret;
	kvm_tdp_mmu_walk_lockless_begin();
	for (tries = 0; tries < 5 && ret == RET_PF_INVALID; tries++) {
		at = kvm_tdp_mmu_fast_pf_get_last_sptep(vcpu, f->gfn, &spte);
		if (WARN_ON(!at) || !seam_present(spte))
			break;
		level = seam_page(at)->role.level;
		if (!seam_leaf(spte, level))
			break;
		if (access_ok(f, spte)) {
			ret = RET_PF_SPURIOUS;
			break;
		}
		if (!fast_new_value(f, spte, level, &new))
			break;
		if (!try_cmpxchg64(at, &spte, new))
			continue;
		oracle_touch(vm_of(vcpu->kvm), vcpu->arch.mmu->root_role.smm,
			     f->gfn, true);
		if ((new & PT_WRITABLE_MASK) && !(spte & PT_WRITABLE_MASK))
			mark_page_dirty_in_slot(vcpu->kvm, f->slot, f->gfn);
		ret = RET_PF_FIXED;
	}
	kvm_tdp_mmu_walk_lockless_end();
	if (ret != RET_PF_INVALID)
		vcpu->stat.pf_fast++;
	return ret;
}

/* The slow path */
static int fault_lookup(struct kvm_vcpu *vcpu, struct kvm_page_fault *f)
{
	struct kvm_memory_slot *slot = f->slot;
	struct kvm *kvm = vcpu->kvm;
	bool host_writable, may_write;
	unsigned long idx;
	int r;

	f->mmu_seq = __atomic_load_n(&kvm->mmu_invalidate_seq,
				     __ATOMIC_SEQ_CST);
	smp_rmb();
	if (!slot) {
		f->pfn = KVM_PFN_NOSLOT;
		f->map_writable = false;
		return enable_mmio_caching ? RET_PF_CONTINUE : RET_PF_EMULATE;
	}
	if (slot->flags & KVM_MEMSLOT_INVALID)
		return RET_PF_RETRY;
	may_write = !(slot->flags & KVM_MEM_READONLY);
	if (f->write && !may_write)
		return RET_PF_EMULATE;
	idx = (slot->userspace_addr >> PAGE_SHIFT) +
	      (unsigned long)(f->gfn - slot->base_gfn);
	f->hva = idx << PAGE_SHIFT;
	r = host_gup(vm_of(kvm), idx, f->write, &host_writable, &f->pfn);
	if (r == -EAGAIN)
		return RET_PF_RETRY;
	if (r)
		return RET_PF_EMULATE; /* user space would handle it */
	f->map_writable = host_writable && may_write;
	return RET_PF_CONTINUE;
}

static int fault_map(struct kvm_vcpu *vcpu, struct kvm_page_fault *f)
{
	struct kvm *kvm = vcpu->kvm;
	kvm_pfn_t pfn = f->pfn;
	int r = RET_PF_RETRY;

	read_lock(&kvm->mmu_lock);
	if (!f->prefetch)
		oracle_touch(vm_of(kvm), vcpu->arch.mmu->root_role.smm, f->gfn,
			     true);
	if (!seam_root_is_invalid(vcpu->arch.mmu->root.hpa) &&
	    !(f->slot &&
	      mmu_invalidate_retry_gfn(kvm, f->mmu_seq, f->gfn)))
		r = kvm_tdp_mmu_map(vcpu, f);
	read_unlock(&kvm->mmu_lock);
	kvm_release_pfn_clean(pfn);
	return r;
}

static int page_fault(struct kvm_vcpu *vcpu, struct kvm_page_fault *f)
{
	int r;

	if (!f->rsvd && f->slot && f->write && f->present &&
	    READ_ONCE(f->slot->state->tracked[f->gfn - f->slot->base_gfn]))
		return RET_PF_WRITE_PROTECTED;
	r = fault_fast(vcpu, f);
	if (r != RET_PF_INVALID)
		return r;
	if (vcpu_topup(vcpu))
		return RET_PF_RETRY;
	r = fault_lookup(vcpu, f);
	if (r != RET_PF_CONTINUE)
		return r;
	return fault_map(vcpu, f);
}

static u64 mmio_generation(u64 spte)
{
	return ((spte & GENMASK_ULL(10, 3)) >> 3) |
	       ((spte & GENMASK_ULL(62, 52)) >> 44);
}

/* An entry the CPU calls reserved: a current MMIO entry means "emulate". */
static int mmio_fault(struct kvm_vcpu *vcpu, const struct hw_fault *f)
{
	u64 gen = READ_ONCE(kvm_vcpu_memslots(vcpu)->generation);
	u64 sptes[PT64_ROOT_MAX_LEVEL + 1], spte;
	int leaf, root_level;

	kvm_tdp_mmu_walk_lockless_begin();
	leaf = kvm_tdp_mmu_get_walk(vcpu, f->gfn << PAGE_SHIFT, sptes,
				    &root_level);
	kvm_tdp_mmu_walk_lockless_end();
	WARN(leaf < 1 || root_level != PT64_ROOT_4LEVEL, "get_walk: %d of %d",
	     leaf, root_level);
	spte = sptes[leaf];
	if ((spte & shadow_mmio_mask) != vcpu->kvm->arch.shadow_mmio_value)
		return RET_PF_RETRY;
	if ((gen & KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS) ||
	    mmio_generation(spte) != (gen & 0x7ffff))
		return RET_PF_INVALID;
	WARN(READ_ONCE(kvm_vcpu_memslots(vcpu)->generation) == gen &&
	     kvm_vcpu_gfn_to_memslot(vcpu, f->gfn), "current MMIO entry over a memslot");
	return RET_PF_EMULATE;
}

/* Non-zero: give this instruction up, else run it again. */
int fault_handle(struct kvm_vcpu *vcpu, const struct hw_fault *hf,
		 bool prefetch)
{
	int idx = srcu_read_lock(&vcpu->kvm->srcu), r = RET_PF_INVALID;
	struct kvm_page_fault f = {
		.addr = hf->gfn << PAGE_SHIFT,
		.error_code = hf->error_code,
		.prefetch = prefetch,
		.exec = hf->error_code & PFERR_FETCH_MASK,
		.write = hf->error_code & PFERR_WRITE_MASK,
		.present = hf->error_code & PFERR_PRESENT_MASK,
		.rsvd = hf->error_code & PFERR_RSVD_MASK,
		.user = hf->error_code & PFERR_USER_MASK,
		.is_tdp = true,
		.nx_huge_page_workaround_enabled =
			is_nx_huge_page_enabled(vcpu->kvm),
		.max_level = KVM_MAX_HUGEPAGE_LEVEL,
		.req_level = PG_LEVEL_4K,
		.goal_level = PG_LEVEL_4K,
		.pfn = KVM_PFN_ERR_FAULT,
		.hva = KVM_HVA_ERR_BAD,
		.gfn = hf->gfn,
		.slot = kvm_vcpu_gfn_to_memslot(vcpu, hf->gfn),
	};

	vcpu->stat.pf_taken++;
	if (f.rsvd)
		r = mmio_fault(vcpu, hf);
	if (r == RET_PF_INVALID) {
		if (!prefetch)
			oracle_touch(vm_of(vcpu->kvm),
				     vcpu->arch.mmu->root_role.smm, hf->gfn,
				     true);
		r = page_fault(vcpu, &f);
	}
	srcu_read_unlock(&vcpu->kvm->srcu, idx);
	oracle_note("vcpu%d fault %llx error %llx ends %d", vcpu->vcpu_idx,
		    hf->gfn, hf->error_code, r);
	locks_assert_none("after a fault");
	WARN(r < 0 || r > RET_PF_SPURIOUS || r == RET_PF_CONTINUE ||
	     r == RET_PF_INVALID, "a fault ended with %d", r);
	return r == RET_PF_EMULATE || r == RET_PF_WRITE_PROTECTED;
}

/* Fault-around of our engine: what GUP-fast would find. */
int gfn_to_page_many_atomic(struct kvm_memory_slot *slot, gfn_t gfn,
			    struct page **pages, int nr_pages)
{
	unsigned long idx = (slot->userspace_addr >> PAGE_SHIFT) +
			    (unsigned long)(gfn - slot->base_gfn);
	bool writable;
	kvm_pfn_t pfn;
	int i;

	if (gfn < slot->base_gfn)
		return -1;
	for (i = 0; i < nr_pages && gfn + (gfn_t)i < slot->base_gfn +
	     slot->npages; i++) {
		if (!host_fast(slot->state->vm, idx + (unsigned long)i, true,
			       &writable, &pfn))
			break;
		pages[i] = pfn_to_page(pfn);
	}
	return i;
}

#ifndef MMU_STOCK
#include "direct/hostpt.h"

unsigned int mmub_hostpt_read(struct kvm *kvm, unsigned long hva,
			      unsigned int nr, struct mmub_host_page *out)
{
	struct vm *vm = vm_of(kvm);
	unsigned long idx = hva >> PAGE_SHIFT;
	unsigned int i;
	u64 pte;

	for (i = 0; i < nr && idx + i < HOST_PAGES; i++) {
		pte = READ_ONCE(vm->host.pte[idx + i]);
		out[i].pfn = pte >> PAGE_SHIFT;
		out[i].present = pte & HPTE_PRESENT;
		/* The host's own entry is dirty: its page is known to be. */
		out[i].writable = (pte & HPTE_WRITABLE) &&
				  (pte & HPTE_PRESENT) &&
				  host_page_dirty(pfn_to_page(out[i].pfn));
	}
	return i;
}
#endif
