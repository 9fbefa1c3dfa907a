// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does one aging pass cost, per page?
 *
 * Method: every page is mapped by the guest; passes over all of it are timed
 * in the host and divided by the number of pages.  Three kinds:
 *	arm	the first pass over new pages, none is marked yet
 *	young	the guest has written every page since the last pass
 *	old	nothing was used since the last pass
 * With idle vCPUs they sleep outside KVM_RUN; with running ones they write
 * the memory all the time, so that aging and faults meet.
 *
 * Cannot tell: which part of the time is KVM's; the pass includes the walk
 * of the host's page tables and the backend's own system calls.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ager.h"

enum { ARG_RUNNING };

/* Every page new to the backend: new to the host, mapped, and written. */
static int arm_once(struct ager *a, struct bench *b)
{
	int err;

	run_phase(b->run, "renew");
	err = rig_discard(b->rig, 0, b->rig->mem.nr_pages, &b->why);
	if (!err)
		err = bench_populate(b);
	run_phase(b->run, "arm");
	/* Pages new to the host wait in lists that only a first pass drains. */
	if (!err)
		err = aging_reopen(&a->aging, &b->why);
	return err ? err : ager_pass(a);
}

static int time_arming(struct ager *a, struct bench *b, const char *backend)
{
	int err = ager_open(a, b, backend, 0);
	uint32_t i;

	if (err)
		return err;
	ager_reset(a);
	for (i = 0; i < b->p.rounds && !err; i++)
		err = arm_once(a, b);
	run_phase(b->run, "between");
	if (!err)
		ager_record(a, "pass.arm");
	return err;
}

static int time_young(struct ager *a, struct bench *b)
{
	uint32_t i;
	int err = 0;

	ager_reset(a);
	for (i = 0; i < b->p.rounds && !err; i++) {
		err = bench_populate(b);
		run_phase(b->run, "age_young");
		if (!err)
			err = ager_pass_flush(a);
	}
	if (err)
		return err;
	ager_record(a, "pass.young");
	rec_count(b->rec, "young.young_pages", a->young_pages, "pages",
		  BETTER_NONE);
	rec_count(b->rec, "young.old_pages", a->old_pages, "pages", BETTER_NONE);
	rec_count(b->rec, "young.unknown_pages", a->unknown_pages, "pages",
		  BETTER_NONE);
	return 0;
}

static int time_old(struct ager *a, struct bench *b)
{
	uint32_t i;
	int err = 0;

	ager_reset(a);
	run_phase(b->run, "age_old");
	for (i = 0; i < b->p.rounds && !err; i++)
		err = ager_pass(a);
	run_phase(b->run, "between");
	if (!err)
		ager_record(a, "pass.old");
	return err;
}

/*
 * A pass while the guest is at it.  Young pages are those written between
 * two passes, so a round of the guest's comes before each.
 */
static int time_running(struct ager *a, struct bench *b)
{
	const struct run_job job = bench_job(b, OP_WRITE, GUEST_UNTIL_STOP);
	uint32_t i;
	int err, stopped;

	ager_reset(a);
	run_phase(b->run, "age_running");
	err = run_start(b->run, &job, &b->why);
	if (err)
		return err;
	for (i = 0; i < b->p.rounds && !err; i++) {
		err = run_wait_rounds(b->run, 1, &b->why);
		if (!err)
			err = ager_pass_flush(a);
	}
	stopped = run_stop(b->run, &b->why);
	if (err || stopped)
		return err ? err : stopped;
	ager_record(a, "pass.running");
	rec_count(b->rec, "running.young_pages", a->young_pages, "pages",
		  BETTER_NONE);
	rec_count(b->rec, "running.guest_writes", run_job_accesses(b->run),
		  "accesses", BETTER_NONE);
	return 0;
}

static int measure(struct ager *a, struct bench *b, const struct bench_case *c)
{
	bool running = c->arg[ARG_RUNNING];
	struct ager_mappings before;
	int err = time_arming(a, b, c->str);

	if (err)
		return err;
	ager_mappings(b, &before);
	if (running)
		err = time_running(a, b);
	else
		err = time_young(a, b);
	if (!err && !running)
		err = time_old(a, b);
	run_phase(b->run, "between");
	return err ? err : ager_finish(b, &before);
}

static int pass_cost_case(struct bench *b, const struct bench_case *c)
{
	struct ager *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return reason_set(&b->why, -ENOMEM, "no memory");
	b->p.op = OP_WRITE;
	err = ager_enter(b, c->str, 0);
	if (!err)
		err = bench_rig(b, NULL, 0);
	if (!err)
		err = bench_load_payload(b);
	if (!err)
		err = measure(a, b, c);
	ager_close(a);
	free(a);
	return err;
}

#define PASS_COST(_backend, _name, _running, _summary) \
	{ .name = "access_tracking.pass_cost." _backend "." _name, \
	  .summary = _summary, .fn = pass_cost_case, .str = _backend, \
	  .arg = { [ARG_RUNNING] = _running } }

static const struct bench_case cases[] = {
	PASS_COST("page_idle", "idle", 0, "idle bitmap, no vCPU runs"),
	PASS_COST("page_idle", "running", 1, "idle bitmap, the guest writes"),
	PASS_COST("mglru", "idle", 0, "multi-gen LRU, no vCPU runs"),
	PASS_COST("mglru", "running", 1, "multi-gen LRU, the guest writes"),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "access_tracking/pass_cost",
		.question = "What does one aging pass cost, per page?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
