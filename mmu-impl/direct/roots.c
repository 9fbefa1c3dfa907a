// SPDX-License-Identifier: GPL-2.0-only
/*
 * When is a root born, and when is it really gone?
 *
 * Born when a vCPU loads a role nobody has used yet. Invalidated, all at once,
 * when a memslot goes or the VM does: vCPUs then reload and get new ones. Emptied
 * at leisure under mmu_lock for read, still listed so that notifiers reach what
 * is left in it. Gone with its last reference, after an RCU grace period.
 *
 * Nothing here flushes: a vCPU flushes its own TLB whenever it loads a root.
 */
#include "internal.h"
#include "base/stats.h"
#include "base/tables.h"
#include "defect.h"
#include "direct/roots.h"

gfn_t mmub_roots_end_gfn(void)
{
	return kvm_mmu_max_gfn() + 1;
}

void mmub_roots_init(struct kvm *kvm)
{
	spin_lock_init(&kvm->arch.tdp_mmu_pages_lock);
	INIT_LIST_HEAD(&kvm->arch.tdp_mmu_roots);
}

void mmub_roots_put(struct kvm *kvm, struct kvm_mmu_page *root)
{
	if (!refcount_dec_and_test(&root->tdp_mmu_root_count))
		return;

	/* The engine's own reference outlives validity. */
	KVM_BUG_ON(!root->role.invalid || !root->tdp_mmu_page, kvm);

	spin_lock(&kvm->arch.tdp_mmu_pages_lock);
	list_del_rcu(&root->link);
	spin_unlock(&kvm->arch.tdp_mmu_pages_lock);
	mmub_table_free_rcu(root);
}

static bool root_matches(const struct kvm_mmu_page *root, int as_id,
			 enum mmub_roots_which which)
{
	return (as_id < 0 || mmub_table_as_id(root) == as_id) &&
	       (which == ROOTS_ALL || !mmub_table_role(root).invalid);
}

/*
 * A root stays on the list until its last reference is put, so the one on @prev
 * keeps the place in the list.
 */
static struct kvm_mmu_page *root_after(struct kvm *kvm,
				       struct kvm_mmu_page *prev, int as_id,
				       enum mmub_roots_which which)
{
	struct list_head *all = &kvm->arch.tdp_mmu_roots;
	struct kvm_mmu_page *root;

	rcu_read_lock();
	root = prev ? list_next_or_null_rcu(all, &prev->link,
					    struct kvm_mmu_page, link) :
		      list_first_or_null_rcu(all, struct kvm_mmu_page, link);
	while (root && !(root_matches(root, as_id, which) &&
			 kvm_tdp_mmu_get_root(root)))
		root = list_next_or_null_rcu(all, &root->link,
					     struct kvm_mmu_page, link);
	rcu_read_unlock();

	if (prev)
		mmub_roots_put(kvm, prev);
	return root;
}

struct kvm_mmu_page *mmub_roots_next(struct kvm *kvm, struct kvm_mmu_page *prev,
				     int as_id, enum mmub_roots_which which)
{
	lockdep_assert_held(&kvm->mmu_lock);
	return root_after(kvm, prev, as_id, which);
}

struct kvm_mmu_page *
mmub_roots_next_lockless(struct kvm *kvm, struct kvm_mmu_page *prev, int as_id)
{
	return root_after(kvm, prev, as_id, ROOTS_VALID);
}

/* A usable root of the same role, with a reference for the caller. */
static struct kvm_mmu_page *root_find(struct kvm *kvm,
				      union kvm_mmu_page_role role)
{
	struct kvm_mmu_page *root;

	rcu_read_lock();
	mmub_roots_for_each_rcu(root, kvm)
	{
		/* An invalid root has another role word. */
		if (mmub_table_role(root).word == role.word &&
		    kvm_tdp_mmu_get_root(root))
			break;
	}
	if (&root->link == &kvm->arch.tdp_mmu_roots)
		root = NULL;
	rcu_read_unlock();
	return root;
}

static struct kvm_mmu_page *root_make(struct kvm_vcpu *vcpu,
				      union kvm_mmu_page_role role)
{
	struct kvm_mmu_page *root = mmub_table_alloc(vcpu);

	mmub_table_init(root, NULL, 0, role);
	/* One for the vCPU, one for the engine until it is emptied. */
	refcount_set(&root->tdp_mmu_root_count, DEFECT(DEFECT_ROOT_REF) ? 1 : 2);
	list_add_rcu(&root->link, &vcpu->kvm->arch.tdp_mmu_roots);
	return root;
}

/* Two vCPUs may want the first root of a role at once: look again. */
static struct kvm_mmu_page *root_find_or_make(struct kvm_vcpu *vcpu,
					      union kvm_mmu_page_role role)
{
	spinlock_t *pages_lock = &vcpu->kvm->arch.tdp_mmu_pages_lock;
	struct kvm_mmu_page *root;

	spin_lock(pages_lock);
	root = root_find(vcpu->kvm, role);
	if (!root)
		root = root_make(vcpu, role);
	spin_unlock(pages_lock);
	return root;
}

/*
 * mmu_lock for read keeps roots from being invalidated meanwhile. If it happens
 * right after, the request that comes with it keeps the vCPU out of the guest.
 */
int mmub_roots_load(struct kvm_vcpu *vcpu)
{
	const union kvm_mmu_page_role role = vcpu->arch.mmu->root_role;
	struct kvm_mmu_root_info *load = &vcpu->arch.mmu->root;
	struct kvm *kvm = vcpu->kvm;
	struct kvm_mmu_page *root;

	mmub_count(lock_root);
	read_lock(&kvm->mmu_lock);
	root = root_find(kvm, role);
	if (!root)
		root = root_find_or_make(vcpu, role);
	read_unlock(&kvm->mmu_lock);

	load->pgd = 0;
	load->hpa = __pa(root->spt);
	return 0;
}

/*
 * A VM without users, or without vCPUs ever, is dismantled without mmu_lock:
 * there is nobody else.
 */
void mmub_roots_invalidate(struct kvm *kvm)
{
	union kvm_mmu_page_role role;
	struct kvm_mmu_page *root;

	if (refcount_read(&kvm->users_count) && kvm->created_vcpus)
		lockdep_assert_held_write(&kvm->mmu_lock);

	list_for_each_entry(root, &kvm->arch.tdp_mmu_roots, link) {
		role = mmub_table_role(root);
		if (role.invalid)
			continue;
		role.invalid = true;
		WRITE_ONCE(root->role.word, role.word);
		root->tdp_mmu_scheduled_root_to_zap = true;
	}
}
