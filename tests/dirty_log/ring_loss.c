// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does KVM's dirty ring lose entries?
 *
 * Method: a guest dirties more pages than its ring holds, so that the ring
 * fills up again and again and the vCPU leaves KVM_RUN to have it emptied.
 *   stopped  after each job everything reported is compared with the pages
 *            the job must have written.
 *   live     the guest never stops; the rings are harvested and reset beside
 *            it while signals throw its thread out of KVM_RUN at any point.
 *            A mirror that only receives reported pages must in the end
 *            equal the memory; counting makes every write change a page.
 *   rearm    the ring holds all pages, so each round is one long reset.
 *            --interrupt-reset sends signals into it and does not block them.
 * The fullest ring seen tells why entries were lost: KVM stops a vCPU some
 * 64 entries before the ring's end, so a harvest that finds the whole ring
 * taken means that entries may have been overwritten.
 *
 * "--guest user" and "--guest kernel" ask the same of code at CPL 3 and 0;
 * a software KVM interprets the latter.  What it cannot tell: whether an
 * entry that was lost belonged to a page reported by another entry.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/timing.h"
#include "dirty/oracle.h"
#include "session.h"

enum { ARG_RING };

struct own {
	uint32_t interrupt_us;
};

static const struct opt own_opts[] = {
	{ .name = "interrupt-reset", .type = OPT_U32,
	  .offset = offsetof(struct own, interrupt_us), .def = "0",
	  .max = 1000000, .unit = "us",
	  .help = "interval of signals that interrupt ring resets; 0 = block signals, as a careful VMM does" },
	OPT_END
};

static uint32_t interrupt_us(const struct bench *b)
{
	return ((const struct own *)b->own)->interrupt_us;
}

static int open_session(struct dirty_session *s, struct bench *b,
			const struct bench_case *c)
{
	struct dirty_setup setup = dirty_setup_of(b, "ring");
	int err;

	setup.ring_entries = c->arg[ARG_RING];
	setup.op = OP_RMW;
	if (interrupt_us(b))
		setup.flags |= DIRTY_RESET_SIGNALS;
	err = dirty_session_open(s, b, &setup);
	return err ? err : run_record_self_cost(b->run, &b->why);
}

static void record_ring(struct dirty_session *s, const struct bench_case *c)
{
	struct rec *rec = s->b->rec;

	rec_count(rec, "ring.size", c->arg[ARG_RING], "entries", BETTER_NONE);
	rec_count(rec, "ring.fullest", s->d.ring_fullest, "entries",
		  BETTER_NONE);
	rec_check(rec, "room_left",
		  s->d.ring_fullest < (uint64_t)c->arg[ARG_RING],
		  "a ring of %d entries was found full to the last one: KVM pushed past its own limit",
		  c->arg[ARG_RING]);
	dirty_session_record(s);
}

/* ---- signals into the reset ------------------------------------------------ */

/* SIGUSR1's handler is the run engine's and empty. */
static int start_signals(struct bench *b, timer_t *timer)
{
	uint64_t period_ns = interrupt_us(b) * 1000ull;
	struct itimerspec when = {
		.it_interval = { period_ns / 1000000000, period_ns % 1000000000 },
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1,
	};
	int err;

	event._sigev_un._tid = syscall(SYS_gettid);
	when.it_value = when.it_interval;
	if (!timer_create(CLOCK_MONOTONIC, &event, timer) &&
	    !timer_settime(*timer, 0, &when, NULL))
		return 0;
	err = errno;
	return reason_set(&b->why, -err, "no timer for --interrupt-reset: %s",
			  strerror(err));
}

static int harvest_under_signals(struct dirty_session *s)
{
	timer_t timer;
	int err;

	if (!interrupt_us(s->b))
		return dirty_session_harvest(s);
	err = start_signals(s->b, &timer);
	if (err)
		return err;
	err = dirty_session_harvest(s);
	timer_delete(timer);
	return err;
}

/* ---- at rest -------------------------------------------------------------- */

static int stopped_rounds(struct dirty_session *s, struct dirty_tally *tally)
{
	struct bench *b = s->b;
	const struct run_job job = bench_job(b, OP_RMW, 0);
	uint32_t round;
	int err = 0;

	for (round = 0; round < b->p.rounds && !err; round++) {
		err = run_job(b->run, &job, &b->why);
		if (err && !s->d.ring_wedged)
			break;
		/* Of a wedged ring, what was found until then still counts. */
		err = harvest_under_signals(s);
		if (err)
			break;
		dirty_session_expect_last_job(s);
		dirty_session_check(s, tally);
		if (s->d.ring_wedged)
			break;
	}
	return err;
}

/* A wedged ring ends the guest at once: the content check would be unfair. */
static void record_wedged(struct dirty_session *s,
			  const struct dirty_tally *t)
{
	rec_count(s->b->rec, "pages.written", t->expected, "pages", BETTER_NONE);
	rec_count(s->b->rec, "pages.lost", t->missing, "pages", BETTER_LOWER);
	rec_check(s->b->rec, "no_lost_write", false,
		  "%" PRIu64 " of at least %" PRIu64 " written pages were not reported in %" PRIu64 " rounds; %s",
		  t->missing, t->expected, t->rounds, s->b->why.text);
}

