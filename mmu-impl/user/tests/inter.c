// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded interleavings of two operations.
 *
 * Question: is there a place, inside one operation, where another one may not
 * run?
 * Method: for each pair of operations (guest accesses, aging, logging, zaps,
 * splits, ...) and each starting state, the first runs for k marked accesses,
 * then the second for m, then both to their end; all k and m are tried (--ops
 * is the most switches).  Afterwards a last harvest and an unmap judge what
 * is left, and the tables are walked.
 * Cannot tell: what needs three operations or more switches; random.c does.
 */
#include "judge/oracle.h"
#include "kvm/agents.h"
#include "kvm/dirtylog.h"
#include "kvm/notify.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "tests/tests.h"

#define PAGE_X 515UL /* in the first whole region */
#define PAGE_Y 517UL

struct inter_op {
	const char *name;
	void (*run)(void *vm);
};

static void guest(struct vm *vm, int cpu, gfn_t gfn, enum hw_kind kind)
{
	vcpu_run(&vm->vcpu[cpu], &gfn, &kind, 1);
}

static void op_write_x(void *vm) { guest(vm, 0, PAGE_X, HW_WRITE); }
static void op_write_y(void *vm) { guest(vm, 0, PAGE_Y, HW_WRITE); }
static void op_read_x(void *vm) { guest(vm, 0, PAGE_X, HW_READ); }
static void op_exec_x(void *vm) { guest(vm, 0, PAGE_X, HW_EXEC); }
static void op_write_x2(void *vm) { guest(vm, 1, PAGE_X, HW_WRITE); }
static void op_read_y2(void *vm) { guest(vm, 1, PAGE_Y, HW_READ); }
static void op_age(void *vm) { host_age(vm, PAGE_X, 1, 0); }
static void op_age_flush(void *vm) { host_age(vm, PAGE_X, 3, 1); }
static void op_discard(void *vm) { host_discard(vm, PAGE_X, 1); }
static void op_replace(void *vm) { host_replace(vm, PAGE_X, 3); }
static void op_protect(void *vm) { host_protect(vm, PAGE_X, 1, false); }
static void op_clean(void *vm) { host_clean(vm, PAGE_X, 1); }
static void op_log_get(void *vm) { log_get(vm, 0, 0); }
static void op_log_on(void *vm) { slot_set_log(vm, 0, 0, true); }
static void op_log_off(void *vm) { slot_set_log(vm, 0, 0, false); }
static void op_split(void *vm) { agent_split(vm, 0, 0); }
static void op_track(void *vm) { agent_write_protect(vm, 0, PAGE_X); }
static void op_zap_range(void *vm) { agent_zap_gfn_range(vm, 512, 520); }
static void op_recover_nx(void *vm) { agent_recover_nx(vm); }

static void op_prefault(void *arg)
{
	struct vm *vm = arg;

	vcpu_prefault(&vm->vcpu[1], PAGE_X, true);
}

/* A write that sets D, for its TLB has lost the leaf; then a split of that. */
static void op_write_split(void *arg)
{
	struct vm *vm = arg;

	hw_flush(vm->vcpu[1].hw);
	guest(vm, 1, PAGE_Y, HW_WRITE);
	vcpu_prefault(&vm->vcpu[1], PAGE_X, true);
}

static void op_zap_all(void *arg)
{
	struct vm *vm = arg;

	mutex_lock(&vm->kvm.slots_lock);
	vm_zap_all_fast(vm);
	mutex_unlock(&vm->kvm.slots_lock);
}

/* The guest's side first: it is what the others must not harm. */
static const struct inter_op firsts[] = {
	{ "write", op_write_x }, { "write-y", op_write_y },
	{ "read", op_read_x }, { "exec", op_exec_x },
	{ "age", op_age }, { "log-get", op_log_get },
	{ "log-off", op_log_off }, { "split", op_split },
	{ "discard", op_discard }, { "recover-nx", op_recover_nx },
	{ "log-on", op_log_on },
};

static const struct inter_op seconds[] = {
	{ "write2", op_write_x2 }, { "read2", op_read_y2 },
	{ "age", op_age }, { "age-flush", op_age_flush },
	{ "discard", op_discard }, { "replace", op_replace },
	{ "protect", op_protect }, { "clean", op_clean },
	{ "log-get", op_log_get }, { "log-on", op_log_on },
	{ "log-off", op_log_off }, { "split", op_split },
	{ "track", op_track }, { "zap-range", op_zap_range },
	{ "prefault", op_prefault }, { "zap-all", op_zap_all },
	{ "recover-nx", op_recover_nx }, { "write-split", op_write_split },
};

