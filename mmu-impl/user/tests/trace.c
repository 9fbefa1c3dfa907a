// SPDX-License-Identifier: GPL-2.0-only
/*
 * One call after the other, everything it answers printed.
 *
 * Question: does our engine, with its extras off, do what the stock
 * engine does?
 * Method: run-tests runs this with both engines, same seed, and compares the
 * output: per call its answer and a digest of every leaf (rights, A, D,
 * tracked, software bits), the statistics, and the harvest's bitmap.
 * Cannot tell: anything concurrent; flushes, which our engine may leave
 * out or put together.
 */
#include "judge/oracle.h"
#include "kvm/agents.h"
#include "kvm/dirtylog.h"
#include "kvm/notify.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "tests/tests.h"

static u64 digest;
static u64 leaves;

static void mix(u64 v)
{
	digest = (digest ^ v) * 0x100000001b3ULL;
	digest ^= digest >> 29;
}

/* Frames are numbered by chance of allocation; the host page is not. */
static void mix_table(struct vm *vm, u64 *table, int level, gfn_t base)
{
	gfn_t gfn;
	u64 s;
	int i;

	for (i = 0; i < 512; i++) {
		s = table[i];
		gfn = base + (gfn_t)i * KVM_PAGES_PER_HPAGE(level);
		if (!seam_present(s)) {
			if (s != BIT_ULL(63))
				mix(s ^ gfn);
			continue;
		}
		mix(gfn << 4 | (u64)level);
		if (!seam_leaf(s, level)) {
			mix_table(vm, seam_child(s)->spt, level - 1, gfn);
			continue;
		}
		leaves++;
		if (oracle_verbose)
			printf("  gfn %llx level %d: %llx\n", gfn, level, s);
		/*
		 * Where a fetch splits a huge page our engine sets D in
		 * the page it maps anew, stock keeps what it was.
		 */
		if (vm->cfg.nx)
			s &= ~shadow_dirty_mask;
		mix(s & ~GENMASK_ULL(51, 12));
		mix(pfn_to_page((s & GENMASK_ULL(51, 12)) >>
				PAGE_SHIFT)->index);
	}
}

static void print_state(struct vm *vm, u64 n, const char *what, u64 answer)
{
	struct kvm_mmu_page *root;
	struct kvm_vcpu *v = &vm->vcpu[0];
	int i;

	digest = 0xcbf29ce484222325ULL;
	leaves = 0;
	if (VALID_PAGE(v->arch.mmu->root.hpa)) {
		root = seam_root(v->arch.mmu->root.hpa);
		mix_table(vm, root->spt, root->role.level, 0);
	}
	for (i = 0; i < KVM_NR_PAGE_SIZES; i++)
		mix((u64)atomic64_read(&vm->kvm.stat.pages[i]));
	mix((u64)atomic64_read(&vm->kvm.arch.tdp_mmu_pages));
	printf("%llu %s: %llx, leaves %llu, fast %llu, %016llx\n", n, what,
	       answer, leaves, v->stat.pf_fast, digest);
}

static u64 bitmap_answer(struct vm *vm, int id)
{
	u64 sum = 0;
	unsigned long i;

	/* What the copy has is what was reported. */
	for (i = 0; i < vm->st[0][id].npages; i++)
		sum = sum * 31 + oracle_copied(&vm->st[0][id], i);
	return sum;
}

static u64 step_host(struct vm *vm, unsigned long first, unsigned long nr,
		     u64 r)
{
	if (r < 4)
		host_discard(vm, first, nr);
	else if (r < 6)
		host_replace(vm, first, nr);
	else if (r < 8)
		host_protect(vm, first, nr, false);
	else if (r < 9)
		host_clean(vm, first, nr);
	else if (r < 10)
		host_make_huge(vm, 1 + task_rand_below(2));
	else
		return host_age(vm, first, nr, (int)task_rand_below(3));
	return 0;
}

static u64 step_kvm(struct vm *vm, gfn_t gfn, u64 r)
{
	if (r < 2)
		agent_zap_gfn_range(vm, gfn, gfn + 9);
	else if (r < 4)
		agent_write_protect(vm, 0, gfn);
	else if (r < 5)
		agent_recover_nx(vm);
	else if (r < 6)
		agent_split(vm, 0, 0);
	else if (r < 9)
		return slot_set_log(vm, 0, 0, task_one_in(2));
	else if (log_get(vm, 0, 0))
		return bitmap_answer(vm, 0);
	return 0;
}

static void step(struct vm *vm, u64 n)
{
	gfn_t gfn = 504 + vm->hot + task_rand_below(30);
	enum hw_kind kind = (enum hw_kind)task_rand_below(3);
	u64 r = task_rand_below(40), answer = 0;
	const char *what = "guest";

	if (r < 24) {
		if (oracle_verbose)
			printf("  gfn %llx kind %d\n", gfn, kind);
		vcpu_run(&vm->vcpu[0], &gfn, &kind, 1);
	} else if (r < 25) {
		/* On what is mapped already the engines differ on purpose. */
		what = "prefault";
		vcpu_run(&vm->vcpu[0], &gfn, &kind, 1);
		host_discard(vm, (unsigned long)gfn, 1);
		vcpu_prefault(&vm->vcpu[0], gfn, kind == HW_WRITE);
	} else if (r < 34) {
		what = "host";
		answer = step_host(vm, (unsigned long)gfn,
				   1 + task_rand_below(6), task_rand_below(20));
	} else {
		what = "kvm";
		answer = step_kvm(vm, gfn, task_rand_below(16));
	}
	/* Flushes are not compared: neither engine shall profit from them. */
	hw_flush(vm->vcpu[0].hw);
	print_state(vm, n, what, answer);
}

int test_trace(const struct test_args *a)
{
	struct vm_config cfg = { .mode = a->mode, .no_around = true,
				 .no_recover = true, .no_restore = true };
	static struct vm vm;
	u64 n = 0, seed = a->seed, end;

	oracle_phase = "trace";
	vm_set_mode(a->mode);
	while (n < a->ops / 10) {
		tasks_begin(TASK_RANDOM, seed++);
		cfg.eager_split = task_one_in(2);
		cfg.nx = task_one_in(2);
		cfg.pml = a->mode == HW_EPT_AD && task_one_in(2);
		vm_setup(&vm, &cfg, 1);
		vm.hot = task_rand_below(3) * 500;
		slot_create(&vm, 0, 0);
		slot_create(&vm, 0, 1);
		for (end = n + 300; n < end; n++)
			step(&vm, n);
		vm_destroy(&vm);
	}
	return 0;
}
