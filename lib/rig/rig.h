/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test rig: a VM, its vCPUs, the memory under test, the guest program.
 *
 * The VM, its page tables and its vCPUs come from the KVM selftests library.
 * The memory under test is mapped here, which keeps its backing, placement and
 * remapping under control.  The guest runs at CPL 3 or CPL 0.
 *
 * The memory under test is one region that starts at rig->mem.gpa.  It is cut
 * into equal parts, one per vCPU, or shared by all vCPUs (overlap), and it
 * spans one or more memslots.  For the layout of a unit see guest/job.h.
 */
#ifndef MMUBENCH_RIG_H
#define MMUBENCH_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "guest/gpages.h"
#include "guest/job.h"
#include "payload/order.h"
#include "probe/kstat.h"

struct payload_geom;
struct payload_ops;
struct kvm_vm;
struct kvm_vcpu;
struct kvm_run;

enum rig_backing {
	BACKING_ANON, BACKING_THP, BACKING_HUGETLB_2M, BACKING_HUGETLB_1G,
	BACKING_SHMEM, BACKING_MEMFD, NR_BACKINGS
};
/* "anonymous" "anonymous_thp" "anonymous_hugetlb_2mb" ..., NULL-terminated */
extern const char *const rig_backing_names[];
uint64_t rig_backing_page_bytes(enum rig_backing b);

#define RIG_FIRST_SLOT 10	/* memslots under test: 10, 11, ... */

struct rig;

/*
 * Calls from the rig to another layer.  Each is optional, is passed @arg, and
 * returns 0, or -errno with @why; vcpu_exit may also return 1.
 */
struct rig_hooks {
	/* The VM exists, its memslots and vCPUs do not: set capabilities here. */
	int (*vm_created)(void *arg, struct rig *rig, struct reason *why);
	/*
	 * vCPU @vcpu left KVM_RUN, with errno @err if that failed, else with 0;
	 * called in its thread.  Return 1 if the exit
	 * was the hook's and the guest can go on, 0 if it was not.  After EINTR,
	 * a signal, the guest goes on anyway.
	 */
	int (*vcpu_exit)(void *arg, unsigned int vcpu, int err,
			 struct reason *why);
	void *arg;
};

struct rig_config {
	unsigned int nr_vcpus;
	uint64_t vcpu_bytes;	/* memory per vCPU (in all, if overlapped) */
	enum rig_backing backing;
	uint64_t guest_page_bytes;	/* 4K, 2M or 1G: size of guest mappings */
	uint32_t unit_bytes;	/* a power of two >= GUEST_UNIT_MIN, see payload.h */
	bool overlap;		/* all vCPUs share one region */
	bool guest_kernel;	/* CPL 0 instead of CPL 3 */
	bool guest_smm;		/* SMIs run in it, see rig_smi() */
	bool guest_nested;	/* CPL 0, and jobs run in a guest of the guest */
	bool guest_la57;	/* 5 levels of guest page tables instead of 4 */
	bool exec;		/* plant a return instruction in every unit */
	unsigned int nr_slots;	/* memslots the region is cut into, >= 1 */
	uint64_t gpa;		/* 0 = just below the top of guest memory */
	int node;		/* NUMA node of the memory, -1 = do not bind */
	uint32_t max_accesses;	/* entries of each order table, 0 = one per unit */
	struct rig_hooks hooks;	/* of dirty tracking, for instance */
	uint64_t host_bytes;	/* memory the scenario needs beside the guest's */
	uint64_t shared_bytes;	/* memory that host and guests share beside it */
};

/* The sizes of a rig_config that can be wrong, alone or together. */
enum rig_size {
	RIG_VCPUS, RIG_GUEST_PAGE, RIG_VCPU_BYTES, RIG_UNIT, RIG_SLOTS, RIG_GPA,
	NR_RIG_SIZES
};

/*
 * Can a rig of these sizes exist on any host?  0, or -EINVAL with @why, which
 * says "NAME: what is wrong".  @names holds a NAME for each enum rig_size; if it
 * is NULL, plain words are used.
 */
int rig_check_sizes(const struct rig_config *cfg, const char *const *names,
		    struct reason *why);

