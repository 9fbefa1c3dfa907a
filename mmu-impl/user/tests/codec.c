// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every value the codec builds, printed.
 *
 * Question: does our codec spell SPTEs as the stock files read them?
 * Method: run-tests runs this with both engines and compares the output: the
 * masks after each way of setting them up (NPT, EPT with and without A/D, with
 * and without execute-only, a memory-encryption bit, the L1TF guard), and, for
 * each, what the builders that stock code calls return for all combinations
 * of access and circumstances.
 * Cannot tell: leaves that replace a writable one, where our codec keeps a
 * Dirty bit that the stock one drops; and whether the CPU agrees.
 */
#include "kvm/vm.h"
#include "tests/tests.h"

#ifndef MMU_STOCK
#include "format/masks.h"
#endif

/* What spte.c exports to the stock half; both engines have these. */
void kvm_mmu_set_ept_masks(bool has_ad_bits, bool has_exec_only);
void kvm_mmu_set_me_spte_mask(u64 me_value, u64 me_mask);
extern u64 shadow_me_value, shadow_me_mask;
extern u64 shadow_nonpresent_or_rsvd_mask;
extern u64 shadow_nonpresent_or_rsvd_lower_gfn_mask;

#define ME_BIT BIT_ULL(45)

static const struct setup {
	const char *name;
	bool ept, ad, exec_only, me, l1tf;
} setups[] = {
	{ "npt", false, false, false, false, false },
	{ "npt me", false, false, false, true, false },
	{ "npt l1tf", false, false, false, false, true },
	{ "ept ad", true, true, true, false, false },
	{ "ept ad me", true, true, true, true, false },
	{ "ept ad l1tf", true, true, true, false, true },
	{ "ept ad no exec-only", true, true, false, false, false },
	{ "ept", true, false, true, false, false },
	{ "ept no exec-only", true, false, false, false, true },
};

struct codec {
	struct vm vm;
	struct kvm_mmu_page sp;
	struct kvm_memory_slot *slot;
	kvm_pfn_t pfn;
	bool ad;
};

static void print_masks(void)
{
	printf("masks %llx %llx %llx %llx %llx %llx %llx\n",
	       shadow_present_mask, shadow_user_mask, shadow_x_mask,
	       shadow_nx_mask, shadow_accessed_mask, shadow_dirty_mask,
	       shadow_acc_track_mask);
	printf("masks %llx %llx %llx %llx %llx %llx\n", shadow_memtype_mask,
	       shadow_host_writable_mask, shadow_mmu_writable_mask,
	       shadow_me_value, shadow_me_mask, shadow_nonpresent_or_rsvd_mask);
	printf("masks %llx %llx %llx %llx %d\n",
	       shadow_nonpresent_or_rsvd_lower_gfn_mask, shadow_mmio_value,
	       shadow_mmio_mask, shadow_mmio_access_mask, enable_mmio_caching);
}

static void set_up(struct codec *c, const struct setup *s)
{
	boot_cpu_data.l1tf = s->l1tf;
	kvm_mmu_reset_all_pte_masks();
	if (s->me)
		kvm_mmu_set_me_spte_mask(ME_BIT, ME_BIT);
	if (s->ept)
		kvm_mmu_set_ept_masks(s->ad, s->exec_only);
	if (s->me && s->ept)
		kvm_mmu_set_me_spte_mask(0, ME_BIT);
	c->ad = !s->ept || s->ad;
	c->vm.kvm.arch.shadow_mmio_value = shadow_mmio_value;
	printf("setup %s\n", s->name);
	print_masks();
}

/* Bit by bit: access (3), prefetch, host-writable, tracked gfn, NX guard. */
static void print_leaf(struct codec *c, int level, unsigned int how)
{
	struct vm_slot_state *st = c->slot->state;
	gfn_t gfn = c->slot->base_gfn + 8;
	u64 spte = 0;
	bool kept;

	c->sp.role.level = (unsigned int)level;
	c->sp.role.ad_disabled = !c->ad;
	st->tracked[8] = how >> 5 & 1;
	nx_huge_pages = how >> 6 & 1;
	kept = make_spte(&c->vm.vcpu[0], &c->sp, c->slot, how & 7, gfn, c->pfn,
			 BIT_ULL(63), how & 8, false, how & 16, &spte);
	printf("leaf level %d how %x: %llx, %d\n", level, how, spte, kept);
	if (level == PG_LEVEL_2M)
		printf("split %llx\n",
		       make_huge_page_split_spte(&c->vm.kvm, spte,
				(union kvm_mmu_page_role){ .level = 1,
							   .access = 7 }, 5));
	if (!c->ad)
		printf("tracked %llx\n", mark_spte_for_access_track(spte));
}

static void print_rest(struct codec *c)
{
	struct kvm_memslots *slots = c->vm.kvm.memslots[0];
	gfn_t gfn;
	u64 gen;

	printf("table %llx %llx\n", make_nonleaf_spte((u64 *)mem_arena, false),
	       make_nonleaf_spte((u64 *)mem_arena, true));
	for (gen = 0; gen < 20; gen++) {
		slots->generation = BIT_ULL(gen) | 1;
		for (gfn = 3; gfn < BIT_ULL(34); gfn = gfn << 5 | 1)
			printf("mmio %llx\n", make_mmio_spte(&c->vm.vcpu[0],
							     gfn, 7));
	}
}

int test_codec(const struct test_args *a)
{
	static struct codec c;
	struct vm_config cfg = { .mode = HW_NPT };
	unsigned int how;
	size_t i;

	(void)a;
	vm_set_mode(HW_NPT);
	vm_setup(&c.vm, &cfg, 1);
	slot_create(&c.vm, 0, 1);
	c.slot = c.vm.kvm.memslots[0]->slot[1];
	c.pfn = MEM_GUEST_PFN & ~511UL;
	write_lock(&c.vm.kvm.mmu_lock);
	task_current->vcpu = &c.vm.vcpu[0];
	memset(&c.vm.vcpu[0].arch.mmu->shadow_zero_check, 0,
	       sizeof(struct rsvd_bits_validate));
	for (i = 0; i < ARRAY_SIZE(setups); i++) {
		set_up(&c, &setups[i]);
		for (how = 0; how < 128; how++) {
			if (!(how & 7))
				continue; /* maps nothing: never asked for */
			print_leaf(&c, PG_LEVEL_4K, how);
			print_leaf(&c, PG_LEVEL_2M, how);
		}
		print_rest(&c);
	}
	task_current->vcpu = NULL;
	write_unlock(&c.vm.kvm.mmu_lock);
	return 0;
}
