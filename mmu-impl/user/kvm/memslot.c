// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots: layout, lookup, and the order of steps that changes them.
 *
 * The layout covers the shapes that matter: two whole 2M regions with ragged
 * ends, two slots in one table whose host memory is not congruent (never huge),
 * one of them an alias of the first slot's memory, a read-only slot; the second
 * address space (SMM) has the same first two.
 */
#include "kvm/agents.h"
#include "kvm/shadow.h"
#include "kvm/vm.h"
#include "sim/witness.h"

static const struct slot_shape {
	gfn_t base_gfn;
	unsigned long npages;
	unsigned long host_first;
	bool readonly;
} shapes[VM_SLOTS] = {
	{ 504, 1048, 504, false },
	{ 4196, 40, 2055, false },
	{ 4250, 24, 600, false },
	{ 262149, 16, 2100, true },
};

struct kvm_memslots *__kvm_memslots(struct kvm *kvm, int as_id)
{
	WARN(!srcu_read_lock_held(&kvm->srcu) &&
	     !lock_held_by_me(&kvm->slots_lock) && task_count,
	     "memslots read outside SRCU and slots_lock");
	return __atomic_load_n(&kvm->memslots[as_id], __ATOMIC_ACQUIRE);
}

struct kvm_memslots *kvm_vcpu_memslots(struct kvm_vcpu *vcpu)
{
	return __kvm_memslots(vcpu->kvm, vcpu->arch.mmu->root_role.smm);
}

struct kvm_memory_slot *__gfn_to_memslot(struct kvm_memslots *s, gfn_t gfn)
{
	int i;

	for (i = 0; i < VM_SLOTS; i++)
		if (s->slot[i] && gfn >= s->slot[i]->base_gfn &&
		    gfn < s->slot[i]->base_gfn + s->slot[i]->npages)
			return s->slot[i];
	return NULL;
}

struct kvm_memory_slot *gfn_to_memslot(struct kvm *kvm, gfn_t gfn)
{
	return __gfn_to_memslot(__kvm_memslots(kvm, 0), gfn);
}

struct kvm_memory_slot *kvm_vcpu_gfn_to_memslot(struct kvm_vcpu *v, gfn_t gfn)
{
	return __gfn_to_memslot(kvm_vcpu_memslots(v), gfn);
}

void mark_page_dirty_in_slot(struct kvm *kvm, const struct kvm_memory_slot *s,
			     gfn_t gfn)
{
	(void)kvm;
	WARN(!kvm_get_running_vcpu(), "page marked dirty without a vCPU");
	if (s && kvm_slot_dirty_track_enabled(s) && s->dirty_bitmap)
		set_bit((long)(gfn - s->base_gfn), s->dirty_bitmap);
}

struct vm_slot_state *slot_state_of(struct vm *vm, int as_id, gfn_t gfn)
{
	int i;

	for (i = 0; i < VM_SLOTS; i++)
		if (gfn >= shapes[i].base_gfn &&
		    gfn < shapes[i].base_gfn + shapes[i].npages)
			return __atomic_load_n(&vm->st[as_id][i].vm,
					       __ATOMIC_ACQUIRE) ?
				       &vm->st[as_id][i] : NULL;
	return NULL;
}

/* Makes a new set current and waits until nobody uses the old one. */
static void publish(struct vm *vm, int as_id, int id,
		    struct kvm_memory_slot *slot)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_memslots *old = kvm->memslots[as_id], *new;

	lockdep_assert_held(&kvm->slots_lock);
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	while (!new)
		new = kmalloc(sizeof(*new), GFP_KERNEL);
	*new = *old;
	new->slot[id] = slot;
	/* Until nobody uses the old set, no MMIO entry may count as current. */
	new->generation |= KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS;
	/* Begin and end of an invalidation must see the same slots. */
	for (;;) {
		spin_lock(&vm->host.mn_lock);
		if (!vm->host.invalidating)
			break;
		spin_unlock(&vm->host.mn_lock);
		task_relax("running invalidations");
	}
	__atomic_store_n(&kvm->memslots[as_id], new, __ATOMIC_RELEASE);
	spin_unlock(&vm->host.mn_lock);
	synchronize_srcu(&kvm->srcu);
	WRITE_ONCE(new->generation, old->generation + 1);
	kfree(old);
}

