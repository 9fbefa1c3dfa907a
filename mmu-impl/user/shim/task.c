// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks of the simulated host.
 *
 * Question: in which order do the marked accesses of several tasks happen?
 * Method: each marked access burns a fuse; when it is spent the scheduler
 * chooses who goes on: at random from the seed, by a script, or, with real
 * threads, whoever the host picks.  Fibers switch stacks by hand, so a run
 * is replayed exactly by its seed.
 * Cannot tell: fibers see a sequentially consistent machine; reordering by
 * the CPU is for the threaded build and its race detector.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include "shim/task.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define FIBER_LEAVE(save, to) \
	__sanitizer_start_switch_fiber(save, (to)->stack, \
				       (to)->stack ? STACK_BYTES : 0)
#define FIBER_ENTER(save) __sanitizer_finish_switch_fiber(save, NULL, NULL)
#else
#define FIBER_LEAVE(save, to) ((void)0)
#define FIBER_ENTER(save) ((void)0)
#endif

#define STACK_BYTES (256UL << 10)
/* Relaxing this often in a row without a yield point passing is a deadlock. */
#define RELAX_LIMIT 2000000UL

__thread long task_fuse = TASK_FUSE_OFF;
__thread struct task *task_current;
struct task *task_all[TASK_MAX];
int task_count;
enum task_mode task_mode;
void (*task_event)(enum task_event what);
bool task_hurries;

static struct task task_main = { .name = "main" };
static char *stacks[TASK_MAX];
static u64 sched_rng;
static unsigned long relaxed;
static long script[TASK_SCRIPT_MAX];
static int script_len, script_at;
static bool running, script_spent;

