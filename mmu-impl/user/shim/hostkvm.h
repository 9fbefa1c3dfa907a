/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine sees of KVM, for the user-space build: the structs with
 * the fields it may use, and the functions it may call.  The functions are
 * implemented by vm.c, memslot.c, host.c, fault.c and hw.c.
 */
#ifndef MMU_USER_HOSTKVM_H
#define MMU_USER_HOSTKVM_H

#include "shim/list.h"
#include "shim/lock.h"
#include "shim/mem.h"

typedef u64 gpa_t, gfn_t, hpa_t, kvm_pfn_t;
typedef unsigned long hva_t;

#define INVALID_GPA (~(gpa_t)0)
#define INVALID_PAGE (~(hpa_t)0)
#define VALID_PAGE(x) ((x) != INVALID_PAGE)
#define KVM_PFN_ERR_MASK (0x7ffULL << 52)
#define KVM_PFN_ERR_FAULT KVM_PFN_ERR_MASK
#define KVM_PFN_ERR_RO_FAULT (KVM_PFN_ERR_MASK + 2)
#define KVM_PFN_NOSLOT (1ULL << 63)
#define KVM_HVA_ERR_BAD (~0UL << 12)
#define is_error_noslot_pfn(pfn) \
	(!!((pfn) & (KVM_PFN_ERR_MASK | KVM_PFN_NOSLOT)))
#define is_noslot_pfn(pfn) ((pfn) == KVM_PFN_NOSLOT)
#define gfn_to_gpa(gfn) ((gpa_t)(gfn) << PAGE_SHIFT)
#define gpa_to_gfn(gpa) ((gfn_t)((gpa) >> PAGE_SHIFT))

enum pg_level {
	PG_LEVEL_NONE, PG_LEVEL_4K, PG_LEVEL_2M, PG_LEVEL_1G, PG_LEVEL_512G,
	PG_LEVEL_NUM,
};

#define PT64_ROOT_MAX_LEVEL 5
#define PT64_ROOT_4LEVEL 4
#define PT64_ROOT_5LEVEL 5
#define KVM_MAX_HUGEPAGE_LEVEL PG_LEVEL_1G
#define KVM_NR_PAGE_SIZES 3
#define KVM_HPAGE_GFN_SHIFT(l) (((l) - 1) * 9)
#define KVM_HPAGE_SHIFT(l) (PAGE_SHIFT + KVM_HPAGE_GFN_SHIFT(l))
#define KVM_HPAGE_SIZE(l) (1UL << KVM_HPAGE_SHIFT(l))
#define KVM_HPAGE_MASK(l) (~(KVM_HPAGE_SIZE(l) - 1))
#define KVM_PAGES_PER_HPAGE(l) (KVM_HPAGE_SIZE(l) / PAGE_SIZE)

#define PT_WRITABLE_SHIFT 1
#define PT_PRESENT_MASK BIT_ULL(0)
#define PT_WRITABLE_MASK BIT_ULL(PT_WRITABLE_SHIFT)
#define PT_USER_MASK BIT_ULL(2)
#define PT_ACCESSED_MASK BIT_ULL(5)
#define PT_DIRTY_MASK BIT_ULL(6)
#define PT_PAGE_SIZE_MASK BIT_ULL(7)
#define PT64_NX_MASK BIT_ULL(63)
#define VMX_EPT_READABLE_MASK BIT_ULL(0)
#define VMX_EPT_WRITABLE_MASK BIT_ULL(1)
#define VMX_EPT_EXECUTABLE_MASK BIT_ULL(2)
#define VMX_EPT_RWX_MASK 7ULL
#define VMX_EPT_MT_EPTE_SHIFT 3
#define VMX_EPT_MT_MASK (7ULL << VMX_EPT_MT_EPTE_SHIFT)
#define VMX_EPT_IPAT_BIT BIT_ULL(6)
#define VMX_EPT_ACCESS_BIT BIT_ULL(8)
#define VMX_EPT_DIRTY_BIT BIT_ULL(9)
#define VMX_EPT_SUPPRESS_VE_BIT BIT_ULL(63)
#define VMX_EPT_MISCONFIG_WX_VALUE 6ULL

