// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does it cost to switch dirty logging on and off?
 *
 * Method: each round starts from memory that is mapped writable, with huge
 * pages in the ".2m" cases.  Logging is switched on (timed), the guests
 * write every page once (each write timed), the dirty pages are harvested,
 * logging is switched off (timed), the guests write again (timed).  KVM's
 * page counts show when huge pages were split and whether they came back.
 * In the ".running" cases the guests never stop, and the latencies of their
 * writes show what the switching does to them.
 *   get, clear, ring  enabling must watch all pages
 *   clear_allset      enabling watches nothing, the first rearm does
 * --eager-split on|off changes kvm.eager_page_split for the run, put back at
 * its end; where the parameter is read-only, that is a SKIP.
 *
 * What it cannot tell: how much of the time on and off is spent waiting for
 * RCU grace periods in KVM's memslot code and how much in the MMU; compare
 * with the null backend's and with other sizes for that.
 */
#include <errno.h>
#include <string.h>

#include "base/timing.h"
#include "host/host.h"
#include "probe/kstat.h"
#include "run/rounds.h"
#include "session.h"

enum { ARG_HUGE, ARG_ALL_SET, ARG_RUNNING };

#define EAGER_SPLIT_PATH "/sys/module/kvm/parameters/eager_page_split"
#define HUGE_BYTES (2ull << 20)

static const char *const eager_choices[] = { "as-is", "on", "off", NULL };

struct own {
	int eager_split;	/* index into eager_choices */
};

static const struct opt own_opts[] = {
	{ .name = "eager-split", .type = OPT_CHOICE,
	  .offset = offsetof(struct own, eager_split),
	  .choices = eager_choices, .def = "as-is",
	  .help = "kvm.eager_page_split during this run; on = split huge pages when logging starts, off = at the first write" },
	OPT_END
};

/* How many pages of a size the MMU maps, at the points of a round. */
struct mapped {
	int64_t p4k, p2m;
};

struct toggles {
	struct dirty_session s;
	const struct bench_case *c;
	struct hist enable_ns, disable_ns;
	struct rounds enable, disable;
	struct hist after_enable, after_disable, running;	/* ticks */
	struct mapped before, enabled, written, disabled, again; /* last round */
	struct dirty_tally pages;
	uint64_t not_recovered;	/* rounds that ended with fewer 2M pages */
};

static int push_eager_split(struct bench *b)
{
	const struct own *own = b->own;
	int err;

	if (!own->eager_split)
		return 0;
	err = host_push_write(EAGER_SPLIT_PATH,
			      own->eager_split == 1 ? "Y" : "N", &b->why);
	if (!err)
		return 0;
	return reason_skip(&b->why, -EOPNOTSUPP,
			   "%s cannot be changed here (%s); load the kvm module with eager_page_split=%s",
			   EAGER_SPLIT_PATH, strerror(-err),
			   own->eager_split == 1 ? "Y" : "N");
}

static struct mapped mapped_now(const struct toggles *t)
{
	struct kstat_snap *snap = kstat_snap(t->s.b->rig->kstat);
	struct mapped m = {
		.p4k = kstat_value(snap, "pages_4k"),
		.p2m = kstat_value(snap, "pages_2m"),
	};

	kstat_snap_free(snap);
	return m;
}

static int timed_start(struct toggles *t)
{
	uint64_t begin_ns = timing_now_ns(), ns;
	int err = dirty_session_start(&t->s);

	ns = timing_now_ns() - begin_ns;
	if (err)
		return err;
	hist_add(&t->enable_ns, ns);
	rounds_add(&t->enable, ns);
	return 0;
}

static int timed_stop(struct toggles *t)
{
	uint64_t begin_ns = timing_now_ns(), ns;
	int err = dirty_session_stop(&t->s);

	ns = timing_now_ns() - begin_ns;
	if (err)
		return err;
	hist_add(&t->disable_ns, ns);
	rounds_add(&t->disable, ns);
	return 0;
}

static int write_pass(struct toggles *t, struct hist *into)
{
	struct bench *b = t->s.b;
	const struct run_job job = bench_job(b, OP_WRITE, GUEST_TIMED);
	static struct hist pass;
	int err;

	run_latency_reset(b->run);
	err = run_job(b->run, &job, &b->why);
	if (err)
		return err;
	run_latency(b->run, OP_WRITE, &pass);
	hist_merge(into, &pass);
	return 0;
}

