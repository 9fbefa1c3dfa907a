// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle: rules no schedule may break.
 *
 * Question: did the guest, or the host, see something the engine promised
 * they would not?
 * Method: every guest access compares the frame it reached with the host's
 * page table at that moment; every write counts a version per page, and each
 * harvest of the dirty log is judged like a migration: a page that is not
 * reported must be what the copy has.  Aging is judged per page by what the
 * simulated hardware did since the last pass.  In quiet moments the tables
 * are walked and compared with the statistics.
 * Cannot tell: whether a rule is missing here.  The deliberate defects are
 * the test of that.
 */
#include "judge/oracle.h"
#include "sim/pages.h"

u64 oracle_checks;

/* What is known of a memslot; one machine at a time. */
struct notes {
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
};

static struct notes all_notes[KVM_MAX_NR_ADDRESS_SPACES][VM_SLOTS];
static u64 stamp;

static struct notes *notes_of(const struct vm_slot_state *st)
{
	return &all_notes[st->as_id][st->id];
}

void oracle_begin(void)
{
	memset(all_notes, 0, sizeof(all_notes));
	stamp = 0;
}

static struct vm_slot_state *state_at(struct kvm_vcpu *vcpu, gfn_t gfn,
				      unsigned long *rel)
{
	struct vm_slot_state *st;

	st = slot_state_of(vm_of(vcpu->kvm), vcpu->arch.mmu->root_role.smm, gfn);
	if (!st || !__atomic_load_n(&st->live, __ATOMIC_ACQUIRE))
		complain(__FILE__, __LINE__,
			 "the guest reaches gfn %llx where no memslot is",
			 (unsigned long long)gfn);
	*rel = (unsigned long)(gfn - st->base_gfn);
	return st;
}

void oracle_access(struct kvm_vcpu *vcpu, gfn_t gfn, unsigned long pfn,
		   enum hw_kind kind, int level)
{
	struct vm *vm = vm_of(vcpu->kvm);
	struct vm_slot_state *st;
	unsigned long rel;
	u64 pte;

	st = state_at(vcpu, gfn, &rel);
	pte = __atomic_load_n(&vm->host.pte[st->host_first + rel],
			      __ATOMIC_ACQUIRE);
	WARN(!(pte & HPTE_PRESENT) || pte >> PAGE_SHIFT != pfn,
	     "stale access: gfn %llx reaches page %lx, host entry is %llx",
	     (unsigned long long)gfn, pfn, (unsigned long long)pte);
	WARN(kind == HW_EXEC && level > PG_LEVEL_4K && vm->cfg.nx,
	     "gfn %llx executed through a huge page",
	     (unsigned long long)gfn);
	__atomic_add_fetch(&oracle_checks, 1, __ATOMIC_RELAXED);
	if (kind != HW_WRITE)
		return;
	WARN(!(pte & HPTE_WRITABLE),
	     "write to gfn %llx, read-only for the host",
	     (unsigned long long)gfn);
	WARN(st->readonly, "write to gfn %llx in a read-only memslot",
	     (unsigned long long)gfn);
	WARN(__atomic_load_n(&st->tracked[rel], __ATOMIC_ACQUIRE) == 2,
	     "write to gfn %llx, which somebody write-protects",
	     (unsigned long long)gfn);
	__atomic_store_n(&pfn_to_page(pfn)->wrote, true, __ATOMIC_RELEASE);
	oracle_wrote(st, gfn);
}

/* Aging. Stamps are a clock of touches; only fibers are judged. */
static u64 stamp_next(void)
{
	return __atomic_add_fetch(&stamp, 1, __ATOMIC_RELAXED);
}

static void region_touch(struct vm_slot_state *st, gfn_t gfn)
{
	notes_of(st)->region_touched[gfn >> 9 & 3] = stamp;
}