struct rig {
	struct rig_config cfg;
	struct kvm_vm *vm;
	struct kvm_vcpu **vcpus;
	int vm_fd;
	int *vcpu_fds;
	int mem_fd;		/* memfd behind shared backings, or -1 */
	struct gpages mem;	/* the whole memory under test */
	uint64_t mem_gva;
	uint64_t slot_pages;	/* 4K pages per memslot */
	uint32_t *slot_flags;	/* current KVM_MEM_* flags of each slot */
	struct kstat *kstat;	/* NULL if KVM has no stats fds */
	struct guest_job **jobs;	/* per vCPU, shared with the guest */
	uint32_t **orders;	/* per vCPU order tables, shared */
	struct guest_hists **hists;	/* per vCPU latency histograms, shared */
	struct rig_oracle *oracles;	/* per vCPU, what its memory must hold */
	void *shared;		/* cfg.shared_bytes, zeroed; no agent touches it */
	uint64_t shared_gva;
	void *aux;		/* jobs, tables and histograms, host side */
	uint64_t aux_bytes;
	size_t mem_map_bytes;	/* length of the mapping behind mem.hva */
	bool chase_planted;
	struct smm **smm;	/* per vCPU; with guest_smm */
	void *smram;
	uint64_t smram_bytes;
	uint64_t nested_root_gpa;	/* of a hypervisor guest's tables, or 0 */
	void *flush_page;	/* made by the first rig_flush_tlbs(), or NULL */
};

/* Guest addresses other than mem.gpa: fixed, and far from each other. */
#define RIG_DOORBELL_GPA	0xc0000000ull	/* backed by no memslot */
#define RIG_DOORBELL_GVA	0x7f0000000ull
#define RIG_AUX_SLOT		1
#define RIG_FLUSH_SLOT		2
#define RIG_SMRAM_SLOT		3
#define RIG_SMRAM_GPA		0xa0000000ull
/* In a memslot's number: that of the address space of SMM. */
#define RIG_SMM_SPACE		0x10000u
#define RIG_FLUSH_GPA		0xb0000000ull	/* one page nobody uses */
#define RIG_AUX_GPA		0x100000000ull
#define RIG_AUX_GVA		0x800000000ull
#define RIG_TABLE_GVA		0x900000000ull	/* of rig_open_tables() */
#define RIG_MEM_GVA		0x10000000000ull

/*
 * Returns NULL with @why on failure: too little memory, no KVM, bad sizes, ...
 * Copies @cfg.  Free with rig_destroy().
 */
struct rig *rig_create(const struct rig_config *cfg, struct reason *why);
void rig_destroy(struct rig *rig);

/* The part of the memory that vCPU @i works on. */
struct gpages rig_vcpu_pages(const struct rig *rig, unsigned int i);
uint32_t rig_vcpu_units(const struct rig *rig);	/* units in that part */
void *rig_unit_hva(const struct rig *rig, unsigned int vcpu, uint32_t unit);
/* The index of vCPU @i's word in a unit: 0 unless vCPUs share the units. */
uint32_t rig_vcpu_word(const struct rig *rig, unsigned int i);
/* Memslot @i of cfg.nr_slots; the last one may differ in size. */
struct gpages rig_slot_pages(const struct rig *rig, unsigned int i);

/*
 * Set the KVM_MEM_* flags of @set and clear those of @clear on every slot under
 * test.  Controller thread; vCPUs may run.  0, or -errno with @why.
 */
int rig_change_slot_flags(struct rig *rig, uint32_t set, uint32_t clear,
			  struct reason *why);

/*
 * Delete every slot under test and add it again with the same flags.  KVM
 * drops its mappings; those of the host remain.  vCPUs must not run.
 */
int rig_recreate_slots(struct rig *rig, struct reason *why);

/* Delete every slot under test for good.  vCPUs must not run. */
int rig_delete_slots(struct rig *rig, struct reason *why);

/*
 * The same for slot @i alone, with @more flags until the next call.  vCPUs may
 * run: while the slot is gone their accesses leave KVM_RUN as MMIO.
 */
