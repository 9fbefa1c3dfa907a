// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the guard against the huge-page instruction fetch bug (kvm.nx_huge_pages)
 * split what is executed, and give it back as it says?
 *
 * A guest writes huge pages, then calls code in each: KVM has to split them.  Then
 * its recovery parameters are changed under a running guest: the worker has to
 * notice, and to drop the small mappings again.  A vCPU that never leaves its guest
 * counts in one of the pages meanwhile; it has to be made to fault, so that the page
 * is mapped again, huge.  At last the code must still be callable.
 *
 * It cannot tell a flush that is missing if something else takes the vCPU out of its
 * guest before it is looked for; a CPU without ticks (nohz_full) helps.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "host/host.h"
#include "run/counter.h"

#define PARAM		"/sys/module/kvm/parameters/nx_huge_pages"
#define NR_HUGE		4u
#define HUGE_PAGES	512u
/* The worker is to wake within milliseconds; unchanged, it sleeps for a minute. */
#define LIMIT_NS	10000000000ull
#define PERIOD_MS	"20"	/* chosen */

struct nx {
	struct bench *b;
	struct counter counter;
	int64_t others;		/* huge mappings that the case does not use */
};

static int64_t stat_of(const struct nx *x, const char *name)
{
	struct kstat_snap *snap = kstat_snap(x->b->rig->kstat);
	int64_t value = kstat_value(snap, name);

	kstat_snap_free(snap);
	return value;
}

static int set(struct nx *x, const char *suffix, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), PARAM "%s", suffix);
	return host_push_write(path, value, &x->b->why);
}

/* One access to each huge page. */
static int access_all(struct nx *x, enum payload_op op)
{
	const struct run_job job = { .cmd = GUEST_ACCESS, .op = op,
				     .nr = NR_HUGE };
	uint32_t i;

	for (i = 0; i < NR_HUGE; i++)
		x->b->rig->orders[0][i] = order_entry(i * HUGE_PAGES, op);
	return run_job(x->b->run, &job, &x->b->why);
}

/* Until none is left, or time is up. */
static int64_t await_recovery(const struct nx *x)
{
	uint64_t give_up = timing_now_ns() + LIMIT_NS;
	int64_t left = stat_of(x, "nx_lpage_splits");

	while (left && timing_now_ns() < give_up) {
		timing_sleep_ns(5000000);
		left = stat_of(x, "nx_lpage_splits");
	}
	return left;
}

/*
 * The worker counts before it flushes, all under mmu_lock.  So does an invalidation
 * of memory that nobody has used, which flushes nothing itself: when it returns,
 * the worker is done.
 */
static int pass_the_lock(struct nx *x)
{
	void *unused = rig_unit_hva(x->b->rig, 0, NR_HUGE * HUGE_PAGES);
	int err;

	if (!madvise(unused, HUGE_PAGES * 4096, MADV_DONTNEED))
		return 0;
	err = errno;
	return reason_set(&x->b->why, -err, "madvise(MADV_DONTNEED) failed: %s",
			  strerror(err));
}

static int split(struct nx *x)
{
	struct rec *rec = x->b->rec;
	int64_t before, splits;
	int err = access_all(x, OP_WRITE);

	before = stat_of(x, "pages_2m");
	if (!err && before < NR_HUGE)
		return reason_skip(&x->b->why, -EOPNOTSUPP,
				   "%" PRId64 " of %u pages are mapped huge; this needs transparent huge pages",
				   before, NR_HUGE);
	if (!err)
		err = access_all(x, OP_EXEC);
	splits = stat_of(x, "nx_lpage_splits");
	x->others = stat_of(x, "pages_2m");
	rec_check(rec, "executed_pages_are_split", splits >= NR_HUGE,
		  "%" PRId64 " splits of %u huge pages that were executed",
		  splits, NR_HUGE);
	return err;
}

static int recover(struct nx *x)
{
	struct rec *rec = x->b->rec;
	int64_t left, mapped;
	int err = counter_start(&x->counter, x->b->run, x->b->rig, 1,
				&x->b->why);

	if (!err)
		err = set(x, "_recovery_ratio", "1");
	if (!err)
		err = set(x, "_recovery_period_ms", PERIOD_MS);
	if (err)
		return err;
	left = await_recovery(x);
	rec_check(rec, "recovery_notices_a_change", !left,
		  "%" PRId64 " splits are left %d s after the recovery period was set to " PERIOD_MS " ms",
		  left, (int)(LIMIT_NS / 1000000000));
	if (left)
		return run_stop(x->b->run, &x->b->why);
	err = pass_the_lock(x);
	if (!err)
		err = counter_wait(&x->counter, 0, &x->b->why);
	if (err)
		return err;
	mapped = stat_of(x, "pages_2m");
	rec_check(rec, "used_page_is_mapped_again", mapped > x->others,
		  "%" PRId64 " huge mappings, %" PRId64 " of them others, while a vCPU uses one of the pages without a pause",
		  mapped, x->others);
	return run_stop(x->b->run, &x->b->why);
}

static int open_rig(struct nx *x)
{
	struct bench *b = x->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_THP;
	/* Shadow paging maps huge only what the guest maps so. */
	cfg.guest_page_bytes = HUGE_PAGES * 4096;
	cfg.unit_bytes = 4096;
	/* One more, which nobody uses. */
	cfg.vcpu_bytes = (NR_HUGE + 1) * HUGE_PAGES * 4096ull;
	cfg.nr_slots = 1;
	cfg.exec = true;
	err = bench_rig(b, &cfg, 0);
	/* The rig has written code into that one, too. */
	return err ? err : pass_the_lock(x);
}

static int measure(struct nx *x)
{
	int err = open_rig(x);

	if (!err && !kstat_has(x->b->rig->kstat, "nx_lpage_splits"))
		err = reason_skip(&x->b->why, -EOPNOTSUPP,
				  "this KVM does not count nx_lpage_splits");
	if (!err)
		err = split(x);
	if (!err)
		err = recover(x);
	/* A call that KVM does not let through would hang. */
	if (!err)
		err = access_all(x, OP_EXEC);
	if (!err)
		bench_check_content(x->b, "content");
	return err;
}

static int nx_case(struct bench *b, const struct bench_case *c)
{
	struct nx x = { .b = b };
	int err = set(&x, "", "force");

	if (err)
		err = reason_skip(&b->why, -EOPNOTSUPP,
				  PARAM " cannot be changed here; it takes root and a kvm module that allows it");
	if (!err)
		err = measure(&x);
	bench_rig_free(b);
	return err;
}

static const struct bench_case cases[] = {
	{ .name = "fast_pf.nx.recovery", .fn = nx_case,
	  .summary = "huge pages that are executed: split, and recovered when asked to" },
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/nx",
		.question = "Does kvm.nx_huge_pages split what is executed, and give it back?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
