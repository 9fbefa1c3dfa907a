// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the MMU keep its promises while everything happens at once?
 *
 * Guests write and check their own and each other's units without leaving the
 * guest; a crew of agents changes memory, rights, memslots and logs beside
 * them.  Every now and then all stand still, and the host judges: each unit,
 * the mirror that the dirty log feeds, what children saw of shared pages.
 * It cannot tell what a violation was caused by; the record holds the page's
 * last history from both sides.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "crew.h"
#include "leak.h"
#include "program.h"

#define POLL_NS 5000000u
#define SLICE_NS 400000000u	/* between two quiet moments; chosen */

/* What is special about a case, in arg[1]. */
enum { HUGE_PAGES = 1, SHARED = 2, NESTED = 4, SMM = 8, TABLES = 16,
       LA57 = 32 };

struct stress_params {
	double seconds;
	const char *mix;
	const char *plant;
	const char *replay;
	const char *reproducer;
	uint32_t hands;
	uint32_t stall_s;
};

static const char *const plants[] = {
	"", "memory", "tables", "log", "snapshot", "slot", "aging", "progress", "leak", "schedule", NULL
};

#define P(member) .offset = offsetof(struct stress_params, member)

static const struct opt stress_opts[] = {
	{ .name = "seconds", .type = OPT_DOUBLE, P(seconds), .def = "2",
	  .help = "time to run each case, in seconds" },
	{ .name = "mix", .type = OPT_STRING, P(mix), .def = "all",
	  .help = "comma-separated stressors and weights: all, NAME, NAME=WEIGHT, -NAME" },
	{ .name = "hands", .type = OPT_U32, P(hands), .def = "2",
	  .min = 1, .max = 4, .help = "number of threads that take the stressors' steps" },
	{ .name = "stall", .type = OPT_U32, P(stall_s), .def = "20",
	  .min = 1, .max = 3600,
	  .help = "seconds after which a vCPU or a step without progress counts as hung" },
	{ .name = "replay", .type = OPT_STRING, P(replay), .arg = "FILE",
	  .help = "take the steps that the schedule in FILE tells, in its order" },
	{ .name = "reproducer", .type = OPT_STRING, P(reproducer), .arg = "FILE",
	  .help = "do not run, write the steps of --replay to FILE as a C program for the kernel's selftests" },
	{ .name = "plant", .type = OPT_STRING, P(plant), .choices = plants,
	  .help = "plant an error that this judge must report; schedule: one that depends on it, for memory" },
	OPT_END
};

struct stress {
	struct world w;
	struct crew *crew;
	const struct stress_params *p;
	struct leak leak;
	uint64_t *done;		/* of each vCPU, when it last moved */
	uint64_t *moved_ns;
};

/* ---- progress ---------------------------------------------------------------- */

static void watch_begin(struct stress *s)
{
	unsigned int i;

	for (i = 0; i < s->w.rig->cfg.nr_vcpus; i++)
		s->moved_ns[i] = timing_now_ns();
}

static void watch(struct stress *s)
{
	uint64_t limit = s->p->stall_s * 1000000000ull, now = timing_now_ns();
	const char *stuck = crew_stuck(s->crew, limit);
	unsigned int i;

	if (stuck)
		world_alarm(&s->w, "progress", UINT32_MAX,
			    "a step of stressor %s did not return within %u s",
			    stuck, s->p->stall_s);
	for (i = 0; i < s->w.rig->cfg.nr_vcpus; i++) {
		uint64_t done = world_plants(&s->w, "progress") ? 0 :
				s->w.guests[i]->done;

		if (done != s->done[i]) {
			s->done[i] = done;
			s->moved_ns[i] = now;
		} else if (now - s->moved_ns[i] > limit) {
			world_alarm(&s->w, "progress", UINT32_MAX,
				    "vCPU %u made no progress for %u s after %" PRIu64 " operations",
				    i, s->p->stall_s, done);
		}
	}
}

static bool guest_complains(const struct stress *s)
{
	unsigned int i;

	for (i = 0; i < s->w.nr_guests; i++)
		if (s->w.guests[i]->nr_bad)
			return true;
	for (i = 0; s->w.tables && i < s->w.rig->cfg.nr_vcpus; i++)
		if (s->w.tables[i]->nr_bad)
			return true;
	return false;
}

