// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directed cases: windows and corners that were found open once.
 *
 * Question: is what was repaired still whole?
 * Method: a case is a machine, what happens in it before, up to four tasks, and
 * what must hold after.  Either the first task runs for k accesses, then the
 * others, then its rest, for all k and some seeds; or the tasks wait for each
 * other at events of the model, where the window is known.  A wait gives up when
 * nothing comes: with the window closed the order may be impossible.
 * Cannot tell: windows nobody has thought of; random.c and inter.c look there.
 */
#include "judge/oracle.h"
#include "kvm/agents.h"
#include "kvm/dirtylog.h"
#include "kvm/notify.h"
#include "kvm/shadow.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "log/report.h"
#include "shim/logcalls.h"
#include "tests/tests.h"

#define PAGE_X 515UL /* in the first whole region */
#define SLOT_PAGES 1048UL
#define SEEDS 4UL

#define ON_NPT BIT(HW_NPT)
#define ON_EPT BIT(HW_EPT_AD)
#define ON_NOAD BIT(HW_EPT_NOAD)
#define ON_AD (ON_NPT | ON_EPT)
#define ON_ALL (ON_AD | ON_NOAD)

struct directed {
	const char *name;
	unsigned long modes; /* ON_* */
	struct vm_config cfg;
	void (*prepare)(struct vm *vm);
	struct {
		const char *name;
		void (*run)(void *vm);
	} task[4];
	long most; /* accesses of the first task before it is interrupted */
	void (*event)(enum task_event what);
	bool hurries; /* no walk gives up its lock */
	void (*judge)(struct vm *vm);
};

static void guest(struct vm *vm, gfn_t gfn, enum hw_kind kind)
{
	vcpu_run(&vm->vcpu[0], &gfn, &kind, 1);
}

/* What was written must be in this report; the one after closes the log. */
static void judge_log(struct vm *vm)
{
	log_get(vm, 0, 0);
	log_get(vm, 0, 0);
}

static void task_clear(void *vm) { log_clear(vm, 0, 0, 0, SLOT_PAGES); }
static void task_exec(void *vm) { guest(vm, PAGE_X, HW_EXEC); }

/* Shadow paging alone: the engine has no roots, nor a list of them. */
static void shadow_only(struct vm *vm)
{
	slot_create(vm, 0, 0);
	slot_set_log(vm, 0, 0, true);
	shadow_write(&vm->vcpu[0], PAGE_X);
	log_get(vm, 0, 0);
	shadow_write(&vm->vcpu[0], PAGE_X);
	if (vm->cfg.manual_protect)
		log_clear(vm, 0, 0, 0, SLOT_PAGES);
	shadow_write(&vm->vcpu[0], PAGE_X + 1);
}

/* A log, and nobody has written yet. */
static void logged(struct vm *vm)
{
	slot_create(vm, 0, 0);
	slot_set_log(vm, 0, 0, true);
}

/* One page was written and reported; tables look unused. */
static void logged_page(struct vm *vm)
{
	logged(vm);
	guest(vm, PAGE_X, HW_WRITE);
	log_get(vm, 0, 0);
}

/* The page was written since. */
static void logged_written(struct vm *vm)
{
	logged_page(vm);
	guest(vm, PAGE_X, HW_WRITE);
}

/* A huge page that keeps W until its first CLEAR. */
static void logged_huge(struct vm *vm)
{
	slot_create(vm, 0, 0);
	host_make_huge(vm, 1);
	guest(vm, PAGE_X, HW_WRITE);
	slot_set_log(vm, 0, 0, true);
}

/* The children of a leaf that was split meanwhile must be armed, too. */
static void judge_rearmed(struct vm *vm)
{
	guest(vm, PAGE_X + 1, HW_WRITE);
	judge_log(vm);
}

static void task_first_write(void *vm) { guest(vm, PAGE_X, HW_WRITE); }
static void task_report(void *vm) { log_get(vm, 0, 0); }

/* The page is in that report or in the next, and written once more. */
static void judge_written_again(struct vm *vm)
{
	guest(vm, PAGE_X, HW_WRITE);
	judge_log(vm);
}

static void task_punch(void *arg)
{
	struct vm *vm = arg;

	slot_unmap(vm, vm->kvm.memslots[0]->slot[0]);
}

static void task_create_logged(void *vm) { slot_create_logged(vm, 0, 0); }

