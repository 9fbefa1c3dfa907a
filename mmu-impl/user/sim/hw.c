// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated processor: page walk, Accessed and Dirty bits, TLB.
 *
 * Question: what may a CPU do with these tables, at worst, between two
 * flushes?
 * Method: translations stay in a TLB and in paging-structure caches until
 * evicted by chance, by the address's own fault, or by a flush; A is set by
 * a locked update before an entry is cached, D by a locked update of a
 * freshly walked leaf before the first write through it; every step is a
 * yield point.  A full PML buffer leaves the guest.
 * Cannot tell: memory types, guest page tables, caches that merge levels.
 */
#include "sim/hw.h"
#include "sim/witness.h"

enum hw_mode hw_mode;

static struct hw_entry decode_npt(u64 e, int level)
{
	struct hw_entry h = { .raw = e };

	h.present = e & BIT_ULL(0);
	h.r = h.present && (e & BIT_ULL(2));
	h.w = h.r && (e & BIT_ULL(1));
	h.x = h.r && !(e & BIT_ULL(63));
	h.a = e & BIT_ULL(5);
	h.d = e & BIT_ULL(6);
	h.large = level > PG_LEVEL_4K && (e & BIT_ULL(7));
	h.rsvd = h.present && (e & GENMASK_ULL(51, 46));
	return h;
}

static struct hw_entry decode_ept(u64 e, int level)
{
	struct hw_entry h = { .raw = e };
	int mt = (int)(e >> 3) & 7;

	h.present = e & 7;
	h.r = e & BIT_ULL(0);
	h.w = e & BIT_ULL(1);
	h.x = e & BIT_ULL(2);
	h.a = hw_mode == HW_EPT_AD && (e & BIT_ULL(8));
	h.d = hw_mode == HW_EPT_AD && (e & BIT_ULL(9));
	h.large = level > PG_LEVEL_4K && (e & BIT_ULL(7));
	h.rsvd = h.present && ((h.w && !h.r) || (e & GENMASK_ULL(51, 46)));
	if (h.present && !h.rsvd && (level == PG_LEVEL_4K || h.large))
		h.rsvd = mt == 2 || mt == 3 || mt == 7;
	else if (h.present && !h.rsvd)
		h.rsvd = e & GENMASK_ULL(6, 3);
	return h;
}

struct hw_entry hw_decode(u64 spte, int level)
{
	struct hw_entry h = hw_mode == HW_NPT ? decode_npt(spte, level) :
						decode_ept(spte, level);

	if (h.large && level > PG_LEVEL_1G)
		h.rsvd = true;
	h.pfn = (spte & GENMASK_ULL(51, 12)) >> PAGE_SHIFT;
	if (h.large) {
		if (h.pfn & (KVM_PAGES_PER_HPAGE(level) - 1))
			h.rsvd = h.present;
	}
	return h;
}

static gfn_t base_of(gfn_t gfn, int level)
{
	return gfn & ~(gfn_t)(KVM_PAGES_PER_HPAGE(level) - 1);
}

void hw_flush(struct hw_cpu *cpu)
{
	memset(cpu->tlb, 0, sizeof(cpu->tlb));
	memset(cpu->psc, 0, sizeof(cpu->psc));
}

void hw_load_root(struct hw_cpu *cpu, hpa_t root, int level, bool ad)
{
	cpu->root = root;
	cpu->root_level = level;
	cpu->ad = ad && hw_has_ad();
}

static struct hw_tlb *tlb_slot(struct hw_cpu *cpu, gfn_t gfn, int level)
{
	if (level == PG_LEVEL_4K)
		return &cpu->tlb[gfn % HW_TLB_4K];
	return &cpu->tlb[HW_TLB_4K +
			 (gfn >> KVM_HPAGE_GFN_SHIFT(level)) % HW_TLB_HUGE];
}

static struct hw_tlb *tlb_find(struct hw_cpu *cpu, gfn_t gfn)
{
	struct hw_tlb *t;
	int level;

