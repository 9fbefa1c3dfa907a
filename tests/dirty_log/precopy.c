// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a live migration's pre-copy loop go, and what does the guest pay?
 *
 * Method: while the guests write without a pause, logging is switched on,
 * all pages are copied to a second buffer, then round after round the pages
 * that became dirty meanwhile, until few enough are left (--downtime-pages)
 * or --max-rounds is reached.  The guests are stopped, the rest is harvested
 * and copied: that is the downtime.  The buffer must then equal the memory,
 * bit for bit; it starts out as garbage, and counting makes each write change
 * a page, so no lost write goes unseen.  The whole is repeated --rounds
 * times.  The guests' own write latencies and rate, without and with the
 * migration, are their price.
 *
 * Copying stands for sending; --bandwidth slows it to a network's pace.
 * What it cannot tell: costs of a real migration stream (compression, zero
 * pages, post-copy), and device state.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "dirty/oracle.h"
#include "run/rounds.h"
#include "session.h"

enum { ARG_ALL_SET };

#define MAX_SERIES 256
/* Chosen: long enough for some thousand writes; 10 to 1000 ms would do. */
#define BASELINE_NS 30000000ull

struct own {
	uint64_t bandwidth;
	uint32_t downtime_pages;
	uint32_t max_rounds;
};

static const struct opt own_opts[] = {
	{ .name = "bandwidth", .type = OPT_BYTES,
	  .offset = offsetof(struct own, bandwidth), .def = "0",
	  .unit = "bytes/s",
	  .help = "rate at which to copy; 0 = as fast as memory allows" },
	{ .name = "downtime-pages", .type = OPT_U32,
	  .offset = offsetof(struct own, downtime_pages), .def = "256",
	  .unit = "pages",
	  .help = "stop the guests when a round finds no more dirty pages than this" },
	{ .name = "max-rounds", .type = OPT_U32,
	  .offset = offsetof(struct own, max_rounds), .def = "30", .min = 1,
	  .max = MAX_SERIES - 2,
	  .help = "stop the guests after at most this many rounds" },
	OPT_END
};

struct migration {
	struct dirty_session s;
	const struct own *own;
	char *mirror;
	/* Of the current migration. */
	uint64_t start_ns, sent_pages;
	unsigned int nr_rounds;
	double x[MAX_SERIES], pages[MAX_SERIES];
	/* Of all. */
	struct hist enable_ns, total_ns, downtime_ns, nr_rounds_hist;
	struct hist sent, left;		/* pages */
	struct rounds total, downtime;
	struct hist quiet, busy;	/* write latencies, ticks */
	struct rounds quiet_rate, busy_rate;	/* accesses per second */
	uint64_t stale, first_stale, converged;
};

/*
 * Accesses of the running timed job.  Its histograms count each one; the
 * job's own count moves in steps, too large for a migration of milliseconds.
 */
static uint64_t accesses_now(const struct migration *m)
{
	const struct rig *rig = m->s.b->rig;
	uint64_t sum = 0;
	unsigned int i, op;

	for (i = 0; i < rig->cfg.nr_vcpus; i++)
		for (op = 0; op < NR_OPS; op++)
			sum += __atomic_load_n(&rig->hists[i]->op[op].n,
					       __ATOMIC_RELAXED);
	return sum;
}

static struct run_job guest_job(const struct migration *m)
{
	return bench_job(m->s.b, OP_RMW, GUEST_TIMED | GUEST_UNTIL_STOP);
}

/*
 * The last migration left its pages write-protected, and KVM does not undo
 * that when logging ends: the guests' next writes are faults of the migration.
 */
static int lift_protection(struct migration *m)
{
	const struct run_job job = bench_job(m->s.b, OP_RMW, 0);

	run_phase(m->s.b->run, "lift");
	return run_job(m->s.b->run, &job, &m->s.b->why);
}

/* The guests alone, for a while; the first lap is not in the rate. */
static int quiet_run(struct migration *m)
{
	struct bench *b = m->s.b;
	const struct run_job job = guest_job(m);
	static struct hist pass;
	uint64_t begin_ns, begin_accesses;
	int err = lift_protection(m);

	if (err)
		return err;
	run_latency_reset(b->run);
	run_phase(b->run, "quiet");
	err = run_start(b->run, &job, &b->why);
	if (!err)
		err = run_wait_rounds(b->run, 1, &b->why);
	if (err)
		return err;
	begin_accesses = accesses_now(m);
	begin_ns = timing_now_ns();
	timing_sleep_ns(BASELINE_NS);
	rounds_add(&m->quiet_rate, (accesses_now(m) - begin_accesses) * 1e9 /
		   (timing_now_ns() - begin_ns));
	err = run_stop(b->run, &b->why);
	if (err)
		return err;
	run_latency(b->run, OP_RMW, &pass);
	hist_merge(&m->quiet, &pass);
	return 0;
}

