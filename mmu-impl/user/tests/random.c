// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random schedules: machines live, are hammered, and die.
 *
 * Question: does any rule of the oracle break under a random mix of guest
 * accesses and everything the host may do at the same time?
 * Method: episodes; each makes a VM of a random configuration, runs vCPU and
 * host tasks under the random scheduler (or as threads), looks at the tables
 * in a quiet moment, goes on, and destroys the VM.  Most operations hit a
 * small window of pages so that they meet.  An operation is one guest
 * access or one host call.
 * Cannot tell: schedules that need more than a few switches at exact places;
 * inter.c enumerates those.
 */
#include "judge/oracle.h"
#include "kvm/agents.h"
#include "kvm/dirtylog.h"
#include "kvm/notify.h"
#include "kvm/shadow.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "sim/witness.h"
#include "tests/tests.h"

#define HOT_PAGES 20

static u64 ops_done;

static void count_ops(u64 n)
{
	__atomic_add_fetch(&ops_done, n, __ATOMIC_RELAXED);
}

static gfn_t pick_gfn(struct vm *vm)
{
	u64 r = task_rand_below(100);

	if (r < 70)
		return 504 + vm->hot + task_rand_below(HOT_PAGES);
	if (r < 82)
		return 504 + task_rand_below(1048);
	if (r < 88)
		return 4196 + task_rand_below(40);
	if (r < 93)
		return 4250 + task_rand_below(24);
	if (r < 97)
		return 262149 + task_rand_below(16);
	return 3000 + task_rand_below(3);
}

static enum hw_kind pick_kind(void)
{
	u64 r = task_rand_below(20);

	return r < 8 ? HW_READ : r < 17 ? HW_WRITE : r < 19 ? HW_EXEC : HW_PEEK;
}

static void vcpu_step(struct kvm_vcpu *vcpu)
{
	struct vm *vm = vm_of(vcpu->kvm);
	enum hw_kind kinds[8];
	gfn_t gfns[8];
	int i, n = 1 + (int)task_rand_below(8);
	u64 r = task_rand_below(200);

	if (r == 0)
		vcpu_switch_root(vcpu, task_one_in(3), task_one_in(4));
	else if (r == 1)
		vcpu_unload(vcpu);
	else if (r < 5)
		vcpu_prefault(vcpu, pick_gfn(vm), task_one_in(2));
	else if (r < 40 && vm->cfg.rmaps)
		shadow_write(vcpu, pick_gfn(vm));
	for (i = 0; i < n; i++) {
		gfns[i] = pick_gfn(vm);
		kinds[i] = pick_kind();
	}
	vcpu_run(vcpu, gfns, kinds, n);
	count_ops((u64)n);
}

static void vcpu_task(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	struct vm *vm = vm_of(vcpu->kvm);
	u64 i;

	for (i = 0; i < vm->ops_per_task; i++) {
		vcpu_step(vcpu);
		locks_assert_none("after guest accesses");
	}
}

static unsigned long pick_range(struct vm *vm, unsigned long max,
				unsigned long *nr)
{
	unsigned long first;

	*nr = 1 + task_rand_below(max);
	if (task_one_in(6))
		first = 2050 + task_rand_below(60);
	else if (task_one_in(6))
		first = 504 + task_rand_below(1048 - max);
	else
		first = 504 + vm->hot + task_rand_below(HOT_PAGES);
	return first;
}

static void host_step(struct vm *vm, u64 r)
{
	unsigned long nr, first = pick_range(vm, 12, &nr);

	/* Calm phases keep huge pages long enough to be split and rebuilt. */
	if (vm->calm && r < 309 && first < 2048) {
		if (r < 290)
			return;
		r = r < 303 ? 290 : 306;
	}
	oracle_note("host %llu on %lx +%lu", r, first, nr);
	if (r < 70)
		host_discard(vm, first, nr);
	else if (r < 130)
		host_replace(vm, first, nr);
	else if (r < 190)
		host_protect(vm, first, nr, false);
	else if (r < 205)
		host_protect(vm, first, nr, true);
	else if (r < 245)
		host_unprotect(vm, first, nr);
	else if (r < 290)
		host_clean(vm, first, nr);
	else if (r < 300)
		host_make_huge(vm, 1 + task_rand_below(2));
	else if (r < 306)
		host_break_huge(vm, 1 + task_rand_below(2));
	else if (r < 309)
		host_discard(vm, 512 * (1 + task_rand_below(2)), 512);
	else
		host_age(vm, first, nr, (int)task_rand_below(3));
}

static void log_step(struct vm *vm, u64 r)
{
	int as_id = task_one_in(5), id = task_one_in(4) ? 1 : 0;
	unsigned long nr, first;

	if (id && !as_id && task_one_in(2))
		id = 2;
	oracle_note("log %llu on slot %d:%d", r, as_id, id);
	if (r < (vm->calm ? 200 : 40))
		slot_set_log(vm, as_id, id, task_one_in(2));
	else if (r < 300 || !vm->cfg.manual_protect)
		log_get(vm, as_id, id);
	else {
		nr = id ? 40 : 1048;
		first = task_rand_below(nr) & ~63UL;
		log_clear(vm, as_id, id, first,
			  64 * (1 + task_rand_below(4)));
	}
}