enum start { START_EMPTY, START_SMALL, START_LOGGED, START_HUGE,
	     START_REARMED, STARTS };
static const char *const start_names[STARTS] = {
	"empty", "small", "logged", "huge", "rearmed"
};

static void prepare(struct vm *vm, enum start start)
{
	int id;

	for (id = 0; id < VM_SLOTS; id++)
		slot_create(vm, 0, id);
	if (start == START_EMPTY)
		return;
	if (start == START_HUGE || start == START_REARMED)
		host_make_huge(vm, 1);
	if (start == START_LOGGED || start == START_REARMED)
		slot_set_log(vm, 0, 0, true);
	guest(vm, 0, PAGE_X, HW_WRITE);
	guest(vm, 0, PAGE_Y, HW_READ);
	guest(vm, 1, PAGE_X, HW_READ);
	if (start == START_REARMED) {
		log_get(vm, 0, 0);
		log_get(vm, 0, 0);
		guest(vm, 0, PAGE_X, HW_READ);
		guest(vm, 1, PAGE_X, HW_READ);
	}
}

static void judge(struct vm *vm)
{
	rcu_reap();
	oracle_quiet(vm);
	log_get(vm, 0, 0);
	guest(vm, 0, PAGE_X, HW_WRITE);
	guest(vm, 1, PAGE_Y, HW_READ);
	log_get(vm, 0, 0);
	host_discard(vm, PAGE_X, 3);
	oracle_quiet(vm);
}

/* One run; returns how many script entries were begun. */
static int run_one(const struct test_args *a, const struct vm_config *cfg,
		   enum start start, const struct inter_op *x,
		   const struct inter_op *y, const long *script, int n)
{
	static struct vm vm;
	int used;

	tasks_begin(TASK_SCRIPT, a->seed);
	vm_setup(&vm, cfg, 2);
	prepare(&vm, start);
	task_add(x->name, x->run, &vm);
	task_add(y->name, y->run, &vm);
	tasks_script(script, n);
	tasks_run();
	used = tasks_script_used();
	judge(&vm);
	vm_destroy(&vm);
	return used;
}

static u64 runs;

static void all_switches(const struct test_args *a, const struct vm_config *cfg,
			 enum start start, const struct inter_op *x,
			 const struct inter_op *y)
{
	long script[TASK_SCRIPT_MAX] = { 0 };
	long step = 1;
	int used;

	for (script[0] = 0;; script[0] += step) {
		used = run_one(a, cfg, start, x, y, script, 1);
		runs++;
		if (used < 1 || task_script_ended())
			break;
		/* Long scans: later places are alike, look at fewer. */
		step = 1 + script[0] / 64;
		if (a->ops < 2)
			continue;
		for (script[1] = 0; script[1] < 400;
		     script[1] += 1 + script[1] / (a->ops > 2 ? 16 : 4)) {
			used = run_one(a, cfg, start, x, y, script, 2);
			runs++;
			if (used < 2 || task_script_ended())
				break;
		}
	}
}

static void one_config(const struct test_args *a, const struct vm_config *cfg)
{
	static char phase[96];
	size_t i, j;
	int s;

	for (s = 0; s < STARTS; s++)
		for (i = 0; i < ARRAY_SIZE(firsts); i++)
			for (j = 0; j < ARRAY_SIZE(seconds); j++) {
				snprintf(phase, sizeof(phase),
					 "interleaving %s|%s from %s, dbit %d nx %d",
					 firsts[i].name, seconds[j].name,
					 start_names[s], cfg->dbit, cfg->nx);
				oracle_phase = phase;
				all_switches(a, cfg, (enum start)s, &firsts[i],
					     &seconds[j]);
			}
}

int test_inter(const struct test_args *a)
{
	struct vm_config cfg = { .mode = a->mode, .eager_split = true };

	vm_set_mode(a->mode);
	one_config(a, &cfg);
	cfg.dbit = true;
	cfg.no_around = true;
	cfg.nx = true;
	if (hw_has_ad())
		one_config(a, &cfg);
	cfg.dbit = false;
	cfg.pml = true;
	cfg.nx = false;
	cfg.eager_split = false;
	if (a->mode == HW_EPT_AD)
		one_config(a, &cfg);
	printf("# interleavings: %llu schedules\n", runs);
	return 0;
}