	for (level = PG_LEVEL_4K; level <= PG_LEVEL_1G; level++) {
		t = tlb_slot(cpu, gfn, level);
		if (t->valid && t->level == level &&
		    t->base_gfn == base_of(gfn, level))
			return t;
	}
	return NULL;
}

static struct hw_psc *psc_slot(struct hw_cpu *cpu, gfn_t gfn, int level)
{
	return &cpu->psc[level - 1]
			[(gfn >> KVM_HPAGE_GFN_SHIFT(level + 1)) % HW_PSC];
}

/* A fault drops what its own address used, nothing else. */
static void drop_address(struct hw_cpu *cpu, gfn_t gfn)
{
	struct hw_tlb *t = tlb_find(cpu, gfn);
	int level;

	if (t)
		t->valid = false;
	for (level = PG_LEVEL_4K; level < PT64_ROOT_4LEVEL; level++) {
		struct hw_psc *p = psc_slot(cpu, gfn, level);

		if (p->base_gfn == base_of(gfn, level + 1))
			p->valid = false;
	}
}

/* Where the walk starts: the root, or lower by a cached structure. */
static int walk_start(struct hw_cpu *cpu, gfn_t gfn, unsigned long *pfn)
{
	int level;

	for (level = PG_LEVEL_4K; level < cpu->root_level; level++) {
		struct hw_psc *p = psc_slot(cpu, gfn, level);

		if (p->valid && p->base_gfn == base_of(gfn, level + 1)) {
			*pfn = p->pfn;
			return level;
		}
	}
	*pfn = cpu->root >> PAGE_SHIFT;
	return cpu->root_level;
}

static u64 *entry_at(unsigned long table_pfn, gfn_t gfn, int level)
{
	u64 *table;

	if (!mem_table_alive(table_pfn))
		complain(__FILE__, __LINE__,
			 "the CPU walks freed table %lx for gfn %llx level %d",
			 table_pfn, (unsigned long long)gfn, level);
	table = mem_va(table_pfn << PAGE_SHIFT);
	return table + ((gfn >> KVM_HPAGE_GFN_SHIFT(level)) & 511);
}

static u64 bit_a(void)
{
	return hw_mode == HW_NPT ? BIT_ULL(5) : BIT_ULL(8);
}

static u64 bit_d(void)
{
	return hw_mode == HW_NPT ? BIT_ULL(6) : BIT_ULL(9);
}