static int case_stopped(struct bench *b, const struct bench_case *c)
{
	struct dirty_tally tally = { 0 };
	struct dirty_session s;
	int err = open_session(&s, b, c);

	if (!err)
		err = dirty_session_start(&s);
	if (!err) {
		run_phase(b->run, "measure");
		err = stopped_rounds(&s, &tally);
	}
	if (!err) {
		run_phase(b->run, "drain");
		record_ring(&s, c);
		if (s.d.ring_wedged)
			record_wedged(&s, &tally);
		else
			dirty_session_record_checks(&s, &tally);
	}
	dirty_session_close(&s);
	return err;
}

/* ---- live ------------------------------------------------------------------ */

struct live {
	struct dirty_session s;
	char *mirror;
	uint64_t harvests, copied;
};

/*
 * Throw all other threads out of KVM_RUN: SIGUSR1 has an empty handler (the
 * run engine's own way to end a stuck guest), and the vCPU goes on.
 */
static void kick_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t self = syscall(SYS_gettid);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		pid_t tid = strtoul(e->d_name, NULL, 10);

		if (tid > 0 && tid != self)
			syscall(SYS_tgkill, getpid(), tid, SIGUSR1);
	}
	if (dir)
		closedir(dir);
}

static int harvest_and_copy(struct live *l)
{
	int err = dirty_session_harvest(&l->s);

	if (err)
		return err;
	l->copied += dirty_oracle_mirror(l->s.b->rig, l->mirror,
					 l->s.batch.bitmap);
	l->harvests++;
	return 0;
}

/* Harvest beside the running guests until they went round often enough. */
static int live_harvests(struct live *l)
{
	struct bench *b = l->s.b;
	const struct run_job job = bench_job(b, OP_RMW, GUEST_UNTIL_STOP);
	uint64_t give_up = timing_now_ns() + b->p.timeout_s * 500000000ull;
	int err = run_start(b->run, &job, &b->why), stopped;

	while (!err && !l->s.d.ring_wedged &&
	       b->rig->jobs[0]->progress < b->p.rounds &&
	       timing_now_ns() < give_up) {
		kick_threads();
		err = harvest_and_copy(l);
		/* Of no round: only whether they still run. */
		if (!err)
			err = run_wait_rounds(b->run, 0, &b->why);
	}
	stopped = run_stop(b->run, err ? NULL : &b->why);
	if ((err || stopped) && !l->s.d.ring_wedged)
		return err ? err : stopped;
	return harvest_and_copy(l);
}

static void record_live(struct live *l)
{
	struct bench *b = l->s.b;
	uint64_t laps = b->rig->jobs[0]->progress, first = 0, stale;

	stale = dirty_oracle_stale(b->rig, l->mirror, &first);
	rec_count(b->rec, "harvests", l->harvests, "harvests", BETTER_NONE);
	rec_count(b->rec, "pages.copied", l->copied, "pages", BETTER_NONE);
	rec_count(b->rec, "writes", run_job_accesses(b->run), "writes",
		  BETTER_NONE);
	rec_check(b->rec, "no_lost_write", !stale,
		  "%" PRIu64 " of %" PRIu64 " pages changed without being reported, first page %" PRIu64,
		  stale, b->rig->mem.nr_pages, first);
	rec_check(b->rec, "rounds", laps >= b->p.rounds,
		  "the guest went round its memory %" PRIu64 " times, not %u",
		  laps, b->p.rounds);
}

static int case_live(struct bench *b, const struct bench_case *c)
{
	struct live l = { .mirror = NULL };
	int err = open_session(&l.s, b, c);

	if (!err) {
		l.mirror = malloc(b->rig->mem.nr_pages * 4096);
		if (!l.mirror)
			err = reason_set(&b->why, -ENOMEM,
					 "out of memory for a mirror");
	}
	if (!err)
		err = dirty_session_start(&l.s);
	if (!err) {
		memcpy(l.mirror, b->rig->mem.hva, b->rig->mem.nr_pages * 4096);
		run_phase(b->run, "measure");
		err = live_harvests(&l);
	}
	if (!err) {
		run_phase(b->run, "drain");
		record_ring(&l.s, c);
		record_live(&l);
	}
	dirty_session_close(&l.s);
	free(l.mirror);
	return err;
}

#define STOPPED(entries) { \
	.name = "dirty_log.ring_loss.stopped.ring" #entries, \
	.summary = "all pages dirtied through a full ring, harvested at rest", \
	.fn = case_stopped, .arg = { entries } }
#define REARM(entries) { \
	.name = "dirty_log.ring_loss.rearm.ring" #entries, \
	.summary = "all pages dirtied in a ring that holds them, one long reset", \
	.fn = case_stopped, .arg = { entries } }
#define LIVE(entries) { \
	.name = "dirty_log.ring_loss.live.ring" #entries, \
	.summary = "ring harvested and reset beside a running guest", \
	.fn = case_live, .arg = { entries } }

static const struct bench_case cases[] = {
	STOPPED(1024), STOPPED(4096), LIVE(1024), LIVE(4096), REARM(32768),
	{ NULL },
};

/* Random order: neighbours in the ring are no neighbours in memory. */
static const struct bench_default defaults[] = {
	{ "payload", "uniform" },
	{ "op", "rmw" },
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/ring_loss",
		.question = "Does KVM's dirty ring lose entries?",
		.cases = cases,
		.defaults = defaults,
		.opts = own_opts,
		.own_bytes = sizeof(struct own),
	};

	return bench_main(argc, argv, &prog);
}