/* With all-set, everything is dirty at first; clearing it starts the watch. */
static int harvest_all_set(struct toggles *t)
{
	int err = dirty_session_harvest(&t->s);

	if (err)
		return err;
	dirty_session_expect_all(&t->s);
	dirty_session_check(&t->s, &t->pages);
	return 0;
}

static int harvest_written(struct toggles *t)
{
	int err = dirty_session_harvest(&t->s);

	if (err)
		return err;
	dirty_session_expect_last_job(&t->s);
	dirty_session_check(&t->s, &t->pages);
	return 0;
}

static int round_at_rest(struct toggles *t)
{
	int err;

	t->before = mapped_now(t);
	err = timed_start(t);
	t->enabled = mapped_now(t);
	if (!err && t->c->arg[ARG_ALL_SET])
		err = harvest_all_set(t);
	if (!err)
		err = write_pass(t, &t->after_enable);
	t->written = mapped_now(t);
	if (!err)
		err = harvest_written(t);
	if (!err)
		err = timed_stop(t);
	t->disabled = mapped_now(t);
	if (!err)
		err = write_pass(t, &t->after_disable);
	if (err)
		return err;
	t->again = mapped_now(t);
	t->not_recovered += t->again.p2m < t->before.p2m;
	return 0;
}

/*
 * The guests write all the time.  Two more laps after the switch mean that
 * one lap began after it, so every page they write must be reported.
 */
static int round_running(struct toggles *t)
{
	struct bench *b = t->s.b;
	int err = timed_start(t);

	if (!err && t->c->arg[ARG_ALL_SET])
		err = harvest_all_set(t);
	if (!err)
		err = run_wait_rounds(b->run, 2, &b->why);
	t->written = mapped_now(t);
	if (!err)
		err = dirty_session_harvest(&t->s);
	if (err)
		return err;
	dirty_session_expect_last_job(&t->s);
	dirty_session_check(&t->s, &t->pages);
	err = timed_stop(t);
	return err ? err : run_wait_rounds(b->run, 2, &b->why);
}

static int rounds_of(struct toggles *t)
{
	struct bench *b = t->s.b;
	const struct run_job job = bench_job(b, OP_WRITE, GUEST_TIMED |
					     GUEST_UNTIL_STOP);
	bool running = t->c->arg[ARG_RUNNING];
	uint32_t round;
	int err = 0, stop_err;

	run_latency_reset(b->run);
	if (running)
		err = run_start(b->run, &job, &b->why);
	for (round = 0; round < b->p.rounds && !err; round++)
		err = running ? round_running(t) : round_at_rest(t);
	if (!running)
		return err;
	stop_err = run_stop(b->run, err ? NULL : &b->why);
	if (err || stop_err)
		return err ? err : stop_err;
	run_latency(b->run, OP_WRITE, &t->running);
	return 0;
}