#define PFERR_PRESENT_MASK BIT_ULL(0)
#define PFERR_WRITE_MASK BIT_ULL(1)
#define PFERR_USER_MASK BIT_ULL(2)
#define PFERR_RSVD_MASK BIT_ULL(3)
#define PFERR_FETCH_MASK BIT_ULL(4)
#define PFERR_PRIVATE_ACCESS BIT_ULL(49)

union kvm_mmu_page_role {
	u32 word;
	struct {
		unsigned int level : 4;
		unsigned int has_4_byte_gpte : 1;
		unsigned int quadrant : 2;
		unsigned int direct : 1;
		unsigned int access : 3;
		unsigned int invalid : 1;
		unsigned int efer_nx : 1;
		unsigned int cr0_wp : 1;
		unsigned int smep_andnot_wp : 1;
		unsigned int smap_andnot_wp : 1;
		unsigned int ad_disabled : 1;
		unsigned int guest_mode : 1;
		unsigned int passthrough : 1;
		unsigned int unused : 5;
		unsigned int smm : 8;
	};
};

struct kvm;
struct kvm_vcpu;
struct kvm_page_fault;

struct kvm_rmap_head {
	unsigned long val;
};

struct rsvd_bits_validate {
	u64 rsvd_bits_mask[2][PT64_ROOT_MAX_LEVEL];
	u64 bad_mt_xwr;
};

struct kvm_mmu_root_info {
	gpa_t pgd;
	hpa_t hpa;
};

struct kvm_mmu {
	struct kvm_mmu_root_info root;
	union kvm_mmu_page_role root_role;
	struct rsvd_bits_validate shadow_zero_check;
	int (*page_fault)(struct kvm_vcpu *vcpu, struct kvm_page_fault *fault);
};

#define KVM_ARCH_NR_OBJS_PER_MEMORY_CACHE 40
struct kvm_mmu_memory_cache {
	gfp_t gfp_zero;
	gfp_t gfp_custom;
	u64 init_value;
	struct kmem_cache *kmem_cache;
	int capacity;
	int nobjs;
	void *objects[KVM_ARCH_NR_OBJS_PER_MEMORY_CACHE];
};

void *kvm_mmu_memory_cache_alloc(struct kvm_mmu_memory_cache *mc);
int kvm_mmu_topup_memory_cache(struct kvm_mmu_memory_cache *mc, int min);
int kvm_mmu_memory_cache_nr_free_objects(struct kvm_mmu_memory_cache *mc);
void kvm_mmu_free_memory_cache(struct kvm_mmu_memory_cache *mc);

/* memslots */
#define KVM_MEM_LOG_DIRTY_PAGES BIT(0)
#define KVM_MEM_READONLY BIT(1)
#define KVM_MEMSLOT_INVALID BIT(16)
#define KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS BIT_ULL(63)
#define KVM_MAX_NR_ADDRESS_SPACES 2
#define VM_SLOTS 4

struct kvm_arch_memory_slot {
	unsigned short *gfn_write_track;
};

struct kvm_memory_slot {
	gfn_t base_gfn;
	unsigned long npages;
	unsigned long *dirty_bitmap;
	struct kvm_arch_memory_slot arch;
	unsigned long userspace_addr;
	u32 flags;
	short id;
	u16 as_id;
	struct vm_slot_state *state; /* the model's own, lives across copies */
};

struct kvm_memslots {
	u64 generation;
	struct kvm_memory_slot *slot[VM_SLOTS];
};

static inline bool kvm_slot_dirty_track_enabled(const struct kvm_memory_slot *s)
{
	return s->flags & KVM_MEM_LOG_DIRTY_PAGES;
}

static inline unsigned long kvm_dirty_bitmap_bytes(struct kvm_memory_slot *s)
{
	return ALIGN(s->npages, BITS_PER_LONG) / 8;
}

#define kvm_slot_can_be_private(s) ((void)(s), false)
#define kvm_mem_is_private(k, g) ((void)(k), (void)(g), false)
#define kvm_arch_nr_memslot_as_ids(k) KVM_MAX_NR_ADDRESS_SPACES
struct kvm_memslots *__kvm_memslots(struct kvm *kvm, int as_id);
struct kvm_memslots *kvm_vcpu_memslots(struct kvm_vcpu *vcpu);
struct kvm_memory_slot *__gfn_to_memslot(struct kvm_memslots *s, gfn_t gfn);
#define ____gfn_to_memslot(s, gfn, approx) __gfn_to_memslot(s, gfn)