/* ---- the run ----------------------------------------------------------------- */

/*
 * With --plant=memory: a unit that was written, to be spoilt while the content
 * is judged.  No other judge may see it: the log knows nothing of a write by
 * the host.
 */
static uint64_t *planted_unit(struct stress *s)
{
	uint32_t page;

	if (!world_plants(&s->w, "memory"))
		return NULL;
	for (page = 0; page < s->w.view.first_table; page++)
		if (stress_check(&s->w.view, 0, page, 1, NULL) == STRESS_OK &&
		    *(uint64_t *)world_hva(&s->w, page))
			return (uint64_t *)world_hva(&s->w, page);
	return NULL;
}

/* Is this moment over?  A plan says so itself. */
static bool is_time(const struct stress *s, uint64_t until_ns)
{
	return crew_has_plan(s->crew) ? crew_moment_over(s->crew) :
					timing_now_ns() >= until_ns;
}

/* Guests and agents at work until @until_ns, an alarm, or a failure. */
static int noise(struct stress *s, uint64_t until_ns)
{
	const struct run_job job = {
		.cmd = s->w.tables ? GUEST_TABLES : GUEST_STRESS,
		.flags = GUEST_UNTIL_STOP,
	};
	struct bench *b = s->w.b;
	struct reason late = { "" };
	int err, end;

	err = run_start(b->run, &job, &b->why);
	if (!err)
		err = crew_start(s->crew, &b->why);
	while (!err && !is_time(s, until_ns) && !s->w.nr_alarms &&
	       !guest_complains(s) && !run_agents_failed(b->run, &b->why)) {
		timing_sleep_ns(POLL_NS);
		watch(s);
	}
	/* A host that gave this thread no time looks at least once. */
	if (!err)
		watch(s);
	/* Agents first: no guest may wait for a page that an agent holds. */
	end = crew_stop(s->crew, s->p->stall_s * 1000000000ull, err ? &late : &b->why);
	err = err ? err : end;
	end = run_stop(b->run, err ? &late : &b->why);
	return err ? err : end;
}

static int quiet(struct stress *s)
{
	uint64_t *planted = planted_unit(s);

	world_collect_guests(&s->w);
	if (planted)
		*planted ^= 1;
	world_judge_content(&s->w);
	if (planted)
		*planted ^= 1;
	return crew_quiet(s->crew, &s->w.b->why);
}

static int rounds(struct stress *s)
{
	uint64_t now = timing_now_ns(), next;
	uint64_t until = now + (uint64_t)(s->p->seconds * 1e9);
	uint64_t nr = 0;
	bool over = false;
	int err = 0;

	run_phase(s->w.b->run, "stress");
	watch_begin(s);
	while (!err && !s->w.nr_alarms && !over) {
		next = until - now < SLICE_NS ? until : now + SLICE_NS;
		err = noise(s, next);
		if (!err)
			err = quiet(s);
		now = timing_now_ns();
		over = crew_has_plan(s->crew) ? crew_plan_over(s->crew) :
						now >= until;
		nr++;
	}
	rec_count(s->w.b->rec, "quiet_moments", nr, "times", BETTER_NONE);
	return err;
}

/* How many levels the tables have that the guests of @c edit; 0: they edit none. */
static unsigned int levels_of(const struct bench_case *c)
{
	if (!(c->arg[1] & TABLES))
		return 0;
	return c->arg[1] & LA57 ? 5 : 4;
}