static u64 next_random(u64 *s)
{
	u64 z = (*s += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u64 task_rand(void)
{
	return next_random(&task_current->rng);
}

u64 task_chance(void)
{
	return next_random(&task_current->chance) >> 20;
}

/*
 * Short and long slices both matter: a short one lands inside a window, a
 * long one lets a whole operation pass between two steps of another.
 */
static long random_fuse(void)
{
	u64 r = next_random(&sched_rng);

	switch (r & 7) {
	case 0:
		return (long)((r >> 8) % 4);
	case 1:
	case 2:
	case 3:
		return (long)((r >> 8) % 40);
	case 4:
	case 5:
		return (long)((r >> 8) % 200);
	default:
		return (long)((r >> 8) % 1500);
	}
}

extern void fiber_switch(void **save_sp, void *to_sp);
__asm__(".text\n"
	".globl fiber_switch\n"
	".type fiber_switch,@function\n"
	"fiber_switch:\n"
	"	pushq %rbp\n	pushq %rbx\n	pushq %r12\n"
	"	pushq %r13\n	pushq %r14\n	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n	popq %r14\n	popq %r13\n"
	"	popq %r12\n	popq %rbx\n	popq %rbp\n"
	"	ret\n"
	".size fiber_switch, .-fiber_switch\n"
	".section .note.GNU-stack,\"\",@progbits\n"
	".text\n");

static void light_fuse(void)
{
	if (task_mode == TASK_SCRIPT)
		task_fuse = script_at < script_len ? script[script_at++] :
						     TASK_FUSE_OFF;
	else
		task_fuse = random_fuse();
}

static void switch_to(struct task *to)
{
	struct task *from = task_current;

	if (to == from)
		return;
	task_current = to;
	FIBER_LEAVE(&from->asan_stack, to);
	fiber_switch(&from->sp, to->sp);
	FIBER_ENTER(from->asan_stack);
}

static struct task *pick_next(bool forced)
{
	int i, n = task_count, at = task_current->id;

	if (task_mode == TASK_RANDOM)
		at = (int)(next_random(&sched_rng) % (u64)n);
	else if (!forced || task_mode == TASK_SCRIPT)
		at = at % n;
	for (i = 1; i <= n; i++) {
		struct task *t = task_all[(at + i) % n];

		if (!t->done && (!forced || t != task_current))
			return t;
	}
	return forced && !task_current->done ? task_current : &task_main;
}

void task_fuse_blown(void)
{
	if (!running) {
		task_fuse = TASK_FUSE_OFF;
		return;
	}
	if (task_mode == TASK_THREADS) {
		task_fuse = (long)(task_chance() & 1023);
		sched_yield();
		return;
	}
	relaxed = 0;
	script_spent = script_at == script_len;
	light_fuse();
	switch_to(pick_next(task_mode == TASK_SCRIPT));
}

static void __attribute__((noreturn)) report_deadlock(const char *why)
{
	int i;

	for (i = 0; i < task_count; i++)
		fprintf(stderr, "# task %d %s: %s\n", i, task_all[i]->name,
			task_all[i]->done ? "done" :
			task_all[i]->waits_for ? task_all[i]->waits_for :
			"runnable");
	complain(__FILE__, __LINE__, "no progress: %s", why);
}

void task_relax(const char *why)
{
	if (!running)
		complain(__FILE__, __LINE__, "%s: would wait for ever", why);
	if (task_mode == TASK_THREADS) {
		sched_yield();
		return;
	}
	if (++relaxed > RELAX_LIMIT)
		report_deadlock(why);
	task_current->waits_for = why;
	if (task_mode == TASK_RANDOM)
		light_fuse();
	switch_to(pick_next(true));
	task_current->waits_for = NULL;
}

static void fiber_main(void)
{
	struct task *t = task_current;

	FIBER_ENTER(NULL);
	t->fn(t->arg);
	t->done = true;
	relaxed = 0;
	task_fuse = TASK_FUSE_OFF;
	if (task_mode == TASK_RANDOM)
		light_fuse();
	switch_to(pick_next(true));
	abort();
}

void tasks_begin(enum task_mode mode, u64 seed)
{
	int i;

	for (i = 0; i < task_count; i++) {
		free(task_all[i]);
		task_all[i] = NULL;
	}
	task_count = 0;
	task_mode = mode;
	sched_rng = seed ^ 0x5bd1e995;
	task_main.rng = seed;
	task_main.chance = ~seed;
	task_main.id = 0;
	task_current = &task_main;
	script_len = script_at = 0;
	task_fuse = TASK_FUSE_OFF;
}

void tasks_script(const long *fuses, int nr)
{
	memcpy(script, fuses, sizeof(*fuses) * (size_t)nr);
	script_len = nr;
}

static void prepare_stack(struct task *t)
{
	void **top;

	if (!stacks[t->id])
		stacks[t->id] = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	t->stack = stacks[t->id];
	if (t->stack == MAP_FAILED)
		abort();
	top = (void **)(t->stack + STACK_BYTES);
	*--top = NULL;
	*--top = (void *)fiber_main;
	top -= 6;
	memset(top, 0, 6 * sizeof(*top));
	t->sp = top;
}

struct task *task_add(const char *name, void (*fn)(void *), void *arg)
{
	struct task *t = calloc(1, sizeof(*t));

	if (!t || task_count == TASK_MAX)
		abort();
	t->id = task_count;
	t->name = name;
	t->fn = fn;
	t->arg = arg;
	t->rng = next_random(&task_main.rng);
	t->chance = ~t->rng;
	task_all[task_count++] = t;
	if (task_mode != TASK_THREADS)
		prepare_stack(t);
	return t;
}

/*
 * Threads are kept from one set of tasks to the next: a race detector's work
 * grows with the number of threads there have ever been.
 */
static struct task *pool_work[TASK_MAX];
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pool_start = PTHREAD_COND_INITIALIZER;
static pthread_cond_t pool_end = PTHREAD_COND_INITIALIZER;
static int pool_size, pool_busy;

static void run_here(struct task *t)
{
	task_current = t;
	task_fuse = (long)(task_rand() & 255);
	t->fn(t->arg);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
}

static void *pool_main(void *arg)
{
	struct task **work = arg;

	pthread_mutex_lock(&pool_lock);
	for (;;) {
		while (!*work)
			pthread_cond_wait(&pool_start, &pool_lock);
		pthread_mutex_unlock(&pool_lock);
		run_here(*work);
		pthread_mutex_lock(&pool_lock);
		*work = NULL;
		if (!--pool_busy)
			pthread_cond_signal(&pool_end);
	}
	return NULL;
}

static void run_threads(void)
{
	pthread_t thread;
	int i;

	pthread_mutex_lock(&pool_lock);
	for (; pool_size < task_count; pool_size++)
		if (pthread_create(&thread, NULL, pool_main,
				   &pool_work[pool_size]))
			abort();
	for (i = 0; i < task_count; i++)
		pool_work[i] = task_all[i];
	pool_busy = task_count;
	pthread_cond_broadcast(&pool_start);
	while (pool_busy)
		pthread_cond_wait(&pool_end, &pool_lock);
	pthread_mutex_unlock(&pool_lock);
}

void tasks_run(void)
{
	running = true;
	relaxed = 0;
	if (task_mode == TASK_THREADS) {
		run_threads();
	} else {
		script_at = 0;
		script_spent = false;
		light_fuse();
		switch_to(task_all[0]);
	}
	running = false;
	task_current = &task_main;
	task_fuse = TASK_FUSE_OFF;
}

int tasks_script_used(void)
{
	return script_at;
}

bool task_script_ended(void)
{
	return !script_spent;
}

bool task_others(void)
{
	return running && task_count > 1;
}

bool task_vcpus_run(void)
{
	int i;

	for (i = 0; running && i < task_count; i++)
		if (__atomic_load_n(&task_all[i]->vcpu, __ATOMIC_ACQUIRE))
			return true;
	return false;
}