static inline unsigned long
__gfn_to_hva_memslot(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	return slot->userspace_addr +
	       (unsigned long)(gfn - slot->base_gfn) * PAGE_SIZE;
}

struct kvm_memory_slot *gfn_to_memslot(struct kvm *kvm, gfn_t gfn);
struct kvm_memory_slot *kvm_vcpu_gfn_to_memslot(struct kvm_vcpu *v, gfn_t gfn);
void mark_page_dirty_in_slot(struct kvm *kvm, const struct kvm_memory_slot *s,
			     gfn_t gfn);

struct kvm_gfn_range {
	struct kvm_memory_slot *slot;
	gfn_t start;
	gfn_t end;
	bool may_block;
};

/* statistics */
struct kvm_vm_stat_generic {
	u64 remote_tlb_flush;
	u64 remote_tlb_flush_requests;
};

struct kvm_vm_stat {
	struct kvm_vm_stat_generic generic;
	union {
		struct {
			atomic64_t pages_4k;
			atomic64_t pages_2m;
			atomic64_t pages_1g;
		};
		atomic64_t pages[KVM_NR_PAGE_SIZES];
	};
	u64 nx_lpage_splits;
};

struct kvm_vcpu_stat {
	u64 pf_taken, pf_fixed, pf_emulate, pf_spurious, pf_fast;
	u64 pf_mmio_spte_created;
};

/* machines */
#define KVM_MMU_ROOT_CURRENT BIT(0)
#define KVM_REQ_TLB_FLUSH 0
#define KVM_REQ_MMU_FREE_OBSOLETE_ROOTS 1
#define KVM_REQ_MMU_SYNC 2
enum { OUTSIDE_GUEST_MODE, IN_GUEST_MODE };

struct kvm_vcpu_arch {
	struct kvm_mmu *mmu;
	struct kvm_mmu root_mmu;
	struct kvm_mmu_memory_cache mmu_shadow_page_cache;
	struct kvm_mmu_memory_cache mmu_page_header_cache;
};

struct kvm_vcpu {
	struct kvm *kvm;
	int vcpu_idx;
	int mode;
	unsigned long requests;
	struct kvm_vcpu_arch arch;
	struct kvm_vcpu_stat stat;
	struct hw_cpu *hw; /* the model's own */
};

struct kvm_arch {
	struct list_head tdp_mmu_roots;
	spinlock_t tdp_mmu_pages_lock;
	atomic64_t tdp_mmu_pages;
	u64 shadow_mmio_value;
	bool disable_nx_huge_pages;
	bool has_private_mem;
	unsigned long indirect_shadow_pages;
	struct list_head possible_nx_huge_pages;
	spinlock_t mmu_unsync_pages_lock;
};

#define VM_VCPUS 3

struct kvm {
	rwlock_t mmu_lock;
	struct mutex slots_lock;
	struct kvm_memslots *memslots[KVM_MAX_NR_ADDRESS_SPACES];
	struct kvm_vcpu *vcpus[VM_VCPUS];
	int created_vcpus;
	refcount_t users_count;
	struct kvm_vm_stat stat;
	struct kvm_arch arch;
	struct srcu_struct srcu;
	u32 dirty_ring_size;
	bool dirty_ring_with_bitmap;
	atomic_t nr_memslots_dirty_logging;
	u64 manual_dirty_log_protect;
	unsigned long mmu_invalidate_seq;
	long mmu_invalidate_in_progress;
	gfn_t mmu_invalidate_range_start;
	gfn_t mmu_invalidate_range_end;
	struct vm *vm; /* the model's own */
};

#define kvm_for_each_vcpu(i, v, k) \
	for ((i) = 0; (i) < VM_VCPUS; (i)++) \
		if (((v) = (k)->vcpus[i]))