static void task_write_zap(void *vm)
{
	guest(vm, PAGE_X, HW_WRITE);
	host_replace(vm, PAGE_X, 1);
}

/*
 * A zap has logged a page and not flushed when GET takes the bit; a write that
 * needs nothing but the TLB comes after the report.
 */
static struct {
	bool harvested, cached, logged, got;
} seen;

static void wait_for(const bool *flag)
{
	int i;

	for (i = 0; i < 200 && !*flag; i++)
		task_relax("another task of the case");
}

static void get_zap_event(enum task_event what)
{
	const char *who = task_current->name;

	if (what == EVENT_READ_UNLOCK && !strcmp(who, "get")) {
		seen.harvested = true;
		wait_for(&seen.logged);
	} else if (what == EVENT_ACCESS && !strcmp(who, "write")) {
		seen.cached = true;
		wait_for(&seen.got);
	} else if (what == EVENT_FLUSH && !strcmp(who, "zap")) {
		seen.logged = true;
		wait_for(&seen.got);
	}
}

static void task_get(void *vm)
{
	log_get(vm, 0, 0);
	seen.got = true;
}

static void task_write(void *vm)
{
	wait_for(&seen.harvested);
	guest(vm, PAGE_X, HW_WRITE);
}

static void task_zap(void *vm)
{
	wait_for(&seen.cached);
	host_replace(vm, PAGE_X, 1);
}

/* Dirty-bit mode, and some memory is shadowed: GET has to arm that. */
static void shared_log(struct vm *vm)
{
	logged_page(vm);
	shadow_write(&vm->vcpu[0], PAGE_X + 1);
	log_get(vm, 0, 0);
	shadow_write(&vm->vcpu[0], PAGE_X + 1);
}

/* The table of two slots is used; the first one's reports must not hide it. */
static void shared_table(struct vm *vm)
{
	slot_create(vm, 0, 1);
	slot_create(vm, 0, 2);
	slot_set_log(vm, 0, 1, true);
	slot_set_log(vm, 0, 2, true);
	guest(vm, 4250, HW_WRITE);
	log_get(vm, 0, 1);
	log_get(vm, 0, 1);
}

static void judge_second(struct vm *vm)
{
	log_get(vm, 0, 2);
	log_get(vm, 0, 2);
}

/* CLEAR of a whole slot, with one bit. */
static void cleared_page(struct vm *vm)
{
	unsigned long bitmap[BITS_TO_LONGS(VM_SLOT_PAGES_MAX)] = { 0 };
	const unsigned long rel = PAGE_X - 504;
	struct kvm_clear_dirty_log log = { .num_pages = SLOT_PAGES,
					   .dirty_bitmap = bitmap };
	int r;

	slot_create(vm, 0, 0);
	host_make_huge(vm, 1);
	host_make_huge(vm, 2);
	guest(vm, PAGE_X, HW_WRITE);
	guest(vm, PAGE_X + 512, HW_WRITE);
	slot_set_log(vm, 0, 0, true);
	set_bit((long)rel, bitmap);
	mutex_lock(&vm->kvm.slots_lock);
	r = mmub_report_clear(&vm->kvm, &log);
	mutex_unlock(&vm->kvm.slots_lock);
	WARN(r, "CLEAR_DIRTY_LOG: %d", r);
}

static void judge_cleared(struct vm *vm)
{
	s64 huge = atomic64_read(&vm->kvm.stat.pages[1]);

	WARN(huge != 1, "CLEAR of one page left %lld of 2 huge pages",
	     (long long)huge);
}

#ifdef MMU_STOCK
#define OWN_CASES
#else
#include "base/stats.h"

static struct mmub_stats before;

/* The answers of the front end, which the stock engine has none of here. */
static void clear_answers(struct vm *vm)
{
	struct kvm_clear_dirty_log log = { .slot = 1, .first_page = 64 };
	int r;

	mutex_lock(&vm->kvm.slots_lock);
	r = mmub_report_clear(&vm->kvm, &log);
	WARN(r != -ENOENT, "CLEAR of a missing slot: %d", r);
	log.first_page = 1;
	r = mmub_report_clear(&vm->kvm, &log);
	WARN(r != -EINVAL, "CLEAR of a page in mid-word: %d", r);
	mutex_unlock(&vm->kvm.slots_lock);
}

static void judge_nothing(struct vm *vm) { (void)vm; }