static void kvm_step(struct vm *vm, u64 r)
{
	int as_id = task_one_in(4);
	gfn_t gfn = pick_gfn(vm);
	int id;

	oracle_note("kvm %llu on %d:%llx", r, as_id, gfn);
	if (r < 30)
		agent_zap_gfn_range(vm, gfn, gfn + 1 + task_rand_below(40));
	else if (r < 70)
		agent_write_protect(vm, as_id, gfn);
	else if (r < 90)
		agent_recover_nx(vm);
	else if (r < 97)
		agent_split(vm, as_id, 0);
	else if (r < 99) {
		mutex_lock(&vm->kvm.slots_lock);
		vm_zap_all_fast(vm);
		mutex_unlock(&vm->kvm.slots_lock);
	} else {
		id = (int)task_rand_below(as_id ? 2 : VM_SLOTS);
		slot_delete(vm, as_id, id);
		if (task_one_in(3))
			slot_create_logged(vm, as_id, id);
		else
			slot_create(vm, as_id, id);
	}
}

static void agent_task(void *arg)
{
	struct vm *vm = arg;
	u64 i, r;

	for (i = 0; i < vm->ops_per_task; i++) {
		r = task_rand_below(100);
		if (r < 75)
			host_step(vm, task_rand_below(600));
		else if (r < 88)
			log_step(vm, task_rand_below(600));
		else
			kvm_step(vm, task_rand_below(100));
		locks_assert_none("after a host call");
		count_ops(1);
	}
}

static bool flip(u64 one_in)
{
	return task_one_in(one_in);
}

static struct vm_config random_config(const struct test_args *a)
{
	struct vm_config c = { .mode = a->mode };

	c.pml = a->mode == HW_EPT_AD && flip(2) && a->log != LOG_BY_D;
	c.nx = flip(3);
	c.eager_split = flip(2);
	c.manual_protect = flip(2);
	c.init_set = c.manual_protect && flip(2);
	c.precise_zap = flip(3);
	c.dbit = flip(2);
	if (a->log != LOG_ANY)
		c.dbit = a->log == LOG_BY_D;
	c.no_around = flip(3);
	c.no_recover = flip(3);
	c.no_restore = flip(3);
	c.recover_batch = flip(2) ? 1 : 0;
	c.rmaps = flip(4);
	c.fail_one_in = flip(3) ? 20 + (unsigned int)task_rand_below(200) : 0;
	return c;
}

static void populate_slots(struct vm *vm)
{
	int id;

	for (id = 0; id < VM_SLOTS; id++)
		slot_create(vm, 0, id);
	for (id = 0; id < 2; id++)
		slot_create(vm, 1, id);
}

static void run_phase(struct vm *vm, const struct test_args *a, u64 seed,
		      int agents)
{
	static const char *const names[] = { "vcpu0", "vcpu1", "vcpu2" };
	int i;

	tasks_begin(a->threads ? TASK_THREADS : TASK_RANDOM, seed);
	for (i = 0; i < vm->nr_vcpus; i++)
		task_add(names[i], vcpu_task, &vm->vcpu[i]);
	for (i = 0; i < agents; i++)
		task_add("agent", agent_task, vm);
	tasks_run();
	rcu_reap();
	oracle_quiet(vm);
	/* With nobody writing a harvest may not be late. */
	for (i = 0; i < 4; i++)
		log_get(vm, i / 2, i % 2);
	log_get(vm, 0, 2);
}

static void episode(const struct test_args *a, u64 seed)
{
	static struct vm vm;
	struct vm_config cfg;
	int phases, i;

	tasks_begin(TASK_RANDOM, seed);
	oracle_seed = seed;
	cfg = random_config(a);
	vm_setup(&vm, &cfg, 1 + (int)task_rand_below(VM_VCPUS));
	populate_slots(&vm);
	phases = 1 + (int)task_rand_below(3);
	for (i = 0; i < phases; i++) {
		vm.calm = task_one_in(3);
		vm.ops_per_task = 30 + task_rand_below(400);
		vm.hot = task_rand_below(3) * 512 +
			 (task_one_in(2) ? 0 : task_rand_below(500));
		if (vm.hot > 1048 - HOT_PAGES)
			vm.hot = 1048 - HOT_PAGES;
		run_phase(&vm, a, seed + (u64)i + 1,
			  1 + (int)task_rand_below(2));
	}
	vm_destroy(&vm);
}

int test_random(const struct test_args *a)
{
	u64 seed = a->seed, episodes = 0;

	oracle_phase = a->threads ? "random threads" : "random schedules";
	vm_set_mode(a->mode);
	while (ops_done < a->ops) {
		episode(a, seed);
		seed += 1000;
		episodes++;
	}
	printf("# %s: %llu operations, %llu episodes, %llu checks\n",
	       oracle_phase, (unsigned long long)ops_done,
	       (unsigned long long)episodes, (unsigned long long)oracle_checks);
	return 0;
}