/* Sets A (and D) by a locked update; false: the entry changed, look again. */
static bool assist(const struct hw_cpu *cpu, u64 *at, struct hw_entry *e,
		   bool leaf, bool write)
{
	u64 want = bit_a() | (leaf && write ? bit_d() : 0);
	u64 old = e->raw;

	if (!cpu->ad || (e->raw & want) == want)
		return true;
	yield_point(at);
	if (!__atomic_compare_exchange_n(at, &old, old | want, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	e->raw |= want;
	e->a = true;
	e->d |= leaf && write;
	return true;
}

static int fault_of(struct hw_fault *f, gfn_t gfn, enum hw_kind kind,
		    bool present, bool rsvd)
{
	f->gfn = gfn;
	f->error_code = PFERR_USER_MASK |
			(kind == HW_WRITE ? PFERR_WRITE_MASK : 0) |
			(kind == HW_EXEC ? PFERR_FETCH_MASK : 0) |
			(rsvd ? PFERR_RSVD_MASK : 0) |
			(present ? PFERR_PRESENT_MASK : 0);
	return 1;
}

static bool allowed(bool r, bool w, bool x, enum hw_kind kind)
{
	return kind == HW_WRITE ? w : kind == HW_EXEC ? x : r;
}

/*
 * Walks to the leaf.  0: @t is a translation good for @kind, with A (and D)
 * set.  Rights narrow on the way down.
 */
static int walk(struct kvm_vcpu *vcpu, gfn_t gfn, enum hw_kind kind,
		struct hw_tlb *t, struct hw_fault *f)
{
	struct hw_cpu *cpu = vcpu->hw;
	bool r = true, w = true, x = true;
	struct hw_entry e;
	unsigned long pfn;
	int level;
	u64 *at;

	level = walk_start(cpu, gfn, &pfn);
	for (;; level--) {
		at = entry_at(pfn, gfn, level);
again:
		yield_point(at);
		e = hw_decode(__atomic_load_n(at, __ATOMIC_ACQUIRE), level);
		if (!e.present || e.rsvd)
			return fault_of(f, gfn, kind, e.rsvd && hw_mode == HW_NPT,
					e.rsvd);
		if (e.large || level == PG_LEVEL_4K)
			break;
		if (!assist(cpu, at, &e, false, false))
			goto again;
		r &= e.r;
		w &= e.w;
		x &= e.x;
		*psc_slot(cpu, gfn, level - 1) = (struct hw_psc){
			true, base_of(gfn, level), e.pfn
		};
		pfn = e.pfn;
	}
	r &= e.r;
	w &= e.w;
	x &= e.x;
	if (kind != HW_PEEK && !allowed(r, w, x, kind))
		return fault_of(f, gfn, kind, true, false);
	if (kind == HW_WRITE && cpu->pml && cpu->ad && !e.d &&
	    cpu->pml_nr == HW_PML_ENTRIES)
		return 2;
	if (kind == HW_WRITE && cpu->pml && cpu->ad && !e.d) {
		u64 before = e.raw;

		if (!assist(cpu, at, &e, true, true))
			goto again;
		if (!(before & bit_d()))
			cpu->pml_buf[cpu->pml_nr++] = gfn;
	} else if (!assist(cpu, at, &e, true, kind == HW_WRITE)) {
		goto again;
	}
	*t = (struct hw_tlb){ true, (u8)level, base_of(gfn, level), e.pfn,
			      r, w, x, e.d };
	cpu->fills++;
	oracle_fill(vcpu, gfn, t);
	return 0;
}

static unsigned long pfn_of(const struct hw_tlb *t, gfn_t gfn)
{
	return t->pfn + (unsigned long)(gfn - t->base_gfn);
}

static bool usable(const struct hw_cpu *cpu, const struct hw_tlb *t,
		   enum hw_kind kind)
{
	if (!allowed(t->r, t->w, t->x, kind))
		return false;
	return kind != HW_WRITE || !cpu->ad || t->d;
}

int hw_access(struct kvm_vcpu *vcpu, gfn_t gfn, enum hw_kind kind,
	      struct hw_fault *fault)
{
	struct hw_cpu *cpu = vcpu->hw;
	struct hw_tlb *t = tlb_find(cpu, gfn), fresh;
	int ret;

	cpu->accesses++;
	if (kind == HW_PEEK && t)
		return 0;
	if (t && !usable(cpu, t, kind) && !allowed(t->r, t->w, t->x, kind) &&
	    task_one_in(4)) {
		/* The cached rights alone may decide. */
		drop_address(cpu, gfn);
		cpu->faults++;
		return fault_of(fault, gfn, kind, true, false);
	}
	if (!t || !usable(cpu, t, kind)) {
		ret = walk(vcpu, gfn, kind, &fresh, fault);
		if (ret) {
			cpu->faults += ret == 1;
			drop_address(cpu, gfn);
			return ret;
		}
		t = tlb_slot(cpu, gfn, fresh.level);
		*t = fresh;
	} else {
		cpu->hits++;
	}
	if (kind == HW_PEEK)
		return 0;
	fresh = *t;
	/* The flush a remote CPU asks for waits until this access is over. */
	yield_point(cpu);
	task_happened(EVENT_ACCESS);
	oracle_access(vcpu, gfn, pfn_of(&fresh, gfn), kind, fresh.level);
	if (task_one_in(16))
		t->valid = false;
	return 0;
}