void kvm_flush_remote_tlbs(struct kvm *kvm);
void kvm_flush_remote_tlbs_range(struct kvm *kvm, gfn_t gfn, u64 nr_pages);
void kvm_flush_remote_tlbs_memslot(struct kvm *kvm,
				   const struct kvm_memory_slot *slot);
bool kvm_make_all_cpus_request(struct kvm *kvm, unsigned int req);
void kvm_mmu_invalidate_begin(struct kvm *kvm);
void kvm_mmu_invalidate_range_add(struct kvm *kvm, gfn_t start, gfn_t end);
void kvm_mmu_invalidate_end(struct kvm *kvm);
int mmu_invalidate_retry_gfn(struct kvm *kvm, unsigned long seq, gfn_t gfn);
struct kvm_vcpu *kvm_get_running_vcpu(void);

/* host memory */
void kvm_set_pfn_dirty(kvm_pfn_t pfn);
void kvm_set_pfn_accessed(kvm_pfn_t pfn);
void kvm_release_pfn_clean(kvm_pfn_t pfn);
void put_page(struct page *page);
struct page *kvm_pfn_to_refcounted_page(kvm_pfn_t pfn);
void kvm_account_pgtable_pages(void *virt, int nr);
int gfn_to_page_many_atomic(struct kvm_memory_slot *slot, gfn_t gfn,
			    struct page **pages, int nr_pages);

/* platform */
struct kvm_x86_ops { int cpu_dirty_log_size; };
struct kvm_host_values { u8 maxphyaddr; };
extern struct kvm_x86_ops kvm_x86_ops;
extern struct kvm_host_values kvm_host;
extern bool tdp_enabled, tdp_mmu_enabled, eager_page_split;
extern bool enable_mmio_caching;
int kvm_cpu_dirty_log_size(void);
void kvm_mmu_set_ept_masks(bool has_ad_bits, bool has_exec_only);
void kvm_mmu_set_me_spte_mask(u64 value, u64 mask);
void kvm_mmu_set_mmio_spte_mask(u64 value, u64 mask, u64 access);
u8 shim_x86_get_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio);
#define kvm_x86_call(f) shim_x86_##f
struct shim_cpuinfo {
	u8 x86_phys_bits;
	u8 x86_cache_bits;
	u32 extended_cpuid_level;
	bool l1tf;
};
extern struct shim_cpuinfo boot_cpu_data;
#define X86_BUG_L1TF 18
bool boot_cpu_has_bug(int bug);
u32 cpuid_eax(u32 leaf);

static inline u64 rsvd_bits(int lo, int hi)
{
	return hi < lo ? 0 : ((2ULL << (hi - lo)) - 1) << lo;
}

static inline gfn_t kvm_mmu_max_gfn(void)
{
	return (1ULL << (kvm_host.maxphyaddr - PAGE_SHIFT)) - 1;
}

static inline void kvm_update_page_stats(struct kvm *kvm, int level, int n)
{
	atomic64_add(n, &kvm->stat.pages[level - 1]);
}

static inline bool kvm_shadow_root_allocated(struct kvm *kvm)
{
	(void)kvm;
	return false;
}

/* Does shadow paging map some of this VM, so that stock code logs beside? */
bool kvm_memslots_have_rmaps(struct kvm *kvm);

/* Arguments are evaluated, as the kernel's tracepoints may do. */
static inline void trace_nothing(int unused, ...)
{
	(void)unused;
}

#define trace_kvm_mmu_get_page(...) trace_nothing(0, __VA_ARGS__)
#define trace_kvm_mmu_prepare_zap_page(...) trace_nothing(0, __VA_ARGS__)
#define trace_kvm_tdp_mmu_spte_changed(...) trace_nothing(0, __VA_ARGS__)
#define trace_kvm_mmu_set_spte(...) trace_nothing(0, __VA_ARGS__)
#define trace_mark_mmio_spte(...) trace_nothing(0, __VA_ARGS__)
#define trace_kvm_mmu_spte_requested(...) trace_nothing(0, __VA_ARGS__)
#define trace_kvm_mmu_split_huge_page(...) trace_nothing(0, __VA_ARGS__)
#define trace_fast_page_fault(...) trace_nothing(0, __VA_ARGS__)

#endif