void oracle_touch(struct vm *vm, int as_id, gfn_t gfn, bool whole_region)
{
	struct vm_slot_state *st = slot_state_of(vm, as_id, gfn);

	if (task_mode == TASK_THREADS || !st)
		return;
	notes_of(st)->touched[gfn - st->base_gfn] = stamp_next();
	/* A fault may map a huge page, whose one bit speaks for all. */
	if (whole_region && vm->host.huge[(st->host_first +
	    (unsigned long)(gfn - st->base_gfn)) / HOST_REGION])
		region_touch(st, gfn);
}

void oracle_fill(struct kvm_vcpu *vcpu, gfn_t gfn, const struct hw_tlb *t)
{
	struct vm *vm = vm_of(vcpu->kvm);
	int as_id = vcpu->arch.mmu->root_role.smm;
	struct vm_slot_state *st;
	struct notes *n;

	if (task_mode == TASK_THREADS)
		return;
	oracle_touch(vm, as_id, gfn, false);
	st = slot_state_of(vm, as_id, gfn);
	if (!st)
		return;
	if (t->level > PG_LEVEL_4K) {
		region_touch(st, gfn);
		return;
	}
	n = notes_of(st);
	n->young[gfn - st->base_gfn] = true;
	n->filled[gfn - st->base_gfn] = stamp;
}

/* All slots that show host page @idx; NULL entries do not. */
static void slots_of(struct vm *vm, unsigned long idx,
		     struct vm_slot_state *out[2 * VM_SLOTS])
{
	struct vm_slot_state *st;
	int i;

	for (i = 0; i < 2 * VM_SLOTS; i++) {
		st = &vm->st[i / VM_SLOTS][i % VM_SLOTS];
		out[i] = st->vm && idx >= st->host_first &&
			 idx < st->host_first + st->npages ? st : NULL;
	}
}

/*
 * Somebody knows now that the page is young. If it was mapped huge, that was
 * all there was to say about the whole region.
 */
static void told_of_page(struct vm_slot_state *st, unsigned long rel)
{
	struct notes *n = notes_of(st);
	unsigned long idx = st->host_first + rel, first, end;

	n->young[rel] = false;
	if (!page_is_of_block(st->vm->host.pte[idx] >> PAGE_SHIFT))
		return;
	first = idx - idx % HOST_REGION;
	end = min(first + HOST_REGION, st->host_first + st->npages);
	for (first = max(first, st->host_first); first < end; first++)
		n->young[first - st->host_first] = false;
}

void oracle_accessed(unsigned long pfn)
{
	struct vm_slot_state *st[2 * VM_SLOTS];
	unsigned long idx = pfn_to_page(pfn)->index;
	int i;

	if (task_mode == TASK_THREADS)
		return;
	slots_of(the_vm, idx, st);
	for (i = 0; i < 2 * VM_SLOTS; i++)
		if (st[i])
			told_of_page(st[i], idx - st[i]->host_first);
}

/* Did anybody touch the range later than @since, or than its last aging? */
static bool touched_since(const struct oracle_age *a, u64 since)
{
	const struct vm_slot_state *st = a->st;
	struct notes *n = notes_of(st);
	unsigned long i;
	u64 after;
	gfn_t gfn;

	for (i = a->rel; i < a->rel + a->nr; i++) {
		gfn = st->base_gfn + i;
		after = since ? since : n->aged[i];
		if (n->touched[i] > after ||
		    n->region_touched[gfn >> 9 & 3] > after)
			return true;
	}
	return false;
}

void oracle_age_begin(struct oracle_age *a, struct kvm_gfn_range *r)
{
	struct notes *n;
	unsigned long i;

	memset(a, 0, sizeof(*a));
	if (task_mode == TASK_THREADS)
		return;
	a->st = r->slot->state;
	a->rel = (unsigned long)(r->start - r->slot->base_gfn);
	a->nr = (unsigned long)(r->end - r->start);
	a->stamp = stamp_next();
	n = notes_of(a->st);
	n->aging++;
	a->old = !touched_since(a, 0);
	for (i = 0; i < a->nr && i < 64; i++)
		if (n->young[a->rel + i])
			a->expect |= BIT_ULL(i);
}

