// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the host find when all stands still, and what did guests find?
 *
 * The memory judge reads every unit as its writer would, with the same rules
 * (guest/stress.h); a violation is told with the page's history from both
 * sides: what vCPUs did there last, and what agents did.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timing.h"
#include "violation.h"
#include "world.h"

#define TOLD_DEEDS	6u	/* of agents, on the page; chosen */
#define TOLD_OPS	4u	/* of each vCPU, on the page; chosen */

static void note_deeds(struct world *w, uint32_t page)
{
	uint64_t at = w->nr_deeds, oldest;
	unsigned int told = 0;

	oldest = at > WORLD_HISTORY ? at - WORLD_HISTORY : 0;
	while (at-- > oldest && told < TOLD_DEEDS) {
		const struct world_deed *d = &w->deeds[at % WORLD_HISTORY];

		if (page < d->first || page >= d->first + d->nr)
			continue;
		told++;
		rec_note(w->b->rec,
			 "page %u: %s %s pages %u to %u, %.3f to %.3f ms", page,
			 d->agent, d->what, d->first, d->first + d->nr - 1,
			 (d->begin_ns - w->begin_ns) / 1e6,
			 (d->end_ns - w->begin_ns) / 1e6);
	}
}

static void note_ops(struct world *w, uint32_t page, unsigned int vcpu)
{
	const struct stress_guest *g = w->guests[vcpu];
	uint64_t at = g->log_at, oldest;
	unsigned int told = 0;

	oldest = at > STRESS_LOG_OPS ? at - STRESS_LOG_OPS : 0;
	while (at-- > oldest && told < TOLD_OPS) {
		const struct stress_event *e = &g->log[at % STRESS_LOG_OPS];

		if (e->page != page)
			continue;
		told++;
		rec_note(w->b->rec,
			 "page %u: vCPU %u %s of vCPU %u's unit at tsc %" PRIu64 ": %s; state 0x%" PRIx64 ", record 0x%" PRIx64 ", found 0x%" PRIx64,
			 page, vcpu, stress_op_names[e->op], e->writer, e->tsc,
			 stress_kind_names[e->kind], e->state, e->rec,
			 e->found[0]);
	}
}

static void note_history(struct world *w, uint32_t page)
{
	unsigned int i;

	note_deeds(w, page);
	for (i = 0; i < w->nr_guests; i++)
		note_ops(w, page, i);
}

static void alarm_event(struct world *w, const char *who,
			const struct stress_event *e)
{
	world_alarm(w, "memory", e->page,
		    "%s: %s: page %u, unit of vCPU %u, %s: state 0x%" PRIx64 ", record 0x%" PRIx64 " (generation %u), found 0x%016" PRIx64 " 0x%016" PRIx64,
		    who, stress_kind_names[e->kind], e->page, e->writer,
		    stress_op_names[e->op], e->state, e->rec,
		    stress_rec_gen(e->rec), e->found[0], e->found[1]);
}

void world_collect_guests(struct world *w)
{
	unsigned int i, n;
	char who[24];

	for (i = 0; i < w->nr_guests; i++) {
		struct stress_guest *g = w->guests[i];

		snprintf(who, sizeof(who), "vCPU %u", i);
		for (n = 0; n < g->nr_bad && n < STRESS_MAX_BAD; n++)
			alarm_event(w, who, &g->bad[n]);
		g->nr_bad = 0;
	}
	if (w->tables)
		world_collect_tables(w);
}

void world_judge_content(struct world *w)
{
	struct stress_event e;
	uint32_t page, vcpu;

	for (page = 0; page < w->view.first_table; page++) {
		for (vcpu = 0; vcpu < w->view.nr_vcpus; vcpu++) {
			memset(&e, 0, sizeof(e));
			e.kind = stress_check(&w->view, vcpu, page, 1, &e);
			e.page = page;
			e.writer = vcpu;
			if (e.kind > STRESS_RACED)
				alarm_event(w, "host", &e);
		}
		if (w->nr_alarms >= WORLD_ALARMS)
			return;
	}
}

static void record_judge(struct world *w, const char *judge)
{
	const struct world_alarm *first = NULL;
	unsigned int i, nr = 0;

	for (i = 0; i < w->nr_alarms && i < WORLD_ALARMS; i++) {
		if (strcmp(w->alarms[i].judge, judge))
			continue;
		first = first ? first : &w->alarms[i];
		nr++;
	}
	rec_check(w->b->rec, judge, !nr, "%s", first ? first->text : "no alarm");
	if (first && first->page != UINT32_MAX)
		note_history(w, first->page);
}

void world_record(struct world *w)
{
	uint64_t done = 0, raced = 0, smm = 0;
	unsigned int i;

	for (i = 0; world_judges[i]; i++)
		record_judge(w, world_judges[i]);
	violation_record(w);
	for (i = 0; i < w->nr_guests; i++) {
		done += w->guests[i]->done;
		raced += w->guests[i]->raced;
		if (i >= w->rig->cfg.nr_vcpus)
			smm += w->guests[i]->done;
	}
	rec_count(w->b->rec, "guest.ops", done, "ops", BETTER_NONE);
	if (w->rig->cfg.guest_smm)
		rec_count(w->b->rec, "guest.smm_ops", smm, "ops", BETTER_NONE);
	rec_count(w->b->rec, "guest.raced", raced, "ops", BETTER_NONE);
	rec_count(w->b->rec, "guest.faults", w->faults, "exits", BETTER_NONE);
	rec_count(w->b->rec, "guest.mmio", w->mmio_exits, "exits", BETTER_NONE);
	rec_count(w->b->rec, "errands.cut_short", w->cut_short, "calls",
		  BETTER_NONE);
	if (w->tables)
		world_record_tables(w);
}