int rig_recreate_slot(struct rig *rig, unsigned int i, uint32_t more,
		      struct reason *why);

/*
 * The flags of slot @i alone become those it has and @more, until the next
 * change of its flags.  vCPUs may run.
 */
int rig_add_slot_flags(struct rig *rig, unsigned int i, uint32_t more,
		       struct reason *why);

/*
 * Let slot @i lie at @gpa instead; rig_slot_pages() tells where it belongs.
 * vCPUs may run: accesses to where it was leave KVM_RUN as MMIO.
 */
int rig_move_slot(struct rig *rig, unsigned int i, uint64_t gpa,
		  struct reason *why);

/*
 * Make KVM flush the TLBs of all vCPUs before they continue.  This takes a
 * memslot of one page, which the first call creates.  Controller thread; vCPUs
 * may run.
 */
int rig_flush_tlbs(struct rig *rig, struct reason *why);

/*
 * Let GUEST_REMAP jobs change the page tables that map the guest's memory: map
 * the tables of @level into the guest.  An entry covers a 4K page at level 1
 * and a table of 512 of them at level 2.  Call once, before the first job.
 * Needs a guest in ring 0, 4K guest pages and units, and no overlap.
 * 0, or -errno with @why.
 */
int rig_open_tables(struct rig *rig, int level, struct reason *why);

/*
 * The upper table of the guest's page tables: its guest physical address, and
 * its entries in @entries.
 */
uint64_t rig_guest_root(struct rig *rig, uint64_t entries[512]);

/*
 * Let all vCPUs start with 5-level paging, and @root_gpa as their upper table,
 * before the first job.  0, or -errno with @why: a skip if they cannot.
 */
int rig_use_five_levels(struct rig *rig, uint64_t root_gpa, struct reason *why);

/* Write the order that @p makes of @g into the table of vCPU @vcpu. */
int rig_load_payload(struct rig *rig, unsigned int vcpu,
		     const struct payload_ops *p, struct payload_geom *g,
		     struct reason *why);

/*
 * Tell the rig that the host replaced [first_page, first_page + nr_pages) with
 * zeroed pages.  It forgets what the guest wrote there and writes its own
 * parts again (chase links, return instructions); without such parts the pages
 * remain untouched.  vCPUs must not run.
 */
void rig_pages_replaced(struct rig *rig, uint64_t first_page,
			uint64_t nr_pages);

/*
 * Give [first_page, first_page + nr_pages) back to the host kernel, so that
 * the next access finds neither a host page nor an SPTE, and forget their
 * content, see rig_pages_replaced().  vCPUs must not run.
 */
int rig_discard(struct rig *rig, uint64_t first_page, uint64_t nr_pages,
		struct reason *why);

/*
 * Run vCPU @i until it rings the doorbell, which means that its job is done.
 * Call from that vCPU's thread.  0, or -errno with @why: what stopped the
 * guest.
 */
int rig_enter(struct rig *rig, unsigned int i, struct reason *why);

/*
 * Make vCPU @i leave KVM_RUN; the caller must also send its thread a signal.
 * Any thread.  Afterwards the rig can only be destroyed.
 */
void rig_kick(struct rig *rig, unsigned int i);

/*
 * Let vCPU @i take an SMI, which does what rig_smm_stress() says.  In its
 * thread, outside KVM_RUN.  0, or -errno with @why.
 */
int rig_smi(struct rig *rig, unsigned int i, struct reason *why);
/* From now on an SMI takes a few turns of the struct stress_guest at this gva. */
void rig_smm_stress(struct rig *rig, unsigned int i, uint64_t stress_gva);

/* What vCPU @i's last exit said; for its own thread, as in a hook. */
struct kvm_run *rig_kvm_run(struct rig *rig, unsigned int i);

/* After a job, note what vCPU @i has written.  It must be outside KVM_RUN. */
void rig_account(struct rig *rig, unsigned int i);

/*
 * Compare the memory with all that vCPU @vcpu has written so far, unit by
 * unit.  Returns the number of wrong units; @why describes the first.
 */
uint64_t rig_verify(struct rig *rig, unsigned int vcpu, struct reason *why);

#endif