/* Once on and off unmeasured: rings get mapped, allocations get warm. */
static int warm_up(struct toggles *t)
{
	int err = dirty_session_start(&t->s);

	if (!err)
		err = dirty_session_stop(&t->s);
	if (!err)
		err = write_pass(t, &t->after_disable);
	hist_reset(&t->after_disable);
	if (err || !t->c->arg[ARG_HUGE] || mapped_now(t).p2m > 0 ||
	    !kstat_has(t->s.b->rig->kstat, "pages_2m"))
		return err;
	return reason_skip(&t->s.b->why, -EOPNOTSUPP,
			   "KVM made no 2M mapping; echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

static void record_pages(const struct toggles *t)
{
	struct rec *rec = t->s.b->rec;
	const struct { const char *name; int64_t value; } rows[] = {
		{ "pages_2m.before", t->before.p2m },
		{ "pages_2m.enabled", t->enabled.p2m },
		{ "pages_2m.written", t->written.p2m },
		{ "pages_2m.disabled", t->disabled.p2m },
		{ "pages_2m.written_again", t->again.p2m },
		{ "pages_4k.before", t->before.p4k },
		{ "pages_4k.enabled", t->enabled.p4k },
		{ "pages_4k.written", t->written.p4k },
		{ "pages_4k.disabled", t->disabled.p4k },
		{ "pages_4k.written_again", t->again.p4k },
	};
	unsigned int i;

	if (!kstat_has(t->s.b->rig->kstat, "pages_2m"))
		return;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rec_count(rec, rows[i].name, rows[i].value, "pages",
			  BETTER_NONE);
	if (t->c->arg[ARG_HUGE])
		rec_check(rec, "huge_pages_recovered", !t->not_recovered,
			  "%llu of %u rounds ended with fewer 2M mappings than they began with",
			  (unsigned long long)t->not_recovered,
			  t->s.b->p.rounds);
}

static void record(struct toggles *t)
{
	struct rec *rec = t->s.b->rec;
	double tick_ns = timing_ns_per_tsc();

	run_phase(t->s.b->run, "drain");
	rec_dist(rec, "enable", &t->enable_ns, "ns", 1, BETTER_LOWER);
	rec_dist(rec, "disable", &t->disable_ns, "ns", 1, BETTER_LOWER);
	rounds_record(rec, "enable", "ns", &t->enable);
	rounds_record(rec, "disable", "ns", &t->disable);
	if (t->c->arg[ARG_RUNNING]) {
		rec_dist(rec, "latency.while_toggling", &t->running, "ns",
			 tick_ns, BETTER_LOWER);
	} else {
		rec_dist(rec, "latency.after_enable", &t->after_enable, "ns",
			 tick_ns, BETTER_LOWER);
		rec_dist(rec, "latency.after_disable", &t->after_disable, "ns",
			 tick_ns, BETTER_LOWER);
		record_pages(t);
	}
	dirty_session_record(&t->s);
	dirty_session_record_checks(&t->s, &t->pages);
}

static int open_toggles(struct toggles *t, struct bench *b)
{
	struct dirty_setup setup = dirty_setup_of(b, t->c->str);

	if (t->c->arg[ARG_ALL_SET])
		setup.flags |= DIRTY_START_ALL_SET;
	if (t->c->arg[ARG_HUGE]) {
		if (b->p.vcpu_bytes % HUGE_BYTES)
			return reason_skip(&b->why, -EOPNOTSUPP,
					   "huge pages need --bytes in multiples of 2M");
		if (rig_backing_page_bytes(b->p.backing) < HUGE_BYTES)
			setup.backing = BACKING_THP;
		if (setup.guest_page_bytes < HUGE_BYTES)
			setup.guest_page_bytes = HUGE_BYTES;
	}
	return dirty_session_open(&t->s, b, &setup);
}

static int case_toggle(struct bench *b, const struct bench_case *c)
{
	static struct toggles t;
	int err;

	memset(&t, 0, sizeof(t));
	t.c = c;
	err = push_eager_split(b);
	if (!err)
		err = open_toggles(&t, b);
	if (!err)
		err = run_record_self_cost(b->run, &b->why);
	if (!err)
		err = warm_up(&t);
	if (!err) {
		run_phase(b->run, "measure");
		err = rounds_of(&t);
	}
	if (!err)
		record(&t);
	dirty_session_close(&t.s);
	return err;
}

#define TOGGLE(what, backend, size, huge, all_set) { \
	.name = "dirty_log.toggle." what "." size, .str = backend, \
	.summary = "enable and disable, " size " mappings, guests at rest", \
	.fn = case_toggle, .arg = { huge, all_set, 0 } }
#define RUNNING(what, backend, size, huge, all_set) { \
	.name = "dirty_log.toggle." what "." size ".running", .str = backend, \
	.summary = "enable and disable, " size " mappings, guests writing", \
	.fn = case_toggle, .arg = { huge, all_set, 1 } }

static const struct bench_case cases[] = {
	TOGGLE("get", "get", "4k", 0, 0),
	TOGGLE("clear", "clear", "4k", 0, 0),
	TOGGLE("clear_allset", "clear", "4k", 0, 1),
	TOGGLE("ring", "ring", "4k", 0, 0),
	TOGGLE("null", "null", "4k", 0, 0),
	TOGGLE("get", "get", "2m", 1, 0),
	TOGGLE("clear", "clear", "2m", 1, 0),
	TOGGLE("clear_allset", "clear", "2m", 1, 1),
	TOGGLE("ring", "ring", "2m", 1, 0),
	RUNNING("clear", "clear", "4k", 0, 0),
	RUNNING("clear", "clear", "2m", 1, 0),
	RUNNING("clear_allset", "clear", "2m", 1, 1),
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/toggle",
		.question = "What does it cost to switch dirty logging on and off?",
		.cases = cases,
		.opts = own_opts,
		.own_bytes = sizeof(struct own),
	};

	return bench_main(argc, argv, &prog);
}
