// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs: how they enter and leave the guest, serve requests, load roots.
 *
 * Question: is a flush over only when no CPU can use what it had cached?
 * Method: a request is a bit; a vCPU in guest mode looks at its requests
 * between two instructions; who asks for a flush waits until each vCPU that
 * was in guest mode has left it, and the bit is served before the next entry.
 * Cannot tell: interrupts, halted vCPUs, posted requests.
 */
#include "kvm/fault.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"

struct kvm_vcpu *kvm_get_running_vcpu(void)
{
	return task_current->vcpu;
}

bool kvm_make_all_cpus_request(struct kvm *kvm, unsigned int req)
{
	struct kvm_vcpu *v;
	bool waited = false;
	int i;

	kvm_for_each_vcpu(i, v, kvm) {
		__atomic_fetch_or(&v->requests, BIT(req), __ATOMIC_SEQ_CST);
		yield_point(v);
	}
	kvm_for_each_vcpu(i, v, kvm) {
		while (__atomic_load_n(&v->mode, __ATOMIC_SEQ_CST) ==
		       IN_GUEST_MODE &&
		       __atomic_load_n(&v->requests, __ATOMIC_SEQ_CST) &
		       BIT(req)) {
			waited = true;
			task_relax("a vCPU to leave the guest");
		}
	}
	return waited;
}

void kvm_flush_remote_tlbs(struct kvm *kvm)
{
	/* Between what was changed and the flush anything may happen. */
	yield_point(kvm);
	task_happened(EVENT_FLUSH);
	__atomic_add_fetch(&kvm->stat.generic.remote_tlb_flush_requests, 1,
			   __ATOMIC_RELAXED);
	smp_mb();
	if (kvm_make_all_cpus_request(kvm, KVM_REQ_TLB_FLUSH))
		__atomic_add_fetch(&kvm->stat.generic.remote_tlb_flush, 1,
				   __ATOMIC_RELAXED);
}

void kvm_flush_remote_tlbs_range(struct kvm *kvm, gfn_t gfn, u64 nr_pages)
{
	(void)gfn;
	WARN(!nr_pages, "flush of nothing");
	kvm_flush_remote_tlbs(kvm);
}

void kvm_flush_remote_tlbs_memslot(struct kvm *kvm,
				   const struct kvm_memory_slot *slot)
{
	const gfn_t first = slot->base_gfn;

	lockdep_assert_held(&kvm->slots_lock);
	kvm_flush_remote_tlbs_range(kvm, first, slot->npages);
}

static bool take_request(struct kvm_vcpu *vcpu, unsigned int req)
{
	if (!(__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & BIT(req)))
		return false;
	__atomic_fetch_and(&vcpu->requests, ~BIT(req), __ATOMIC_SEQ_CST);
	return true;
}

/* Caches of a vCPU */
void *kvm_mmu_memory_cache_alloc(struct kvm_mmu_memory_cache *mc)
{
	WARN(!mc->nobjs, "a vCPU's cache ran dry: nobody topped it up");
	return mc->objects[--mc->nobjs];
}

int kvm_mmu_memory_cache_nr_free_objects(struct kvm_mmu_memory_cache *mc)
{
	return mc->nobjs;
}

static void *cache_new_object(struct kvm_mmu_memory_cache *mc)
{
	u64 *page;
	int i;

	if (mc->kmem_cache)
		return kmem_cache_alloc(mc->kmem_cache,
					GFP_KERNEL_ACCOUNT | mc->gfp_zero);
	page = (u64 *)__get_free_page(GFP_KERNEL_ACCOUNT);
	for (i = 0; page && i < 512; i++)
		page[i] = mc->init_value;
	return page;
}

int kvm_mmu_topup_memory_cache(struct kvm_mmu_memory_cache *mc, int min)
{
	void *obj = mc;

	/* Two more than asked for are welcome. */
	while (obj && mc->nobjs < min + 2) {
		obj = cache_new_object(mc);
		if (obj)
			mc->objects[mc->nobjs++] = obj;
	}
	return mc->nobjs < min ? -ENOMEM : 0;
}

void kvm_mmu_free_memory_cache(struct kvm_mmu_memory_cache *mc)
{
	while (mc->nobjs) {
		void *obj = mc->objects[--mc->nobjs];

		if (mc->kmem_cache)
			kmem_cache_free(mc->kmem_cache, obj);
		else
			free_page((unsigned long)obj);
	}
}

int vcpu_topup(struct kvm_vcpu *vcpu)
{
	int r;

	r = kvm_mmu_topup_memory_cache(&vcpu->arch.mmu_shadow_page_cache,
				       PT64_ROOT_MAX_LEVEL);
	if (r)
		return r;
	return kvm_mmu_topup_memory_cache(&vcpu->arch.mmu_page_header_cache,
					  PT64_ROOT_MAX_LEVEL);
}

/* Roots */
union kvm_mmu_page_role vcpu_role(struct vm *vm, bool guest_mode, bool smm)
{
	union kvm_mmu_page_role role = { .word = 0 };

	role.level = PT64_ROOT_4LEVEL;
	role.direct = 1;
	role.access = 7;
	role.efer_nx = 1;
	role.cr0_wp = 1;
	role.ad_disabled = vm->cfg.mode == HW_EPT_NOAD;
	role.guest_mode = guest_mode;
	role.smm = smm;
	return role;
}

void vcpu_unload(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu *mmu = vcpu->arch.mmu;
	struct kvm *kvm = vcpu->kvm;

	if (!VALID_PAGE(mmu->root.hpa))
		return;
	read_lock(&kvm->mmu_lock);
	kvm_tdp_mmu_put_root(kvm, seam_root(mmu->root.hpa));
	read_unlock(&kvm->mmu_lock);
	mmu->root.hpa = INVALID_PAGE;
}

