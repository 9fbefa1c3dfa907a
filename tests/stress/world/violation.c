// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was going on when the first alarm was raised?
 *
 * A line "violation" of the record: the judge, the page, when it was, what
 * KVM's counters had counted by then, the last deeds of agents, and which
 * agents come first into question: those that touched the page last, then
 * those that did anything last.  mmubench stress begins with them when it looks
 * for the fewest that are needed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "violation.h"
#include "world.h"

#define LAST_DEEDS 16u	/* chosen */

void violation_begin(struct world *w)
{
	w->kvm_begin = kstat_snap(w->rig->kstat);
}

void violation_catch(struct world *w)
{
	w->kvm_alarm = w->rig ? kstat_snap(w->rig->kstat) : NULL;
	w->alarm_ns = timing_now_ns();
}

void violation_free(struct world *w)
{
	kstat_snap_free(w->kvm_begin);
	kstat_snap_free(w->kvm_alarm);
}

static json_t *counters(const struct world *w)
{
	struct kstat_sum sum = { 0 };
	json_t *all = json_object();
	unsigned int i;

	kstat_sum_add(&sum, w->kvm_begin, w->kvm_alarm);
	for (i = 0; i < sum.nr; i++)
		if (sum.counts[i].value)
			json_object_set_new(all, sum.counts[i].name,
					    json_integer(sum.counts[i].value));
	kstat_sum_free(&sum);
	return all;
}

/*
 * The deed before *@at that had begun when the alarm was raised, newest first,
 * or NULL.  *@at starts at w->nr_deeds.
 */
static const struct world_deed *older(const struct world *w, uint64_t *at)
{
	uint64_t oldest = w->nr_deeds > WORLD_HISTORY ?
			  w->nr_deeds - WORLD_HISTORY : 0;

	while (*at > oldest) {
		const struct world_deed *d = &w->deeds[--*at % WORLD_HISTORY];

		if (d->begin_ns <= w->alarm_ns)
			return d;
	}
	return NULL;
}

static double ms(const struct world *w, uint64_t ns)
{
	return (double)(int64_t)(ns - w->begin_ns) / 1e6;
}

static json_t *last_deeds(const struct world *w)
{
	const struct world_deed *d;
	json_t *all = json_array();
	uint64_t at = w->nr_deeds;
	unsigned int n;

	for (n = 0; n < LAST_DEEDS && (d = older(w, &at)); n++)
		json_array_append_new(all, json_pack("{s:s, s:s, s:I, s:I, s:f, s:f}",
			"agent", d->agent, "what", d->what,
			"first", (json_int_t)d->first, "nr", (json_int_t)d->nr,
			"begin_ms", ms(w, d->begin_ns),
			"end_ms", ms(w, d->end_ns)));
	return all;
}

static void add_name(json_t *names, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(names); i++)
		if (!strcmp(json_string_value(json_array_get(names, i)), name))
			return;
	json_array_append_new(names, json_string(name));
}

static json_t *suspects(const struct world *w, uint32_t page)
{
	const struct world_deed *d;
	json_t *names = json_array();
	uint64_t at;

	for (at = w->nr_deeds; (d = older(w, &at));)
		if (page >= d->first && page < d->first + d->nr)
			add_name(names, d->agent);
	for (at = w->nr_deeds; (d = older(w, &at));)
		add_name(names, d->agent);
	return names;
}

static void note_last(struct world *w)
{
	const struct world_deed *d;
	char text[400] = "";
	size_t len = 0;
	uint64_t at = w->nr_deeds;
	unsigned int n;

	for (n = 0; n < 6 && len < sizeof(text) && (d = older(w, &at)); n++)
		len += snprintf(text + len, sizeof(text) - len,
				"%s%s %s pages %u to %u until %.3f ms",
				n ? "; " : "", d->agent, d->what, d->first,
				d->first + d->nr - 1, ms(w, d->end_ns));
	rec_note(w->b->rec, "before the alarm at %.3f ms, newest first: %s",
		 ms(w, w->alarm_ns), n ? text : "no step had begun");
}

void violation_record(struct world *w)
{
	const struct world_alarm *a = &w->alarms[0];

	if (!w->nr_alarms)
		return;
	note_last(w);
	rec_line(w->b->rec, "violation", json_pack(
		"{s:s, s:s, s:I, s:f, s:o, s:o, s:o}", "judge", a->judge,
		"text", a->text, "page",
		a->page == UINT32_MAX ? (json_int_t)-1 : (json_int_t)a->page,
		"at_ms", ms(w, w->alarm_ns), "suspects", suspects(w, a->page),
		"deeds", last_deeds(w), "kvm", counters(w)));
}