static void say_old_is_wrong(struct vm_slot_state *st, unsigned long rel)
{
	complain(__FILE__, __LINE__,
		 "gfn %llx was accessed, aging called it old",
		 (unsigned long long)(st->base_gfn + rel));
}

/*
 * Without mmu_lock aging may meet a zap that has taken A and not yet told
 * the host: judged when nothing runs any more.
 */
static void called_old(struct vm_slot_state *st, unsigned long rel)
{
	struct notes *n = notes_of(st);
	if (!n->young[rel])
		return;
	if (FACE_AGE_LOCKED)
		say_old_is_wrong(st, rel);
	n->suspect[rel] = n->filled[rel];
}

void oracle_age_settle(struct vm_slot_state *st)
{
	struct notes *n = notes_of(st);
	unsigned long i;

	for (i = 0; i < st->npages; i++) {
		if (n->suspect[i] && n->young[i] &&
		    n->suspect[i] == n->filled[i])
			say_old_is_wrong(st, i);
		n->suspect[i] = 0;
	}
}

void oracle_age_end(struct oracle_age *a, bool clears, bool young)
{
	struct vm_slot_state *st = a->st;
	unsigned long i;
	struct notes *n;

	if (!st)
		return;
	n = notes_of(st);
	n->aging--;
	oracle_checks++;
	/*
	 * Without mmu_lock aging may lose the race with a split or a rebuilt
	 * huge leaf, which then is young once more: slot 0 can have them.
	 */
	WARN(young && a->old && (FACE_AGE_LOCKED || st->id) &&
	     !touched_since(a, a->stamp),
	     "gfn %llx +%lu called young, nobody touched it",
	     (unsigned long long)(st->base_gfn + a->rel), a->nr);
	for (i = 0; i < a->nr && i < 64 && !young; i++)
		if (a->expect & BIT_ULL(i))
			called_old(st, a->rel + i);
	for (i = 0; i < a->nr && young && clears; i++) {
		n->aged[a->rel + i] = a->stamp;
		told_of_page(st, a->rel + i);
	}
}

void oracle_merge_begin(struct vm_slot_state *st)
{
	__atomic_add_fetch(&notes_of(st)->aging, 1, __ATOMIC_RELAXED);
}

void oracle_merge_end(struct vm_slot_state *st)
{
	struct notes *n = notes_of(st);
	int i;

	/* One young page makes all that are mapped with it young. */
	for (i = 0; i < 4 && task_mode != TASK_THREADS; i++)
		n->region_touched[i] = stamp_next();
	__atomic_sub_fetch(&n->aging, 1, __ATOMIC_RELAXED);
}

void oracle_wrote(struct vm_slot_state *st, gfn_t gfn)
{
	__atomic_add_fetch(&notes_of(st)->writes[gfn - st->base_gfn], 1,
			   __ATOMIC_SEQ_CST);
}

u32 oracle_copied(const struct vm_slot_state *st, unsigned long rel)
{
	return notes_of(st)->copied[rel];
}

/* The dirty log: user space copies what a harvest reports. */
static void copy_page(struct vm_slot_state *st, unsigned long rel)
{
	struct notes *n = notes_of(st);
	n->copied[rel] = __atomic_load_n(&n->writes[rel], __ATOMIC_SEQ_CST);
}

void oracle_log_off(struct vm_slot_state *st)
{
	notes_of(st)->logged = false;
}

void oracle_log_on(struct vm_slot_state *st)
{
	struct notes *n = notes_of(st);
	unsigned long i;

	for (i = 0; i < st->npages; i++)
		copy_page(st, i);
	memset(n->late, 0, sizeof(n->late));
	n->logged = true;
}

