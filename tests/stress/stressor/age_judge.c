// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is what aging says about pages true?
 *
 * All pages are aged and all TLBs flushed.  Then guests run for a moment, with no
 * agent beside them: what their logs say they touched must be young, and once
 * they stand still nothing stays young.
 *
 * The kernel moves pages by itself, and with multi-gen LRU an access to a page
 * that it unmaps meanwhile is forgotten.  So KSM rests, and an answer is wrong
 * only if each of several trials has a wrong one.  Pages that the interface knows
 * nothing of are not judged.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "host/host.h"
#include "age_judge.h"

#define TRIALS		3u	/* chosen; 2 would do */
#define MIN_OPS		64u	/* of each vCPU; chosen */
#define MAX_RUN_NS	300000000u
#define POLL_NS		2000000u
#define KSM_RUN		"/sys/kernel/mm/ksm/run"

struct trial {
	uint8_t *class_map, *touched;
	uint64_t *log_at, *done;	/* of each vCPU, before it ran */
};

static int pass(struct world *w, struct aging *a, struct trial *t,
		struct reason *why)
{
	struct aging_result res = { .class_map = t->class_map };

	return aging_pass(a, &w->rig->mem, &res, why);
}

static bool all_moved(const struct world *w, const struct trial *t)
{
	unsigned int i;

	for (i = 0; i < w->rig->cfg.nr_vcpus; i++)
		if (w->guests[i]->done - t->done[i] < MIN_OPS)
			return false;
	return true;
}

static int run_guests(struct world *w, struct trial *t, struct reason *why)
{
	const struct run_job job = {
		.cmd = GUEST_STRESS, .flags = GUEST_UNTIL_STOP,
	};
	uint64_t end = timing_now_ns() + MAX_RUN_NS;
	unsigned int i;
	int err;

	for (i = 0; i < w->rig->cfg.nr_vcpus; i++) {
		t->log_at[i] = w->guests[i]->log_at;
		t->done[i] = w->guests[i]->done;
	}
	err = run_start(w->b->run, &job, why);
	while (!err && !all_moved(w, t) && timing_now_ns() < end)
		timing_sleep_ns(POLL_NS);
	return err ? err : run_stop(w->b->run, why);
}

static void note_touched(const struct world *w, struct trial *t)
{
	unsigned int i;
	uint64_t at;

	memset(t->touched, 0, w->view.nr_pages);
	for (i = 0; i < w->rig->cfg.nr_vcpus; i++) {
		const struct stress_guest *g = w->guests[i];

		for (at = g->log_at; at > t->log_at[i] &&
		     at + STRESS_LOG_OPS > g->log_at; at--) {
			const struct stress_event *e =
				&g->log[(at - 1) % STRESS_LOG_OPS];

			if (e->kind == STRESS_OK)
				t->touched[e->page] = 1;
		}
	}
}

/* The first page that was touched and is not young, or -1. */
static int64_t forgotten(const struct world *w, const struct trial *t)
{
	uint32_t page;

	for (page = 0; page < w->view.nr_pages; page++)
		if (t->touched[page] && (t->class_map[page] == AGING_OLD ||
					 world_plants(w, "aging")))
			return page;
	return -1;
}

/* A page that was touched and is old, -1 if there is none, or -errno - 1. */
static int64_t touch_and_look(struct world *w, struct aging *a,
			      struct trial *t, struct reason *why)
{
	int err = pass(w, a, t, why);

	if (!err)
		err = rig_flush_tlbs(w->rig, why);
	if (!err)
		err = run_guests(w, t, why);
	if (!err)
		err = pass(w, a, t, why);
	if (err)
		return err - 1;
	note_touched(w, t);
	return forgotten(w, t);
}

static int judge_touched(struct world *w, struct aging *a, struct trial *t,
			 struct reason *why)
{
	int64_t page = 0;
	unsigned int i;

	for (i = 0; i < TRIALS && page >= 0; i++)
		page = touch_and_look(w, a, t, why);
	if (page < -1)
		return page + 1;
	if (page >= 0)
		world_alarm(w, "aging", page,
			    "page %u is old by '%s' although a vCPU touched it since it was aged and the TLBs were flushed",
			    (unsigned int)page, a->ops->name);
	return 0;
}

/* All stand still: what stays young in each of these passes was never aged. */
static int judge_untouched(struct world *w, struct aging *a, struct trial *t,
			   struct reason *why)
{
	unsigned int i;
	uint32_t page;
	int err = pass(w, a, t, why);

	memset(t->touched, 1, w->view.nr_pages);
	for (i = 0; i < TRIALS && !err; i++) {
		err = pass(w, a, t, why);
		for (page = 0; page < w->view.nr_pages && !err; page++)
			t->touched[page] &= t->class_map[page] == AGING_YOUNG;
	}
	for (page = 0; page < w->view.nr_pages && !err; page++) {
		if (!t->touched[page])
			continue;
		world_alarm(w, "aging", page,
			    "page %u stays young by '%s' although nobody touches it",
			    page, a->ops->name);
		break;
	}
	return err;
}

static int judge(struct world *w, struct aging *a, struct reason *why)
{
	unsigned int nr = w->rig->cfg.nr_vcpus;
	struct trial t = {
		.class_map = calloc(w->view.nr_pages, 1),
		.touched = calloc(w->view.nr_pages, 1),
		.log_at = calloc(nr, sizeof(*t.log_at)),
		.done = calloc(nr, sizeof(*t.done)),
	};
	int err = 0;

	if (!t.class_map || !t.touched || !t.log_at || !t.done)
		err = reason_set(why, -ENOMEM, "no memory to judge aging");
	if (!err)
		err = judge_touched(w, a, &t, why);
	if (!err)
		err = judge_untouched(w, a, &t, why);
	free(t.class_map);
	free(t.touched);
	free(t.log_at);
	free(t.done);
	return err;
}

int age_judge(struct world *w, struct aging *a, struct reason *why)
{
	int err;

	/* The journal knows what it was before: a kill here leaves nothing. */
	if (w->merges)
		host_write_pushed(KSM_RUN, "0", NULL);
	err = judge(w, a, why);
	if (w->merges)
		host_write_pushed(KSM_RUN, "1", NULL);
	return err;
}
