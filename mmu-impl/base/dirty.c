// SPDX-License-Identifier: GPL-2.0-only
/*
 * How is a guest write remembered?
 *
 * Either by the fault it takes (W mode: dirty ring, PML's write-protected
 * corners, CPUs without Dirty bits) or by the Dirty bit the CPU sets (D mode).
 * This file answers which mode a VM is in, and carries Dirty bits over to the
 * bitmap when an SPTE dies before anybody harvested it.
 *
 * It does not see writes of the host itself; those mark the log directly.
 */
#include "internal.h"
#include "base/dirty.h"
#include "base/options.h"
#include "base/stats.h"
#include "defect.h"

/*
 * PML needs no help. A dirty ring needs a running vCPU at the moment of the
 * write, so it keeps the fault; so does memory that is only shadowed.
 */
bool mmub_dirty_by_dbit(struct kvm *kvm)
{
	return mmub_dirty_bits && shadow_dirty_mask && tdp_mmu_enabled &&
	       !kvm_x86_ops.cpu_dirty_log_size && !kvm->dirty_ring_size;
}

/* The slot that logs @gfn into a bitmap, if there is one. */
static struct kvm_memory_slot *log_slot(struct kvm *kvm, int as_id, gfn_t gfn)
{
	struct kvm_memory_slot *slot;

	/* A VM without users has nobody left to read a log. */
	if (!refcount_read(&kvm->users_count))
		return NULL;
	/* Not their number: it is raised only after a logged slot is in use. */
	slot = __gfn_to_memslot(__kvm_memslots(kvm, as_id), gfn);
	if (!slot || !kvm_slot_dirty_track_enabled(slot) || !slot->dirty_bitmap)
		return NULL;
	return slot;
}

/*
 * Not mark_page_dirty_in_slot(): that is for writes of a running vCPU, and
 * this may be a notifier. A leaf never reaches beyond its slot.
 */
void mmub_dirty_lost(struct kvm *kvm, const struct spte_at *at, u64 old)
{
	struct kvm_memory_slot *slot;
	gfn_t gfn, end;

	if (!mmub_dirty_by_dbit(kvm) || !spte_logs_by_d(old) ||
	    DEFECT(DEFECT_ZAP_LOSES_LOG))
		return;

	slot = log_slot(kvm, at->as_id, at->gfn);
	if (!slot)
		return;

	end = min(at->gfn + spte_level_pages(at->level),
		  slot->base_gfn + slot->npages);
	for (gfn = at->gfn; gfn < end; gfn++) {
		set_bit_le(gfn - slot->base_gfn, slot->dirty_bitmap);
		mmub_count(log_by_zap);
	}
}

void mmub_dirty_made_writable(struct kvm_vcpu *vcpu,
			      const struct kvm_memory_slot *slot, gfn_t gfn)
{
	if (kvm_slot_dirty_track_enabled(slot))
		mark_page_dirty_in_slot(vcpu->kvm, slot, gfn);
}