/*
 * KVM on EPT runs a nested guest that has no EPT of its own with A and D off:
 * whether they are kept is the outer guest's choice, and it made none. The
 * stock engine is spared; its aging does not see what such a guest uses.
 */
static bool root_keeps_ad(const struct kvm_mmu *mmu)
{
	return FACE_STOCK || hw_mode != HW_EPT_AD || !mmu->root_role.guest_mode;
}

static int vcpu_load(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu *mmu = vcpu->arch.mmu;
	int r = vcpu_topup(vcpu);

	if (r)
		return r;
	r = kvm_tdp_mmu_alloc_root(vcpu);
	if (r)
		return r;
	hw_load_root(vcpu->hw, mmu->root.hpa, mmu->root_role.level,
		     root_keeps_ad(mmu));
	hw_flush(vcpu->hw);
	return 0;
}

void vcpu_switch_root(struct kvm_vcpu *vcpu, bool guest_mode, bool smm)
{
	int idx = srcu_read_lock(&vcpu->kvm->srcu);

	vcpu_unload(vcpu);
	vcpu->arch.mmu->root_role = vcpu_role(vm_of(vcpu->kvm), guest_mode, smm);
	srcu_read_unlock(&vcpu->kvm->srcu, idx);
}

static void flush_pml(struct kvm_vcpu *vcpu)
{
	struct hw_cpu *cpu = vcpu->hw;
	struct kvm_memory_slot *slot;
	gfn_t gfn;

	while (cpu->pml_nr) {
		gfn = cpu->pml_buf[--cpu->pml_nr];
		slot = kvm_vcpu_gfn_to_memslot(vcpu, gfn);
		if (slot)
			mark_page_dirty_in_slot(vcpu->kvm, slot, gfn);
	}
}

static bool serve_requests(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu *mmu = vcpu->arch.mmu;

	if (take_request(vcpu, KVM_REQ_MMU_FREE_OBSOLETE_ROOTS) &&
	    VALID_PAGE(mmu->root.hpa) &&
	    seam_root_is_invalid(mmu->root.hpa))
		vcpu_unload(vcpu);
	if (!VALID_PAGE(mmu->root.hpa) && tdp_mmu_enabled && vcpu_load(vcpu))
		return false;
	if (take_request(vcpu, KVM_REQ_TLB_FLUSH))
		hw_flush(vcpu->hw);
	take_request(vcpu, KVM_REQ_MMU_SYNC);
	return true;
}

/* False: the host had no memory for a root; the caller tries again later. */
bool vcpu_enter(struct kvm_vcpu *vcpu)
{
	int idx = srcu_read_lock(&vcpu->kvm->srcu);
	bool in = serve_requests(vcpu);

	srcu_read_unlock(&vcpu->kvm->srcu, idx);
	if (!in)
		return false;
	__atomic_store_n(&vcpu->mode, IN_GUEST_MODE, __ATOMIC_SEQ_CST);
	yield_point(vcpu);
	if (!__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST))
		return true;
	__atomic_store_n(&vcpu->mode, OUTSIDE_GUEST_MODE, __ATOMIC_SEQ_CST);
	return false;
}

void vcpu_leave(struct kvm_vcpu *vcpu)
{
	int idx;

	/* The log buffer is emptied before anybody believes we have left. */
	idx = srcu_read_lock(&vcpu->kvm->srcu);
	flush_pml(vcpu);
	srcu_read_unlock(&vcpu->kvm->srcu, idx);
	__atomic_store_n(&vcpu->mode, OUTSIDE_GUEST_MODE, __ATOMIC_SEQ_CST);
	yield_point(vcpu);
}

void vcpu_run(struct kvm_vcpu *vcpu, const gfn_t *gfns,
	      const enum hw_kind *kinds, int n)
{
	struct hw_fault fault;
	int i = 0, tries = 0, r;

	__atomic_store_n(&task_current->vcpu, vcpu, __ATOMIC_RELEASE);
	while (i < n && tries < 16) {
		if (!vcpu_enter(vcpu)) {
			cond_resched();
			tries++;
			continue;
		}
		r = 0;
		while (!r && i < n &&
		       !__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST)) {
			r = hw_access(vcpu, gfns[i], kinds[i], &fault);
			if (!r) {
				i++;
				tries = 0;
			}
		}
		vcpu_leave(vcpu);
		if (r == 1 && kinds[i] == HW_PEEK) {
			i++; /* speculation never faults */
		} else if (r == 1) {
			tries++;
			if (fault_handle(vcpu, &fault, false))
				i++; /* emulated, or not possible */
		}
	}
	__atomic_store_n(&task_current->vcpu, NULL, __ATOMIC_RELEASE);
}

/* What a prefault of user space does: no guest access is behind it. */
void vcpu_prefault(struct kvm_vcpu *vcpu, gfn_t gfn, bool write)
{
	struct hw_fault f = {
		.gfn = gfn,
		.error_code = PFERR_USER_MASK | (write ? PFERR_WRITE_MASK : 0),
	};
	int idx = srcu_read_lock(&vcpu->kvm->srcu);
	bool ready;

	__atomic_store_n(&task_current->vcpu, vcpu, __ATOMIC_RELEASE);
	ready = serve_requests(vcpu);
	srcu_read_unlock(&vcpu->kvm->srcu, idx);
	if (ready)
		fault_handle(vcpu, &f, true);
	__atomic_store_n(&task_current->vcpu, NULL, __ATOMIC_RELEASE);
}
