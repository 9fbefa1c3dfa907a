// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machines: what they are made of, and that nothing is left of them.
 *
 * Also the facts about the platform that an engine asks for.
 */
#include "kvm/agents.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "sim/witness.h"

struct kvm_x86_ops kvm_x86_ops;
struct kvm_host_values kvm_host;
bool tdp_enabled = true, tdp_mmu_enabled = true, eager_page_split = true;
int nx_huge_pages;
struct shim_cpuinfo boot_cpu_data = { 46, 44, 0x80000008, false };
struct vm *the_vm;

static struct kmem_cache header_cache = { .name = "mmu_page_header" };
struct kmem_cache *mmu_page_header_cache = &header_cache;

/* Platform */
int kvm_cpu_dirty_log_size(void)
{
	return kvm_x86_ops.cpu_dirty_log_size;
}

bool boot_cpu_has_bug(int bug)
{
	return bug == X86_BUG_L1TF && boot_cpu_data.l1tf;
}

u32 cpuid_eax(u32 leaf)
{
	(void)leaf;
	return 46;
}

u8 shim_x86_get_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio)
{
	(void)vcpu;
	(void)gfn;
	return (u8)((is_mmio ? 0 : 6) << VMX_EPT_MT_EPTE_SHIFT) |
	       (u8)VMX_EPT_IPAT_BIT;
}

void kvm_account_pgtable_pages(void *virt, int nr)
{
	WARN(!mem_table_alive(mem_pa(virt) >> PAGE_SHIFT),
	     "accounting of a freed table");
	__atomic_add_fetch(&the_vm->pgtable_pages, nr, __ATOMIC_RELAXED);
}

struct host_mm *host_of(struct vm *vm)
{
	return &vm->host;
}

void vm_set_mode(enum hw_mode mode)
{
	mem_init();
	header_cache.size = sizeof(struct kvm_mmu_page);
	kvm_mmu_spte_module_init();
	kvm_mmu_reset_all_pte_masks();
	if (mode != HW_NPT)
		kvm_mmu_set_ept_masks(mode == HW_EPT_AD, true);
	hw_mode = mode;
}

/* Address bits beyond this machine, and combinations EPT cannot have. */
static void set_zero_check(struct rsvd_bits_validate *check)
{
	u64 high = GENMASK_ULL(51, 46), i;
	int level;

	for (level = 0; level < PT64_ROOT_MAX_LEVEL; level++) {
		check->rsvd_bits_mask[0][level] = high;
		check->rsvd_bits_mask[1][level] = high;
	}
	for (i = 0; hw_mode != HW_NPT && i < 64; i++)
		if ((i & 3) == 2)
			check->bad_mt_xwr |= BIT_ULL(i);
}

static void setup_vcpu(struct vm *vm, int i)
{
	struct kvm_vcpu *v = &vm->vcpu[i];
	struct kvm_mmu_memory_cache *mc;

	v->kvm = &vm->kvm;
	v->vcpu_idx = i;
	v->hw = &vm->cpu[i];
	v->hw->pml = vm->cfg.pml;
	v->arch.mmu = &v->arch.root_mmu;
	v->arch.mmu->root.hpa = INVALID_PAGE;
	v->arch.mmu->root_role = vcpu_role(vm, false, false);
	set_zero_check(&v->arch.mmu->shadow_zero_check);
	mc = &v->arch.mmu_shadow_page_cache;
	mc->init_value = BIT_ULL(63);
	mc = &v->arch.mmu_page_header_cache;
	mc->kmem_cache = mmu_page_header_cache;
	mc->gfp_zero = __GFP_ZERO;
	vm->kvm.vcpus[i] = v;
	vm->kvm.created_vcpus++;
}

#ifdef MMU_STOCK
static void set_features(const struct vm_config *cfg)
{
	(void)cfg;
}
#else
static void set_features(const struct vm_config *cfg)
{
	mmub_dirty_bits = cfg->dbit;
	mmub_fault_around = cfg->no_around ? 0 : 16;
	mmub_recover_in_place = !cfg->no_recover;
	mmub_restore_write = !cfg->no_restore;
	mmub_recover_batch = cfg->recover_batch ? cfg->recover_batch : 128;
}
#endif

void vm_setup(struct vm *vm, const struct vm_config *cfg, int nr_vcpus)
{
	struct kvm *kvm = &vm->kvm;
	int i;

	memset(vm, 0, sizeof(*vm));
	oracle_begin();
	the_vm = vm;
	vm->cfg = *cfg;
	vm->nr_vcpus = nr_vcpus;
	kvm->vm = vm;
	mem_fail_one_in = 0;
	kvm_x86_ops.cpu_dirty_log_size = cfg->pml ? HW_PML_ENTRIES : 0;
	nx_huge_pages = cfg->nx;
	eager_page_split = cfg->eager_split;
	set_features(cfg);
	tdp_mmu_enabled = !cfg->no_tdp;
	rwlock_init_rank(&kvm->mmu_lock, RANK_MMU);
	mutex_init_rank(&kvm->slots_lock, RANK_SLOTS);
	refcount_set(&kvm->users_count, 1);
	kvm->arch.shadow_mmio_value = shadow_mmio_value;
	kvm->manual_dirty_log_protect = cfg->manual_protect |
					(cfg->init_set ? 2 : 0);
	INIT_LIST_HEAD(&kvm->arch.possible_nx_huge_pages);
	if (tdp_mmu_enabled)
		kvm_mmu_init_tdp_mmu(kvm);
	for (i = 0; i < KVM_MAX_NR_ADDRESS_SPACES; i++)
		kvm->memslots[i] = kzalloc(sizeof(struct kvm_memslots),
					   GFP_KERNEL);
	host_init(vm);
	for (i = 0; i < nr_vcpus; i++)
		setup_vcpu(vm, i);
	mem_fail_one_in = cfg->fail_one_in;
}

void vm_destroy(struct vm *vm)
{
	struct kvm *kvm = &vm->kvm;
	int i, id;

	mem_fail_one_in = 0;
	agent_flush_shadow_all(vm);
	for (i = 0; i < KVM_MAX_NR_ADDRESS_SPACES; i++)
		for (id = 0; id < VM_SLOTS; id++)
			slot_delete(vm, i, id);
	for (i = 0; i < vm->nr_vcpus; i++) {
		vcpu_unload(&vm->vcpu[i]);
		kvm_mmu_free_memory_cache(
			&vm->vcpu[i].arch.mmu_shadow_page_cache);
		kvm_mmu_free_memory_cache(
			&vm->vcpu[i].arch.mmu_page_header_cache);
	}
	kvm->users_count.refs.counter = 0;
	if (tdp_mmu_enabled)
		kvm_mmu_uninit_tdp_mmu(kvm);
	for (i = 0; i < KVM_MAX_NR_ADDRESS_SPACES; i++)
		kfree(kvm->memslots[i]);
	host_exit(vm);
	WARN(vm->pgtable_pages, "%ld pages still accounted as page tables",
	     vm->pgtable_pages);
	for (i = 0; i < KVM_NR_PAGE_SIZES; i++)
		WARN(atomic64_read(&kvm->stat.pages[i]),
		     "page statistics, level %d: %lld left", i + 1,
		     (long long)atomic64_read(&kvm->stat.pages[i]));
	the_vm = NULL;
	oracle_gone();
}