/* Copy what the bitmap says, no faster than the network would. */
static uint64_t send_pages(struct migration *m)
{
	uint64_t begin_ns = timing_now_ns(), spent_ns, due_ns = 0, nr;

	nr = dirty_oracle_mirror(m->s.b->rig, m->mirror, m->s.batch.bitmap);
	m->sent_pages += nr;
	if (m->own->bandwidth)
		due_ns = nr * 4096.0 * 1e9 / m->own->bandwidth;
	spent_ns = timing_now_ns() - begin_ns;
	if (due_ns > spent_ns)
		timing_sleep_ns(due_ns - spent_ns);
	return nr;
}

static void note_round(struct migration *m, uint64_t pages)
{
	m->x[m->nr_rounds] = m->nr_rounds;
	m->pages[m->nr_rounds] = pages;
	m->nr_rounds++;
}

/* Round 0: everything, whatever the log says. */
static int first_round(struct migration *m, bool all_set)
{
	struct rig *rig = m->s.b->rig;
	int err = 0;

	if (all_set)
		err = dirty_session_harvest(&m->s);
	if (err)
		return err;
	dirty_session_mark_all(&m->s);
	note_round(m, rig->mem.nr_pages);
	send_pages(m);
	return 0;
}

static int copy_rounds(struct migration *m)
{
	uint64_t nr;
	int err;

	do {
		err = dirty_session_harvest(&m->s);
		if (err)
			return err;
		nr = send_pages(m);
		note_round(m, nr);
	} while (nr > m->own->downtime_pages &&
		 m->nr_rounds <= m->own->max_rounds);
	m->converged += nr <= m->own->downtime_pages;
	return 0;
}

/* The guests stand still from here on: the clock of the downtime runs. */
static int final_round(struct migration *m)
{
	uint64_t begin_ns = timing_now_ns(), nr, ns;
	int err = dirty_session_harvest(&m->s);

	if (err)
		return err;
	nr = send_pages(m);
	note_round(m, nr);
	ns = timing_now_ns() - begin_ns;
	hist_add(&m->downtime_ns, ns);
	rounds_add(&m->downtime, ns);
	hist_add(&m->left, nr);
	return 0;
}

static int migrate_running(struct migration *m, bool all_set)
{
	struct bench *b = m->s.b;
	uint64_t begin_ns, begin_accesses;
	int err;

	begin_accesses = accesses_now(m);
	begin_ns = m->start_ns = timing_now_ns();
	err = dirty_session_start(&m->s);
	if (err)
		return err;
	hist_add(&m->enable_ns, timing_now_ns() - begin_ns);
	err = first_round(m, all_set);
	if (!err)
		err = copy_rounds(m);
	if (err)
		return err;
	rounds_add(&m->busy_rate, (accesses_now(m) - begin_accesses) * 1e9 /
		   (timing_now_ns() - begin_ns));
	return run_stop(b->run, &b->why);
}

static void count_stale(struct migration *m)
{
	uint64_t first = 0, stale;

	stale = dirty_oracle_stale(m->s.b->rig, m->mirror, &first);
	if (stale && !m->stale)
		m->first_stale = first;
	m->stale += stale;
}

static int one_migration(struct migration *m, bool all_set)
{
	struct bench *b = m->s.b;
	const struct run_job job = guest_job(m);
	static struct hist pass;
	uint64_t ns;
	int err;

	m->sent_pages = m->nr_rounds = 0;
	memset(m->mirror, 0xee, b->rig->mem.nr_pages * 4096);
	run_phase(b->run, "measure");
	run_latency_reset(b->run);
	err = run_start(b->run, &job, &b->why);
	/* A lap first: the guests are warm when the migration begins. */
	if (!err)
		err = run_wait_rounds(b->run, 1, &b->why);
	if (!err)
		err = migrate_running(m, all_set);
	if (!err)
		err = final_round(m);
	if (err)
		return err;
	ns = timing_now_ns() - m->start_ns;
	hist_add(&m->total_ns, ns);
	rounds_add(&m->total, ns);
	hist_add(&m->sent, m->sent_pages);
	hist_add(&m->nr_rounds_hist, m->nr_rounds);
	run_latency(b->run, OP_RMW, &pass);
	hist_merge(&m->busy, &pass);
	count_stale(m);
	return dirty_session_stop(&m->s);
}

