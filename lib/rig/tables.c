// SPDX-License-Identifier: GPL-2.0-only
/*
 * How can a guest change the page tables that map its memory?
 *
 * The tables get a second mapping that the guest may write to, and a copy of
 * their first content beside it, from which the guest takes what it stores.
 * KVM cannot tell these tables from those of an operating system that maps
 * all of its memory.  (Intel SDM / AMD APM: 4-level paging.)
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "rig/kvmcompat.h"
#include "internal.h"

#define ENTRIES		512u
#define PT_ADDR		0x000ffffffffff000ull
#define CR4_LA57	(1ull << 12)
/* Where the copy lies: beyond the tables of any memory a guest can have. */
#define VALUES_GVA	(RIG_TABLE_GVA + (1ull << 30))

/* Guest physical address of the table of @level that maps @gva. */
static uint64_t table_of(struct kvm_vm *vm, uint64_t gva, int level)
{
	uint64_t gpa = compat_vm_root(vm), *table;
	int at;

	for (at = compat_vm_levels(vm); at > level; at--) {
		table = addr_gpa2hva(vm, gpa);
		gpa = table[gva >> (12 + 9 * (at - 1)) & (ENTRIES - 1)] &
		      PT_ADDR;
	}
	return gpa;
}

/* Map the tables one after the other, and copy them to @values_gva. */
static void map_tables(struct rig *rig, int level, uint64_t nr_tables,
		       uint64_t values_gva)
{
	uint64_t reach = (uint64_t)ENTRIES << (12 + 9 * (level - 1)), i, gpa;

	for (i = 0; i < nr_tables; i++) {
		gpa = table_of(rig->vm, rig->mem_gva + i * reach, level);
		virt_map(rig->vm, RIG_TABLE_GVA + i * 4096, gpa, 1);
		memcpy(addr_gva2hva(rig->vm, values_gva + i * 4096),
		       addr_gpa2hva(rig->vm, gpa), 4096);
	}
}

static int check(const struct rig_config *cfg, uint32_t span,
		 struct reason *why)
{
	uint64_t reach = span * 4096ull;

	if (!cfg->guest_kernel || cfg->guest_page_bytes != 4096 ||
	    cfg->unit_bytes != 4096 || cfg->overlap)
		return reason_skip(why, -EOPNOTSUPP,
				   "a guest that changes its page tables needs --guest-page 4K, --unit 4K and no --overlap");
	if (cfg->vcpu_bytes % reach || cfg->vcpu_bytes / reach < 2)
		return reason_skip(why, -EOPNOTSUPP,
				   "entries of %u KiB need --bytes in multiples of that, and at least two",
				   span * 4);
	return 0;
}

int rig_open_tables(struct rig *rig, int level, struct reason *why)
{
	uint32_t span = level == 1 ? 1 : ENTRIES, nr, at;
	uint64_t nr_tables, values;
	unsigned int i;
	int ret = check(&rig->cfg, span, why);

	if (ret)
		return ret;
	nr = rig->cfg.vcpu_bytes / 4096 / span;
	nr_tables = ((uint64_t)nr * rig->cfg.nr_vcpus + ENTRIES - 1) / ENTRIES;
	values = compat_vm_alloc(rig->vm, nr_tables * 4096, VALUES_GVA);
	map_tables(rig, level, nr_tables, values);
	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		struct guest_job *job = rig->jobs[i];

		at = i * nr;
		job->pt_gva = RIG_TABLE_GVA + at * 8ull;
		job->pt_values_gva = values + at * 8ull;
		job->pt_nr = nr;
		job->pt_span = span;
	}
	return 0;
}

uint64_t rig_guest_root(struct rig *rig, uint64_t entries[512])
{
	uint64_t root = compat_vm_root4(rig->vm);

	memcpy(entries, addr_gpa2hva(rig->vm, root), 4096);
	return root;
}

int rig_use_five_levels(struct rig *rig, uint64_t root_gpa, struct reason *why)
{
	struct kvm_sregs sregs;
	unsigned int i;

	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		vcpu_sregs_get(rig->vcpus[i], &sregs);
		sregs.cr4 |= CR4_LA57;
		sregs.cr3 = root_gpa;
		if (ioctl(rig->vcpu_fds[i], KVM_SET_SREGS, &sregs))
			return reason_skip(why, -EOPNOTSUPP,
					  "this KVM's vCPUs have no 5-level paging (LA57)");
	}
	return 0;
}
