// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log calls, as user space makes them.
 *
 * Question: is every write in a harvest, whichever way the engine learns of
 * writes?
 * Method: our engine runs with its real front end (host/kernel); beside
 * the stock engine the two calls are done as the generic code does them, 64
 * pages per step under mmu_lock held for write.  oracle.c compares the
 * copy that user space would have with the content.
 * Cannot tell: the dirty ring.
 */
#include "kvm/dirtylog.h"
#include "kvm/shadow.h"
#include "kvm/vm.h"
#include "log/report.h"
#include "shim/logcalls.h"
#include "sim/witness.h"

int kvm_arch_sync_dirty_log(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	(void)slot;
	/* Every vCPU leaves the guest once and empties its log buffer. */
	if (kvm_x86_ops.cpu_dirty_log_size)
		kvm_make_all_cpus_request(kvm, KVM_REQ_MMU_SYNC);
	return 0;
}

bool kvm_memslots_have_rmaps(struct kvm *kvm)
{
	return !tdp_mmu_enabled || vm_of(kvm)->cfg.rmaps;
}

bool kvm_dirty_log_manual_protect_and_init_set(struct kvm *kvm)
{
	return vm_of(kvm)->cfg.init_set;
}

static bool write_protect_one(struct kvm *kvm, struct kvm_memory_slot *slot,
			      gfn_t gfn)
{
	return kvm_tdp_mmu_write_protect_gfn(kvm, slot, gfn, PG_LEVEL_2M);
}

void kvm_arch_mmu_enable_log_dirty_pt_masked(struct kvm *kvm,
					     struct kvm_memory_slot *slot,
					     gfn_t offset, unsigned long mask)
{
	gfn_t base = slot->base_gfn + offset;
	gfn_t first = base + __ffs(mask), last = base + __fls(mask);

	lockdep_assert_held_write(&kvm->mmu_lock);
	shadow_arm(slot, offset, mask);
	if (!tdp_mmu_enabled)
		return;
	if (vm_of(kvm)->cfg.init_set) {
		if (READ_ONCE(eager_page_split))
			kvm_tdp_mmu_try_split_huge_pages(kvm, slot, first,
							 last + 1, PG_LEVEL_4K,
							 false);
		write_protect_one(kvm, slot, first);
		if ((first ^ last) >> 9)
			write_protect_one(kvm, slot, last);
	}
	kvm_tdp_mmu_clear_dirty_pt_masked(kvm, slot, base, mask,
					  !kvm_x86_ops.cpu_dirty_log_size);
}

struct kvm_memory_slot *id_to_memslot(struct kvm_memslots *slots, int id)
{
	return slots->slot[id];
}

/* Bitmaps only, while others may set bits in them. */
unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	const unsigned long *f = from;
	unsigned long *t = to, i;

	for (i = 0; i < n / sizeof(long); i++)
		t[i] = READ_ONCE(f[i]);
	return 0;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}

#ifdef MMU_STOCK
static unsigned long rearm_word(struct kvm *kvm, struct kvm_memory_slot *slot,
				unsigned long word, unsigned long want)
{
	unsigned long bits;

	bits = __atomic_fetch_and(&slot->dirty_bitmap[word], ~want,
				  __ATOMIC_SEQ_CST) & want;
	if (bits)
		kvm_arch_mmu_enable_log_dirty_pt_masked(kvm, slot, word * 64,
							bits);
	return bits;
}

int mmub_report_get(struct kvm *kvm, struct kvm_dirty_log *log)
{
	struct kvm_memory_slot *slot;
	unsigned long i, words, any = 0, *out = log->dirty_bitmap;

	slot = kvm->memslots[log->slot >> 16]->slot[log->slot & 0xffff];
	if (!slot || !slot->dirty_bitmap)
		return -ENOENT;
	kvm_arch_sync_dirty_log(kvm, slot);
	words = kvm_dirty_bitmap_bytes(slot) / sizeof(long);
	if (kvm->manual_dirty_log_protect) {
		for (i = 0; i < words; i++)
			out[i] = READ_ONCE(slot->dirty_bitmap[i]);
		return 0;
	}
	write_lock(&kvm->mmu_lock);
	for (i = 0; i < words; i++)
		any |= out[i] = rearm_word(kvm, slot, i, ~0UL);
	write_unlock(&kvm->mmu_lock);
	if (any)
		kvm_flush_remote_tlbs_memslot(kvm, slot);
	return 0;
}

int mmub_report_clear(struct kvm *kvm, struct kvm_clear_dirty_log *log)
{
	struct kvm_memory_slot *slot;
	unsigned long i, any = 0, *want = log->dirty_bitmap;

	slot = kvm->memslots[log->slot >> 16]->slot[log->slot & 0xffff];
	if (!slot || !slot->dirty_bitmap)
		return -ENOENT;
	kvm_arch_sync_dirty_log(kvm, slot);
	write_lock(&kvm->mmu_lock);
	for (i = 0; i < DIV_ROUND_UP(log->num_pages, 64); i++)
		any |= rearm_word(kvm, slot, log->first_page / 64 + i, want[i]);
	write_unlock(&kvm->mmu_lock);
	if (any)
		kvm_flush_remote_tlbs_memslot(kvm, slot);
	return 0;
}
#endif

/* GET; without manual protection the pages are armed again at once. */
bool log_get(struct vm *vm, int as_id, int id)
{
	struct vm_slot_state *st = &vm->st[as_id][id];
	unsigned long bitmap[BITS_TO_LONGS(VM_SLOT_PAGES_MAX)];
	struct kvm_dirty_log log = {
		.slot = (u32)as_id << 16 | (u32)id, .dirty_bitmap = bitmap,
	};
	int r;

	mutex_lock(&vm->kvm.slots_lock);
	oracle_log_before_get(st);
	r = mmub_report_get(&vm->kvm, &log);
	if (!r)
		oracle_log_got(st, bitmap, !vm->cfg.manual_protect);
	mutex_unlock(&vm->kvm.slots_lock);
	WARN(r && r != -ENOENT, "GET_DIRTY_LOG: %d", r);
	return !r;
}

/* GET and CLEAR of a part; @first is a multiple of 64. */
bool log_clear(struct vm *vm, int as_id, int id, unsigned long first,
	       unsigned long nr)
{
	struct vm_slot_state *st = &vm->st[as_id][id];
	unsigned long bitmap[BITS_TO_LONGS(VM_SLOT_PAGES_MAX)] = { 0 };
	struct kvm_dirty_log get = {
		.slot = (u32)as_id << 16 | (u32)id, .dirty_bitmap = bitmap,
	};
	struct kvm_clear_dirty_log clear = {
		.slot = get.slot, .first_page = first,
		.dirty_bitmap = bitmap + first / 64,
	};
	unsigned long i;
	int r;

	mutex_lock(&vm->kvm.slots_lock);
	oracle_log_before_get(st);
	r = mmub_report_get(&vm->kvm, &get);
	if (!r) {
		oracle_log_got(st, bitmap, false);
		clear.num_pages = (u32)min(nr, st->npages - first);
		r = mmub_report_clear(&vm->kvm, &clear);
		WARN(r, "CLEAR_DIRTY_LOG: %d", r);
		for (i = 0; i < clear.num_pages; i += 64)
			oracle_log_cleared(st, first + i,
					   bitmap[(first + i) / 64]);
	}
	mutex_unlock(&vm->kvm.slots_lock);
	return !r;
}