static struct kvm_memory_slot *slot_copy(const struct kvm_memory_slot *s,
					 u32 flags)
{
	struct kvm_memory_slot *n;

	do {
		n = kmalloc(sizeof(*n), GFP_KERNEL);
	} while (!n);
	*n = *s;
	n->flags = flags;
	return n;
}

/* A bitmap and the second one behind it, for reports. */
static unsigned long *bitmap_new(struct vm *vm, struct kvm_memory_slot *slot)
{
	unsigned long n = kvm_dirty_bitmap_bytes(slot), *bitmap, i;

	do {
		bitmap = kzalloc(2 * n, GFP_KERNEL);
	} while (!bitmap);
	for (i = 0; vm->cfg.init_set && i < slot->npages; i++)
		bitmap[i / BITS_PER_LONG] |= BIT(i % BITS_PER_LONG);
	return bitmap;
}

/* The number of logged slots is raised once the slot is in use. */
static void publish_logged(struct vm *vm, int as_id, int id,
			   struct kvm_memory_slot *slot)
{
	slot->dirty_bitmap = bitmap_new(vm, slot);
	publish(vm, as_id, id, slot);
	atomic_add(1, &vm->kvm.nr_memslots_dirty_logging);
}

static void create(struct vm *vm, int as_id, int id, bool logged)
{
	struct vm_slot_state *st = &vm->st[as_id][id];
	const struct slot_shape *sh = &shapes[id];
	struct kvm_memory_slot proto = {
		.base_gfn = sh->base_gfn, .npages = sh->npages,
		.userspace_addr = sh->host_first << PAGE_SHIFT,
		.id = (short)id, .as_id = (u16)as_id, .state = st,
	};

	mutex_lock(&vm->kvm.slots_lock);
	if (!vm->kvm.memslots[as_id]->slot[id]) {
		if (!st->vm) {
			st->as_id = as_id;
			st->id = id;
			st->base_gfn = sh->base_gfn;
			st->npages = sh->npages;
			st->host_first = sh->host_first;
			st->readonly = sh->readonly;
			__atomic_store_n(&st->vm, vm, __ATOMIC_RELEASE);
		}
		if (logged)
			oracle_log_on(st);
		__atomic_store_n(&st->live, true, __ATOMIC_RELEASE);
		if (logged)
			publish_logged(vm, as_id, id, slot_copy(&proto,
						KVM_MEM_LOG_DIRTY_PAGES));
		else
			publish(vm, as_id, id, slot_copy(&proto,
				sh->readonly ? KVM_MEM_READONLY : 0));
		/*
		 * The stock codec takes the stale MMIO entry of an address
		 * for a writable leaf and forgets about write tracking.
		 */
		if (FACE_STOCK)
			vm_zap_all_fast(vm);
	}
	mutex_unlock(&vm->kvm.slots_lock);
}

void slot_create(struct vm *vm, int as_id, int id)
{
	create(vm, as_id, id, false);
}

void slot_create_logged(struct vm *vm, int as_id, int id)
{
	create(vm, as_id, id, !shapes[id].readonly);
}

void slot_unmap(struct vm *vm, struct kvm_memory_slot *slot)
{
	struct kvm *kvm = &vm->kvm;
	struct kvm_gfn_range range = {
		.slot = slot, .start = slot->base_gfn,
		.end = slot->base_gfn + slot->npages, .may_block = true,
	};

	write_lock(&kvm->mmu_lock);
	if (kvm_tdp_mmu_unmap_gfn_range(kvm, &range, false))
		kvm_flush_remote_tlbs(kvm);
	write_unlock(&kvm->mmu_lock);
}

/* Zaps what maps the slot, in all roots, and flushes. */
static void flush_shadow_memslot(struct vm *vm, struct kvm_memory_slot *slot)
{
	shadow_arm_slot(vm, slot);
	if (vm->cfg.precise_zap)
		slot_unmap(vm, slot);
	else
		vm_zap_all_fast(vm);
}

