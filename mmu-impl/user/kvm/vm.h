/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated host around an engine: machines, memslots, host memory and
 * its notifiers, fault handling, dirty log calls.  It plays the part of
 * mmu.c and kvm_main.c, from their contracts.
 */
#ifndef MMU_USER_VM_H
#define MMU_USER_VM_H

#include "kvm/face.h"
#include "sim/hw.h"
#include "judge/oracle.h"

#define HOST_PAGES 2560UL
#define HOST_REGION 512UL
#define HOST_REGIONS (HOST_PAGES / HOST_REGION)
#define HPTE_PRESENT BIT_ULL(0)
#define HPTE_WRITABLE BIT_ULL(1)
#define VM_SLOT_PAGES_MAX 1048

struct host_mm {
	struct mutex mmap_lock;
	spinlock_t ptl;
	u64 pte[HOST_PAGES];
	bool huge[HOST_REGIONS];
	bool vma_ro[HOST_PAGES];
	spinlock_t mn_lock;
	int invalidating;
};

/* What the model knows of a memslot, across its reincarnations. */
struct vm_slot_state {
	struct vm *vm;
	int as_id, id;
	gfn_t base_gfn;
	unsigned long npages;
	unsigned long host_first;
	bool readonly;
	bool live; /* accesses are allowed */
	bool logged; /* the user of the log holds a copy */
	u32 writes[VM_SLOT_PAGES_MAX]; /* content version */
	u32 copied[VM_SLOT_PAGES_MAX]; /* what the copy has */
	u32 at_get[VM_SLOT_PAGES_MAX];
	bool late[VM_SLOT_PAGES_MAX]; /* one harvest missed a write */
	bool may_be_late; /* a vCPU ran when the harvest began */
	u64 touched[VM_SLOT_PAGES_MAX]; /* stamp of the last touch */
	u64 aged[VM_SLOT_PAGES_MAX]; /* stamp of the last young answer */
	u64 region_touched[4];
	u64 filled[VM_SLOT_PAGES_MAX]; /* stamp of the last 4K fill */
	u64 suspect[VM_SLOT_PAGES_MAX]; /* fill that aging did not see */
	int aging; /* calls under way: A may be taken, not yet returned */
	bool young[VM_SLOT_PAGES_MAX]; /* A is set and nobody was told */
	unsigned short tracked[VM_SLOT_PAGES_MAX];
	unsigned short tracked_regions[4];
	bool shadow_w[VM_SLOT_PAGES_MAX]; /* shadow paging lets writes pass */
};

struct vm_config {
	enum hw_mode mode;
	bool pml;
	bool nx;
	bool eager_split;
	bool manual_protect;
	bool init_set;
	bool precise_zap;
	bool rmaps; /* shadow paging has its share of the log */
	bool no_tdp; /* all memory is shadowed, as with npt=0 or ept=0 */
	bool dbit; /* own engine only: log by Dirty bits */
	bool no_around; /* own engine only: no neighbours of a fault */
	bool no_recover, no_restore; /* own engine only: log off as stock */
	unsigned int recover_batch; /* own engine only: tables per flush, or 0 */
	unsigned int fail_one_in;
};

struct vm {
	struct kvm kvm;
	struct vm_config cfg;
	struct host_mm host;
	struct kvm_vcpu vcpu[VM_VCPUS];
	struct hw_cpu cpu[VM_VCPUS];
	struct vm_slot_state st[KVM_MAX_NR_ADDRESS_SPACES][VM_SLOTS];
	int nr_vcpus;
	u64 stamp;
	bool stop;
	long pgtable_pages;
	u64 ops;
	u64 ops_per_task;
	unsigned long hot;
	bool calm;
};

extern struct vm *the_vm;

static inline struct vm *vm_of(struct kvm *kvm)
{
	return kvm->vm;
}

/* config and life; vm_set_mode() once per process */
void vm_set_mode(enum hw_mode mode);
void vm_setup(struct vm *vm, const struct vm_config *cfg, int nr_vcpus);
void vm_destroy(struct vm *vm);