/* Two huge pages that a log has split; tables look unused. */
static void split_pages(struct vm *vm)
{
	slot_create(vm, 0, 0);
	host_make_huge(vm, 1);
	host_make_huge(vm, 2);
	slot_set_log(vm, 0, 0, true);
	guest(vm, PAGE_X, HW_WRITE);
	guest(vm, PAGE_X + 512, HW_WRITE);
	log_get(vm, 0, 0);
	log_get(vm, 0, 0);
	kvm_flush_remote_tlbs(&vm->kvm);
	mmub_stats_read(&before);
}

/* The page that the rebuilt leaf is modelled on is old, another is young. */
static void half_young(struct vm *vm)
{
	slot_create(vm, 0, 0);
	host_make_huge(vm, 1);
	slot_set_log(vm, 0, 0, true);
	guest(vm, PAGE_X, HW_WRITE);
	host_age(vm, PAGE_X, 1, 0);
	guest(vm, PAGE_X + 2, HW_READ);
	slot_set_log(vm, 0, 0, false);
}

static void judge_huge(struct vm *vm)
{
	WARN(atomic64_read(&vm->kvm.stat.pages[1]) != 1, "no huge page");
}

static void judge_young(struct vm *vm)
{
	judge_huge(vm);
	WARN(!host_age(vm, PAGE_X + 2, 1, 2), "the rebuilt page is old");
}

static void task_protect(void *vm) { agent_shadow(vm, 0, PAGE_X + 1); }
static void task_use(void *vm) { guest(vm, PAGE_X + 1, HW_WRITE); }
static void task_log_off(void *vm) { slot_set_log(vm, 0, 0, false); }
static void task_read(void *vm) { guest(vm, PAGE_X, HW_READ); }

static void judge_merged(struct vm *vm)
{
	struct mmub_stats now;

	mmub_stats_read(&now);
	WARN(now.recovered - before.recovered != 2,
	     "%lu of 2 huge pages were rebuilt",
	     now.recovered - before.recovered);
	WARN(now.zapped != before.zapped, "what was merged counts as zapped");
}

static void judge_batches(struct vm *vm)
{
	struct mmub_stats now;

	judge_merged(vm);
	mmub_stats_read(&now);
	WARN(now.flush_recover - before.flush_recover != 2,
	     "%lu flushes for 2 batches of tables",
	     now.flush_recover - before.flush_recover);
}

/* A fetch made the table small while its slot was logged. */
static void split_by_fetch(struct vm *vm)
{
	slot_create(vm, 0, 0);
	host_make_huge(vm, 1);
	slot_set_log(vm, 0, 0, true);
	guest(vm, PAGE_X, HW_EXEC);
	slot_set_log(vm, 0, 0, false);
}

/* Two tables that were to be dropped. */
static void judge_dropped(struct vm *vm)
{
	WARN(atomic64_read(&vm->kvm.stat.pages[0]),
	     "the end of a log left %lld small pages",
	     (long long)atomic64_read(&vm->kvm.stat.pages[0]));
}

#define OWN_CASES							\
	/* One step is over; stock has the window before its flush. */	\
	{ "clear-steps", ON_ALL,					\
	  { .rmaps = true, .manual_protect = true, .init_set = true,	\
	    .no_around = true },					\
	  logged_huge, { { "clear", task_clear },			\
			 { "protect", task_protect },			\
			 { "use", task_use } },				\
	  4000, NULL, false, judge_log },				\
	{ "recover-fetched", ON_ALL, { .nx = true, .no_around = true },	\
	  split_by_fetch, .judge = judge_huge },			\
	{ "drop-used", ON_AD,						\
	  { .dbit = true, .no_around = true, .no_recover = true },	\
	  split_pages, { { "log-off", task_log_off },			\
			 { "read", task_read } },			\
	  4000, NULL, true, judge_dropped },				\
	{ "clear-answers", ON_ALL, { .manual_protect = true },		\
	  clear_answers, .judge = judge_nothing },			\
	/* The guest uses a table that is just being replaced. */	\
	{ "recover-used", ON_AD, { .dbit = true, .no_around = true },	\
	  split_pages, { { "log-off", task_log_off },			\
			 { "read", task_read } },			\
	  4000, NULL, true, judge_merged },					\
	{ "recover-young", ON_ALL, { .no_around = true },		\
	  half_young, .judge = judge_young },				\
	{ "recover-batch", ON_ALL,					\
	  { .no_around = true, .recover_batch = 1 },			\
	  split_pages, { { "log-off", task_log_off } },			\
	  .judge = judge_batches },
