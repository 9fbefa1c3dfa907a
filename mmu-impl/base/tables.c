// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where do page tables come from, and where does their memory go?
 *
 * A table is linked by changing its parent entry (change.c), and emptied once
 * it is out of the tree again (retire.c). Its memory waits for an RCU grace
 * period.
 */
#include "internal.h"
#include "base/stats.h"
#include "base/tables.h"

struct kvm_mmu_page *mmub_table_alloc(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_arch *arch = &vcpu->arch;
	struct kvm_mmu_page *sp;

	sp = kvm_mmu_memory_cache_alloc(&arch->mmu_page_header_cache);
	sp->spt = kvm_mmu_memory_cache_alloc(&arch->mmu_shadow_page_cache);
	return sp;
}

unsigned int mmub_table_alloc_batch(struct list_head *tables, unsigned int nr)
{
	struct kvm_mmu_page *sp;
	unsigned int done;

	for (done = 0; done < nr; done++) {
		sp = kmem_cache_zalloc(mmu_page_header_cache,
				       GFP_KERNEL_ACCOUNT);
		if (!sp)
			break;
		/* Not zeroed: a split writes every entry. */
		sp->spt = (u64 *)__get_free_page(GFP_KERNEL_ACCOUNT);
		if (!sp->spt) {
			kmem_cache_free(mmu_page_header_cache, sp);
			break;
		}
		list_add(&sp->link, tables);
	}
	return done;
}

void mmub_table_free(struct kvm_mmu_page *sp)
{
	free_page((unsigned long)sp->spt);
	kmem_cache_free(mmu_page_header_cache, sp);
}

void mmub_table_free_batch(struct list_head *tables)
{
	struct kvm_mmu_page *sp, *next;

	list_for_each_entry_safe(sp, next, tables, link) {
		list_del(&sp->link);
		mmub_table_free(sp);
	}
}

static void table_grace_over(struct rcu_head *head)
{
	mmub_table_free(container_of(head, struct kvm_mmu_page, rcu_head));
}

void mmub_table_free_rcu(struct kvm_mmu_page *sp)
{
	call_rcu(&sp->rcu_head, table_grace_over);
}

void mmub_table_init(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn,
		     union kvm_mmu_page_role role)
{
	set_page_private(virt_to_page(sp->spt), (unsigned long)sp);
	INIT_LIST_HEAD(&sp->possible_nx_huge_page_link);
	sp->tdp_mmu_page = true;
	sp->role = role;
	sp->gfn = gfn;
	sp->ptep = (tdp_ptep_t)parent;
	trace_kvm_mmu_get_page(sp, true);
}

void mmub_table_init_child(struct kvm_mmu_page *sp, u64 *parent, gfn_t gfn)
{
	union kvm_mmu_page_role role = mmub_table_of(parent)->role;

	role.level--;
	mmub_table_init(sp, parent, gfn, role);
}

void mmub_table_linked(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	kvm_account_pgtable_pages(sp->spt, +1);
	atomic64_inc(&kvm->arch.tdp_mmu_pages);
	mmub_count(table_linked);
}