/* memslots (memslot.c); callers do not hold slots_lock */
void slot_create(struct vm *vm, int as_id, int id);
/* With its log on from the start. */
void slot_create_logged(struct vm *vm, int as_id, int id);
void slot_delete(struct vm *vm, int as_id, int id);
bool slot_set_log(struct vm *vm, int as_id, int id, bool on);
/* Also by a hole in guest_memfd, which holds on to no memslots. */
void slot_unmap(struct vm *vm, struct kvm_memory_slot *slot);
struct vm_slot_state *slot_state_of(struct vm *vm, int as_id, gfn_t gfn);

/* dirty log calls (dirtylog.c): what the ioctls do */
bool log_get(struct vm *vm, int as_id, int id);
bool log_clear(struct vm *vm, int as_id, int id, unsigned long first,
	       unsigned long nr);

/* memory that shadow paging maps (shadow.c) */
void shadow_write(struct kvm_vcpu *vcpu, gfn_t gfn);
void shadow_arm(struct kvm_memory_slot *slot, gfn_t offset, unsigned long mask);
void shadow_arm_slot(struct vm *vm, struct kvm_memory_slot *slot);

/* roots and vCPUs (vcpu.c, agents.c) */
void vm_zap_all_fast(struct vm *vm);
/* Guest instructions until @n are done or a request needs the host. */
void vcpu_run(struct kvm_vcpu *vcpu, const gfn_t *gfns,
	      const enum hw_kind *kinds, int n);
void vcpu_switch_root(struct kvm_vcpu *vcpu, bool guest_mode, bool smm);
void vcpu_unload(struct kvm_vcpu *vcpu);
void vcpu_prefault(struct kvm_vcpu *vcpu, gfn_t gfn, bool write);
union kvm_mmu_page_role vcpu_role(struct vm *vm, bool guest_mode, bool smm);
int vcpu_topup(struct kvm_vcpu *vcpu);
bool vcpu_enter(struct kvm_vcpu *vcpu);
void vcpu_leave(struct kvm_vcpu *vcpu);

/* faults (fault.c) */
int fault_handle(struct kvm_vcpu *vcpu, const struct hw_fault *f,
		 bool prefetch);

/* host memory (host.c, notify.c); ranges are host page numbers */
void host_init(struct vm *vm);
void host_exit(struct vm *vm);
int host_gup(struct vm *vm, unsigned long idx, bool write, bool *writable,
	     kvm_pfn_t *pfn);
bool host_fast(struct vm *vm, unsigned long idx, bool write, bool *writable,
	       kvm_pfn_t *pfn);
void host_invalidate_begin(struct vm *vm, unsigned long first,
			   unsigned long nr, bool may_block);
void host_invalidate_end(struct vm *vm, unsigned long first, unsigned long nr);
void host_discard(struct vm *vm, unsigned long first, unsigned long nr);
void host_replace(struct vm *vm, unsigned long first, unsigned long nr);
void host_protect(struct vm *vm, unsigned long first, unsigned long nr,
		  bool vma);
void host_unprotect(struct vm *vm, unsigned long first, unsigned long nr);
void host_clean(struct vm *vm, unsigned long first, unsigned long nr);
void host_make_huge(struct vm *vm, unsigned long region);
void host_break_huge(struct vm *vm, unsigned long region);
/* Aging notifiers: 0 clear_young, 1 clear_flush_young, 2 test_young */
bool host_age(struct vm *vm, unsigned long first, unsigned long nr, int how);

/* pages of the host (pages.c): one, or an aligned block of HOST_REGION or 0 */
void pages_init(void);
void pages_check_all_back(void);
unsigned long page_new(void);
unsigned long block_new(void);
void page_put(unsigned long pfn);
void page_clean(unsigned long pfn);
bool page_is_of_block(unsigned long pfn);
bool host_page_dirty(const struct page *p);

/* others the engine serves (agents.c) */
void agent_zap_gfn_range(struct vm *vm, gfn_t start, gfn_t end);
void agent_write_protect(struct vm *vm, int as_id, gfn_t gfn);
void agent_shadow(struct vm *vm, int as_id, gfn_t gfn);
void agent_recover_nx(struct vm *vm);
void agent_flush_shadow_all(struct vm *vm);
void agent_split(struct vm *vm, int as_id, int id);

#endif