static void record_guest(struct migration *m)
{
	struct rec *rec = m->s.b->rec;
	double tick_ns = timing_ns_per_tsc();
	double quiet = rounds_median(&m->quiet_rate);
	double busy = rounds_median(&m->busy_rate);

	rec_dist(rec, "guest.write.quiet", &m->quiet, "ns", tick_ns,
		 BETTER_LOWER);
	rec_dist(rec, "guest.write.migrating", &m->busy, "ns", tick_ns,
		 BETTER_LOWER);
	rounds_record(rec, "guest.rate.quiet", "1/s", &m->quiet_rate);
	rounds_record(rec, "guest.rate.migrating", "1/s", &m->busy_rate);
	/* Guests that stood still have no finite slow-down: null. */
	rec_value(rec, "guest.slowdown", quiet / busy, "x", BETTER_LOWER);
}

static void record(struct migration *m)
{
	struct bench *b = m->s.b;
	struct rec *rec = b->rec;

	run_phase(b->run, "drain");
	rec_dist(rec, "total", &m->total_ns, "ns", 1, BETTER_LOWER);
	rec_dist(rec, "downtime", &m->downtime_ns, "ns", 1, BETTER_LOWER);
	rec_dist(rec, "enable", &m->enable_ns, "ns", 1, BETTER_LOWER);
	rec_dist(rec, "rounds", &m->nr_rounds_hist, "rounds", 1, BETTER_LOWER);
	rec_dist(rec, "pages.sent", &m->sent, "pages", 1, BETTER_LOWER);
	rec_dist(rec, "pages.downtime", &m->left, "pages", 1, BETTER_LOWER);
	rounds_record(rec, "total", "ns", &m->total);
	rounds_record(rec, "downtime", "ns", &m->downtime);
	rec_series(rec, "pages_per_round", "round of the last migration",
		   "pages", m->x, m->pages, m->nr_rounds);
	record_guest(m);
	dirty_session_record(&m->s);
	rec_count(rec, "converged", m->converged, "migrations", BETTER_HIGHER);
	if (m->converged < b->p.rounds)
		rec_note(rec, "%" PRIu64 " of %u migrations converged; the others were ended by --max-rounds",
			 m->converged, b->p.rounds);
	rec_check(rec, "no_lost_write", !m->stale,
		  "%" PRIu64 " pages of the copy differ from the memory after %u migrations, first page %" PRIu64,
		  m->stale, b->p.rounds, m->first_stale);
}

static int open_migration(struct migration *m, struct bench *b,
			  const struct bench_case *c)
{
	struct dirty_setup setup = dirty_setup_of(b, c->str);
	int err;

	m->own = b->own;
	setup.op = OP_RMW;
	/* The copy is as large as the memory. */
	setup.host_bytes = b->p.vcpu_bytes * (b->p.overlap ? 1 : b->p.vcpus);
	if (c->arg[ARG_ALL_SET])
		setup.flags |= DIRTY_START_ALL_SET;
	err = dirty_session_open(&m->s, b, &setup);
	if (err)
		return err;
	m->mirror = malloc(b->rig->mem.nr_pages * 4096);
	if (!m->mirror)
		return reason_set(&b->why, -ENOMEM,
				  "no memory for a copy of the guest's");
	return run_record_self_cost(b->run, &b->why);
}

static int case_precopy(struct bench *b, const struct bench_case *c)
{
	static struct migration m;
	uint32_t round;
	int err;

	memset(&m, 0, sizeof(m));
	err = open_migration(&m, b, c);
	for (round = 0; round < b->p.rounds && !err; round++) {
		err = quiet_run(&m);
		if (!err)
			err = one_migration(&m, c->arg[ARG_ALL_SET]);
	}
	if (!err)
		record(&m);
	dirty_session_close(&m.s);
	free(m.mirror);
	return err;
}

#define PRECOPY(what, backend, all_set) { \
	.name = "dirty_log.precopy." what, .str = backend, \
	.summary = "pre-copy of a guest that writes in zipf order", \
	.fn = case_precopy, .arg = { all_set } }

static const struct bench_case cases[] = {
	PRECOPY("get", "get", 0),
	PRECOPY("clear", "clear", 0),
	PRECOPY("clear_allset", "clear", 1),
	PRECOPY("ring", "ring", 0),
	{ NULL },
};

static const struct bench_default defaults[] = {
	{ "payload", "zipf" },
	{ "op", "rmw" },
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/precopy",
		.question = "Does a pre-copy loop converge, and what does the guest pay?",
		.cases = cases,
		.defaults = defaults,
		.opts = own_opts,
		.own_bytes = sizeof(struct own),
	};

	return bench_main(argc, argv, &prog);
}