static int stress_open(struct stress *s, struct bench *b,
		       const struct bench_case *c)
{
	const struct world_setup setup = {
		.log = c->str, .log_flags = c->arg[0],
		.nr_agents = s->p->hands, .plant = s->p->plant,
		.is_shared = c->arg[1] & SHARED, .is_nested = c->arg[1] & NESTED,
		.has_smm = c->arg[1] & SMM, .levels = levels_of(c),
	};
	const struct crew_setup crew = {
		.mix = s->p->mix, .seed = b->p.seed, .nr_hands = s->p->hands,
		/* A program is written of any schedule. */
		.plan = *s->p->reproducer ? "" : s->p->replay,
	};
	int err = leak_begin(&s->leak, &b->why);

	if (!err)
		err = world_open(&s->w, b, &setup);
	if (!err && setup.levels)
		err = world_open_tables(&s->w, setup.levels);
	if (err)
		return err;
	madvise(s->w.view.mem, s->w.view.nr_pages * 4096ull, c->arg[1] & HUGE_PAGES ?
		MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	run_set_timeout(b->run, s->p->stall_s + 10);
	s->done = calloc(s->w.rig->cfg.nr_vcpus, sizeof(*s->done));
	s->moved_ns = calloc(s->w.rig->cfg.nr_vcpus, sizeof(*s->moved_ns));
	if (!s->done || !s->moved_ns)
		return reason_set(&b->why, -ENOMEM, "no memory");
	s->crew = crew_open(&s->w, &crew, &b->why);
	return s->crew ? 0 : b->why.err;
}

static int write_program(struct stress *s, const struct bench_case *c)
{
	const struct program_setup setup = {
		.path = s->p->reproducer, .plan = s->p->replay,
		.case_name = c->name, .log = c->str,
		.all_set = c->arg[0] & DIRTY_START_ALL_SET, .thp = c->arg[1],
		.is_shared = c->arg[2],
	};

	if (c->arg[3])
		return reason_skip(&s->w.b->why, -EOPNOTSUPP, "a program of its own has no guests that edit their page tables");
	return program_write(&s->w, &setup, &s->w.b->why);
}

static int stress_case(struct bench *b, const struct bench_case *c)
{
	struct stress *s = calloc(1, sizeof(*s));
	struct reason late;
	int err, end = 0;

	if (!s)
		return reason_set(&b->why, -ENOMEM, "no memory");
	s->p = b->own;
	err = stress_open(s, b, c);
	if (!err)
		err = *s->p->reproducer ? write_program(s, c) : rounds(s);
	if (s->crew)
		end = crew_record(s->crew, b->p.results, c->name,
				  err ? &late : &b->why);
	crew_close(s->crew);
	if (s->w.guests)
		leak_judge_mappings(&s->leak, &s->w);
	if (s->w.guests)
		world_record(&s->w);
	world_close(&s->w);
	leak_end(&s->leak, b->rec);
	free(s->done);
	free(s->moved_ns);
	free(s);
	return err ? err : end;
}

#define STRESS(_name, _summary, _log, _flags, _special) \
	{ .name = "stress." _name, .summary = _summary, .fn = stress_case, \
	  .str = _log, .arg = { _flags, _special } }

static const struct bench_case cases[] = {
	STRESS("nolog", "all stressors, no dirty log", NULL, 0, HUGE_PAGES),
	STRESS("get", "all stressors, the log by KVM_GET_DIRTY_LOG", "get", 0,
	       HUGE_PAGES),
	STRESS("clear", "all stressors, the log by KVM_CLEAR_DIRTY_LOG", "clear",
	       0, HUGE_PAGES),
	STRESS("clear.all_set", "all stressors, clear with all pages dirty at the start",
	       "clear", DIRTY_START_ALL_SET, HUGE_PAGES),
	STRESS("ring", "all stressors, the log by dirty rings", "ring", 0,
	       HUGE_PAGES),
	STRESS("get.shared", "all stressors, get with memory that is shared",
	       "get", 0, HUGE_PAGES | SHARED),
	STRESS("get.4k", "all stressors, get with small pages only", "get", 0, 0),
	STRESS("tables", "guests in ring 0 edit their page tables, no dirty log",
	       NULL, 0, HUGE_PAGES | TABLES),
	STRESS("tables.get", "the same, the log by KVM_GET_DIRTY_LOG", "get", 0,
	       HUGE_PAGES | TABLES),
	STRESS("tables.ring", "the same, the log by dirty rings, small pages only",
	       "ring", 0, TABLES),
	STRESS("tables.la57", "the same with 5-level paging, no dirty log", NULL, 0,
	       HUGE_PAGES | TABLES | LA57),
	STRESS("nested", "all stressors, get, a guest in a guest", "get", 0,
	       HUGE_PAGES | NESTED),
	STRESS("smm", "all stressors, get, and SMM that works, too", "get", 0,
	       HUGE_PAGES | SMM),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "stress/stress",
		.question = "Does the MMU keep its promises while everything happens at once?",
		.cases = cases,
		.opts = stress_opts,
		.own_bytes = sizeof(struct stress_params),
	};

	return bench_main(argc, argv, &prog);
}
