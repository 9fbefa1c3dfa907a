// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: which pages of a slot did the guest write, and how is logging
 * armed for them again, without shutting vCPU faults out for the whole slot?
 *
 * Method: take the bits out of the slot's bitmap first, word by word and
 * atomically; then one streaming walk (mmub_arm_bitmap(), lockless) makes the
 * next write to those pages visible; then one TLB flush; then the copy to the
 * user.  In Dirty-bit mode a harvest moves the D bits of the SPTEs into the
 * bitmap before, and leaves them armed; the flush comes after the bits were
 * taken all the same, because a zap may have brought one of them and not have
 * flushed yet.  In a VM that has used shadow paging slots are armed in steps of 64
 * pages, with mmu_lock for write in each.
 *
 *	GET_DIRTY_LOG				vCPU
 *	take bit of page
 *						write (entry still writable)
 *	rearm SPTE
 *						write (stale TLB entry)
 *	flush remote TLBs
 *	return					write: logged again
 *
 * safe because the bit that was taken stands for every write until the return,
 * and the user copies the page after it.
 *
 * With manual clearing GET takes no bits: a harvested page keeps its bit until
 * CLEAR takes it, and CLEAR flushes.  What the harvest cleared is flushed by GET.
 *
 * What it cannot tell: which of several writes between two harvests came last.
 */
#include "internal.h"
#include "base/dirty.h"
#include "base/stats.h"
#include "defect.h"
#include "log/arm.h"
#include "log/harvest.h"
#include "log/report.h"

static struct kvm_memory_slot *logged_slot(struct kvm *kvm, u32 slot_id)
{
	int as_id = slot_id >> 16, id = (u16)slot_id;
	struct kvm_memory_slot *slot;

	if (!kvm_use_dirty_bitmap(kvm))
		return ERR_PTR(-ENXIO);
	if (as_id >= kvm_arch_nr_memslot_as_ids(kvm) ||
	    id >= KVM_USER_MEM_SLOTS)
		return ERR_PTR(-EINVAL);

	slot = id_to_memslot(__kvm_memslots(kvm, as_id), id);
	if (!slot || !slot->dirty_bitmap)
		return ERR_PTR(-ENOENT);
	return slot;
}

/*
 * In a slot that starts out all dirty, the first step in a 2M region takes
 * MMU-writable from a huge leaf that could not be split.  A later write
 * protection of a page in it finds nothing to take and flushes nothing, so the
 * flush may not wait for the other steps.
 */
static void flush_huge(struct kvm *kvm, struct kvm_memory_slot *slot,
		       gfn_t step, gfn_t *flushed)
{
	gfn_t region = gfn_round_for_level(slot->base_gfn + step +
					   BITS_PER_LONG - 1, PG_LEVEL_2M);

	if (!kvm_dirty_log_manual_protect_and_init_set(kvm) ||
	    region == *flushed || DEFECT(DEFECT_STEP_NO_FLUSH))
		return;
	kvm_flush_remote_tlbs_memslot(kvm, slot);
	*flushed = region;
}

/* Pages [first, first + nr_pages) of the slot, 64 per hold of mmu_lock. */
static void rearm_in_steps(struct kvm *kvm, struct kvm_memory_slot *slot,
			   const unsigned long *bits, gfn_t first,
			   unsigned long nr_pages)
{
	unsigned long i, words = DIV_ROUND_UP(nr_pages, BITS_PER_LONG);
	gfn_t flushed = INVALID_GPA;

	for (i = 0; i < words; i++) {
		if (!bits[i])
			continue;
		mmub_count(lock_write_log);
		write_lock(&kvm->mmu_lock);
		kvm_arch_mmu_enable_log_dirty_pt_masked(kvm, slot,
				first + i * BITS_PER_LONG, bits[i]);
		flush_huge(kvm, slot, first + i * BITS_PER_LONG, &flushed);
		write_unlock(&kvm->mmu_lock);
		cond_resched();
	}
}

/* How far from @bit on does each 2M region of the guest have a set bit? */
static gfn_t run_of_regions(const unsigned long *bits, gfn_t base,
			    unsigned long nr_pages, unsigned long bit)
{
	const gfn_t pages = KVM_PAGES_PER_HPAGE(PG_LEVEL_2M);
	gfn_t end = gfn_round_for_level(base + bit, PG_LEVEL_2M) + pages;

	while (end - base < nr_pages) {
		bit = find_next_bit_le(bits, nr_pages, end - base);
		if (bit >= nr_pages || base + bit >= end + pages)
			break;
		end += pages;
	}
	return min(end, base + nr_pages);
}

/*
 * A slot that starts out all dirty still has its huge pages when the first
 * CLEAR comes: split those that have a bit cleared, and no others.  What cannot
 * be split loses write access as a whole and is split by the next write.
 */