void slot_delete(struct vm *vm, int as_id, int id)
{
	struct vm_slot_state *st = &vm->st[as_id][id];
	struct kvm *kvm = &vm->kvm;
	struct kvm_memory_slot *old, *dead;
	int i;

	mutex_lock(&kvm->slots_lock);
	old = kvm->memslots[as_id]->slot[id];
	if (old) {
		dead = slot_copy(old, old->flags | KVM_MEMSLOT_INVALID);
		publish(vm, as_id, id, dead);
		flush_shadow_memslot(vm, dead);
		__atomic_store_n(&st->live, false, __ATOMIC_RELEASE);
		oracle_log_off(st);
		for (i = 0; i < VM_SLOT_PAGES_MAX; i++)
			WRITE_ONCE(st->tracked[i], 0);
		memset(st->tracked_regions, 0, sizeof(st->tracked_regions));
		publish(vm, as_id, id, NULL);
		if (kvm_slot_dirty_track_enabled(old))
			atomic_dec(&vm->kvm.nr_memslots_dirty_logging);
		kfree(old->dirty_bitmap);
		kfree(old);
		kfree(dead);
	}
	mutex_unlock(&kvm->slots_lock);
}

static void log_turned_on(struct vm *vm, struct kvm_memory_slot *new)
{
	struct kvm *kvm = &vm->kvm;

	if (vm->cfg.init_set)
		return;
	shadow_arm_slot(vm, new);
	if (!tdp_mmu_enabled) {
		kvm_flush_remote_tlbs_memslot(kvm, new);
		return;
	}
	if (vm->cfg.eager_split) {
		read_lock(&kvm->mmu_lock);
		kvm_tdp_mmu_try_split_huge_pages(kvm, new, new->base_gfn,
						 new->base_gfn + new->npages,
						 PG_LEVEL_4K, true);
		read_unlock(&kvm->mmu_lock);
	}
	if (vm->cfg.pml) {
		read_lock(&kvm->mmu_lock);
		kvm_tdp_mmu_clear_dirty_slot(kvm, new);
		read_unlock(&kvm->mmu_lock);
	}
	read_lock(&kvm->mmu_lock);
	kvm_tdp_mmu_wrprot_slot(kvm, new, vm->cfg.pml ? PG_LEVEL_2M :
							PG_LEVEL_4K);
	read_unlock(&kvm->mmu_lock);
	kvm_flush_remote_tlbs_memslot(kvm, new);
}

static void log_turned_off(struct vm *vm, struct kvm_memory_slot *new)
{
	if (!tdp_mmu_enabled)
		return;
	read_lock(&vm->kvm.mmu_lock);
	kvm_tdp_mmu_zap_collapsible_sptes(&vm->kvm, new);
	read_unlock(&vm->kvm.mmu_lock);
}

/* False if there was nothing to change. */
bool slot_set_log(struct vm *vm, int as_id, int id, bool on)
{
	struct vm_slot_state *st = &vm->st[as_id][id];
	struct kvm_memory_slot *old, *new;
	bool changed = false;

	mutex_lock(&vm->kvm.slots_lock);
	old = vm->kvm.memslots[as_id]->slot[id];
	if (old && !(old->flags & KVM_MEM_READONLY) &&
	    kvm_slot_dirty_track_enabled(old) != on) {
		changed = true;
		new = slot_copy(old, old->flags ^ KVM_MEM_LOG_DIRTY_PAGES);
		if (on) {
			publish_logged(vm, as_id, id, new);
		} else {
			new->dirty_bitmap = NULL;
			oracle_log_off(st);
			publish(vm, as_id, id, new);
			atomic_dec(&vm->kvm.nr_memslots_dirty_logging);
		}
		if (on) {
			log_turned_on(vm, new);
			oracle_log_on(st);
		} else {
			oracle_merge_begin(st);
			log_turned_off(vm, new);
			oracle_merge_end(st);
			kfree(old->dirty_bitmap);
		}
		kfree(old);
	}
	mutex_unlock(&vm->kvm.slots_lock);
	return changed;
}