#endif

static const struct directed cases[] = {
	{ "shadow-get", ON_ALL, { .dbit = true, .no_tdp = true },
	  shadow_only, .judge = judge_log },
	{ "shadow-clear", ON_ALL,
	  { .no_tdp = true, .manual_protect = true, .init_set = true },
	  shadow_only, .judge = judge_log },
	{ "get-zap", ON_AD,
	  { .dbit = true, .eager_split = true, .no_around = true },
	  logged_page,
	  { { "get", task_get }, { "write", task_write }, { "zap", task_zap } },
	  .event = get_zap_event, .judge = judge_log },
	{ "get-shared", ON_AD,
	  { .dbit = true, .eager_split = true, .rmaps = true },
	  shared_log, .judge = judge_log },
	{ "hint-shared", ON_AD, { .dbit = true, .no_around = true },
	  shared_table, .judge = judge_second },
	{ "clear-one", ON_ALL,
	  { .eager_split = true, .manual_protect = true, .init_set = true },
	  cleared_page, .judge = judge_cleared },
	/* A fetch splits a huge page that CLEAR has just looked at. */
	{ "clear-split", ON_ALL,
	  { .nx = true, .manual_protect = true, .init_set = true,
	    .no_around = true },
	  logged_huge, { { "clear", task_clear }, { "exec", task_exec } },
	  4000, NULL, false, judge_rearmed },
	{ "clear-split.pml", ON_EPT,
	  { .nx = true, .manual_protect = true, .init_set = true,
	    .no_around = true, .pml = true },
	  logged_huge, { { "clear", task_clear }, { "exec", task_exec } },
	  4000, NULL, false, judge_rearmed },
	/* The report comes in the middle of a fault. */
	{ "fault-get", ON_ALL, { .eager_split = true, .no_around = true },
	  logged, { { "write", task_first_write }, { "get", task_report } },
	  400, NULL, false, judge_written_again },
	{ "punch-hole", ON_ALL, { .dbit = true, .eager_split = true },
	  logged_written, { { "punch", task_punch } }, .judge = judge_log },
	OWN_CASES
	/* The guest runs while the first logged slot is still being set up. */
	{ "create-zap", ON_AD, { .dbit = true, .eager_split = true }, NULL,
	  { { "create", task_create_logged }, { "use", task_write_zap } },
	  400, NULL, false, judge_log },
};

static u64 runs;

static void run_one(const struct test_args *a, const struct directed *c,
		    long fuse)
{
	static struct vm vm;
	struct vm_config cfg = c->cfg;
	size_t i;

	runs++;
	cfg.mode = a->mode;
	memset(&seen, 0, sizeof(seen));
	tasks_begin(TASK_SCRIPT, oracle_seed);
	vm_setup(&vm, &cfg, 1);
	if (c->prepare)
		c->prepare(&vm);
	for (i = 0; i < ARRAY_SIZE(c->task) && c->task[i].run; i++)
		task_add(c->task[i].name, c->task[i].run, &vm);
	tasks_script(&fuse, c->most ? 1 : 0);
	task_event = c->event;
	task_hurries = c->hurries;
	if (i)
		tasks_run();
	task_event = NULL;
	task_hurries = false;
	rcu_reap();
	if (!cfg.no_tdp)
		oracle_quiet(&vm);
	c->judge(&vm);
	vm_destroy(&vm);
}

static void run_case(const struct test_args *a, const struct directed *c)
{
	static char phase[64];
	long fuse;
	u64 i;

	snprintf(phase, sizeof(phase), "case %s", c->name);
	oracle_phase = phase;
	for (i = 0; i < SEEDS; i++) {
		oracle_seed = a->seed + i;
		for (fuse = 0; fuse <= c->most; fuse++) {
			run_one(a, c, fuse);
			if (task_script_ended())
				break;
		}
	}
}

int test_cases(const struct test_args *a)
{
	size_t i, ran = 0;

	vm_set_mode(a->mode);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!(cases[i].modes & BIT(a->mode)) ||
		    (FACE_STOCK && cases[i].cfg.no_tdp))
			continue;
		run_case(a, &cases[i]);
		ran++;
	}
	printf("# cases: %zu, %llu schedules\n", ran, runs);
	return 0;
}