static void split_cleared(struct kvm *kvm, struct kvm_memory_slot *slot,
			  const unsigned long *bits, gfn_t first,
			  unsigned long nr_pages)
{
	const gfn_t base = slot->base_gfn + first;
	unsigned long bit = 0;
	gfn_t end;

	if (!kvm_dirty_log_manual_protect_and_init_set(kvm) ||
	    !READ_ONCE(eager_page_split))
		return;
	while (bit < nr_pages) {
		bit = find_next_bit_le(bits, nr_pages, bit);
		if (bit >= nr_pages)
			break;
		end = run_of_regions(bits, base, nr_pages, bit);
		mmub_count(lock_split);
		read_lock(&kvm->mmu_lock);
		kvm_tdp_mmu_try_split_huge_pages(kvm, slot, base + bit, end,
						 PG_LEVEL_4K, true);
		read_unlock(&kvm->mmu_lock);
		bit = end - base;
	}
}

/* Arm the set bits again. */
static void rearm(struct kvm *kvm, struct kvm_memory_slot *slot,
		  const unsigned long *bits, gfn_t first,
		  unsigned long nr_pages)
{
	if (kvm_memslots_have_rmaps(kvm)) {
		rearm_in_steps(kvm, slot, bits, first, nr_pages);
		return;
	}
	split_cleared(kvm, slot, bits, first, nr_pages);
	mmub_arm_bitmap(kvm, slot, bits, first, nr_pages);
}

/* Move the slot's bits to its second bitmap; returns whether one was set. */
static bool take_bits(struct kvm_memory_slot *slot, unsigned long *bits)
{
	unsigned long i, words = kvm_dirty_bitmap_bytes(slot) / sizeof(*bits);
	bool any = false;

	for (i = 0; i < words; i++) {
		bits[i] = 0;
		if (READ_ONCE(slot->dirty_bitmap[i]))
			bits[i] = xchg(&slot->dirty_bitmap[i], 0);
		any |= bits[i];
	}
	return any;
}

/* Returns whether a bit was taken; then TLBs have to be flushed. */
static bool take_and_arm(struct kvm *kvm, struct kvm_memory_slot *slot,
			 unsigned long *bits)
{
	bool arm;

	if (!take_bits(slot, bits))
		return false;
	/* A harvest has armed what it read Dirty bits of. */
	arm = kvm_memslots_have_rmaps(kvm) && !DEFECT(DEFECT_GET_SKIPS_SHADOW);
	if (!arm)
		arm = mmub_arm_needed(kvm);
	if (arm)
		rearm(kvm, slot, bits, 0, slot->npages);
	return true;
}

/* True if TLBs have to be flushed before the user sees the bitmap. */
static bool sync_log(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	if (!mmub_dirty_by_dbit(kvm)) {
		kvm_arch_sync_dirty_log(kvm, slot);
		return false;
	}
	if (!mmub_harvest_slot(kvm, slot))
		return false;
	mmub_count(flush_harvest);
	return true;
}

int mmub_report_get(struct kvm *kvm, struct kvm_dirty_log *log)
{
	struct kvm_memory_slot *slot = logged_slot(kvm, log->slot);
	unsigned long *bits;
	bool flush;

	if (IS_ERR(slot))
		return PTR_ERR(slot);

	flush = sync_log(kvm, slot);
	bits = slot->dirty_bitmap;
	if (!kvm->manual_dirty_log_protect) {
		bits = kvm_second_dirty_bitmap(slot);
		flush |= take_and_arm(kvm, slot, bits);
	}
	if (flush)
		kvm_flush_remote_tlbs_memslot(kvm, slot);
	return copy_to_user(log->dirty_bitmap, bits,
			    kvm_dirty_bitmap_bytes(slot)) ? -EFAULT : 0;
}

/* Whole words of pages that exist, or up to the last page. */
static bool clear_range_is_valid(const struct kvm_memory_slot *slot,
				 const struct kvm_clear_dirty_log *log)
{
	u64 left;

	if (log->first_page > slot->npages || log->first_page % BITS_PER_LONG)
		return false;
	left = slot->npages - log->first_page;
	return log->num_pages == left ||
	       (log->num_pages < left && log->num_pages % BITS_PER_LONG == 0);
}

int mmub_report_clear(struct kvm *kvm, struct kvm_clear_dirty_log *log)
{
	struct kvm_memory_slot *slot = logged_slot(kvm, log->slot);
	unsigned long i, words, *bits;
	atomic_long_t *dirty;
	bool any = false;

	/* A range that no slot could have is worse than a slot that is not there. */
	if (PTR_ERR(slot) == -ENOENT && log->first_page % BITS_PER_LONG)
		return -EINVAL;
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	if (!clear_range_is_valid(slot, log))
		return -EINVAL;

	words = DIV_ROUND_UP(log->num_pages, BITS_PER_LONG);
	bits = kvm_second_dirty_bitmap(slot);
	if (copy_from_user(bits, log->dirty_bitmap, words * sizeof(*bits)))
		return -EFAULT;
	if (!mmub_dirty_by_dbit(kvm))
		kvm_arch_sync_dirty_log(kvm, slot);

	dirty = (atomic_long_t *)slot->dirty_bitmap +
		log->first_page / BITS_PER_LONG;
	for (i = 0; i < words; i++) {
		if (bits[i])
			bits[i] &= atomic_long_fetch_andnot(bits[i], &dirty[i]);
		any |= bits[i];
	}
	if (!any)
		return 0;
	rearm(kvm, slot, bits, log->first_page, log->num_pages);
	kvm_flush_remote_tlbs_memslot(kvm, slot);
	return 0;
}