/*
 * A write may be reported late, by the next harvest, while a vCPU is on its
 * way: it may have put a leaf in and not yet marked the log. With all vCPUs
 * out of the guest and its faults, as in the last round of a migration, no
 * harvest may be late.
 */
void oracle_log_before_get(struct vm_slot_state *st)
{
	struct notes *n = notes_of(st);
	unsigned long i;

	for (i = 0; n->logged && i < st->npages; i++)
		n->at_get[i] = __atomic_load_n(&n->writes[i], __ATOMIC_SEQ_CST);
	/* After: whoever has stopped by now has marked what was counted. */
	n->may_be_late = task_vcpus_run();
}

void oracle_log_got(struct vm_slot_state *st, const unsigned long *bitmap,
		    bool rearmed)
{
	struct notes *n = notes_of(st);
	unsigned long i;

	if (!n->logged)
		return;
	for (i = 0; i < st->npages; i++) {
		__atomic_add_fetch(&oracle_checks, 1, __ATOMIC_RELAXED);
		if (!test_bit((long)i, bitmap) && n->may_be_late &&
		    n->copied[i] < n->at_get[i] && !n->late[i]) {
			n->late[i] = true;
			continue;
		}
		n->late[i] = false;
		if (!test_bit((long)i, bitmap))
			WARN(n->copied[i] < n->at_get[i],
			     "lost write: gfn %llx at version %u, copy has %u",
			     (unsigned long long)(st->base_gfn + i),
			     n->at_get[i], n->copied[i]);
		else if (rearmed)
			copy_page(st, i);
	}
}

void oracle_log_cleared(struct vm_slot_state *st, unsigned long first,
			unsigned long mask)
{
	unsigned long i;

	for (i = 0; notes_of(st)->logged && i < 64 && first + i < st->npages; i++)
		if (mask & BIT(i))
			copy_page(st, first + i);
}

static void check_told(struct vm *vm, unsigned long idx)
{
	struct vm_slot_state *st[2 * VM_SLOTS];
	int i;

	slots_of(vm, idx, st);
	for (i = 0; i < 2 * VM_SLOTS; i++)
		WARN(st[i] && !notes_of(st[i])->aging &&
			     notes_of(st[i])->young[idx - st[i]->host_first],
		     "host page %lx: accessed, but the host was not told", idx);
}

/*
 * A part of a huge page of the host is not judged: until the host splits it,
 * under an invalidation of all of it, a fault beside the part may map it all.
 */
static bool part_of_huge(const struct vm *vm, unsigned long idx,
			 unsigned long first, unsigned long nr)
{
	unsigned long start = idx - idx % HOST_REGION;

	return READ_ONCE(vm->host.huge[idx / HOST_REGION]) &&
	       (first > start || first + nr < start + HOST_REGION);
}

void oracle_unmapped(struct vm *vm, unsigned long first, unsigned long nr)
{
	struct page *p;
	unsigned long i;
	u64 pte;

	for (i = first; i < first + nr; i++) {
		pte = vm->host.pte[i];
		if (!(pte & HPTE_PRESENT) || part_of_huge(vm, i, first, nr))
			continue;
		p = pfn_to_page(pte >> PAGE_SHIFT);
		WARN(__atomic_load_n(&p->wrote, __ATOMIC_ACQUIRE) &&
		     !host_page_dirty(p),
		     "host page %lx: the guest wrote, but it is not dirty", i);
		if (task_mode != TASK_THREADS)
			check_told(vm, i);
	}
}

void oracle_gone(void)
{
	WARN(mem_stats.tables, "%ld page tables leaked", mem_stats.tables);
	WARN(mmu_page_header_cache->live, "%ld page headers leaked",
	     mmu_page_header_cache->live);
	WARN(mem_stats.objects, "%ld objects leaked", mem_stats.objects);
}
