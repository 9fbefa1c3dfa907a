// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who are the agents of a run, and what did they do?
 *
 * The mix chooses them, the host has a say in it; a plan needs those that it
 * names.  Their steps are in steps.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "internal.h"
#include "mix.h"

static int add_member(struct crew *c, const struct stressor_ops *ops,
		      unsigned int weight, bool named, struct reason *why)
{
	struct member *m = &c->members[c->nr_members];
	struct reason no = { "" };
	int err = ops->probe ? ops->probe(c->w, &no) : 0;

	if (err && named) {
		*why = no;
		return err;
	}
	if (err) {
		rec_note(c->w->b->rec, "no stressor %s: %s", ops->name, no.text);
		return 0;
	}
	m->ops = ops;
	m->weight = weight;
	m->priv = calloc(1, ops->priv_bytes ? ops->priv_bytes : 1);
	if (!m->priv)
		return reason_set(why, -ENOMEM, "no memory for stressor %s",
				  ops->name);
	pthread_mutex_init(&m->busy, NULL);
	c->nr_members++;
	c->sum += weight;
	m->is_open = true;
	return ops->open ? ops->open(c->w, m->priv, why) : 0;
}

static int add_members(struct crew *c, const char *mix, struct reason *why)
{
	unsigned int i;
	bool named;
	int err = 0;

	for (i = 0; stressor_members[i] && !err; i++) {
		int weight = mix_weight(mix, stressor_members[i], &named, why);

		if (weight < 0)
			return weight;
		if (weight && c->nr_members == MAX_MEMBERS)
			return reason_set(why, -ENOSPC, "there are more than %u stressors",
					  MAX_MEMBERS);
		if (weight)
			err = add_member(c, stressor_members[i], weight, named,
					 why);
	}
	if (!err && !c->sum && strcmp(mix, "none"))
		err = reason_skip(why, -EOPNOTSUPP,
				 "no stressor of the mix works on this host");
	return err;
}

struct member *crew_member(struct crew *c, const char *name)
{
	unsigned int i;

	for (i = 0; i < c->nr_members; i++)
		if (!strcmp(c->members[i].ops->name, name))
			return &c->members[i];
	return NULL;
}

/* Whom the plan's numbers mean here. */
static int find_planned(struct crew *c, const struct schedule *plan,
			struct reason *why)
{
	unsigned int i;

	for (i = 0; i < plan->nr_agents; i++) {
		c->planned[i] = crew_member(c, plan->agents[i]);
		if (!c->planned[i] && turns_needs(c->turns, i))
			return reason_skip(why, -EOPNOTSUPP,
					  "the schedule has steps of the stressor %s, which is not in the mix or cannot work here",
					  plan->agents[i]);
	}
	return 0;
}

static int open_turns(struct crew *c, const struct crew_setup *s,
		      struct reason *why)
{
	struct schedule plan = { 0 };
	unsigned int i;
	int err = 0;

	if (*s->plan)
		err = schedule_read(s->plan, &plan, why);
	if (err)
		return err;
	if (plan.events)
		c->nr_hands = plan.nr_hands;
	if (c->nr_hands > MAX_HANDS)
		err = reason_usage(why, -EINVAL, "'%.200s' is of more than %u hands; give the schedule of a stress run",
				   s->plan, MAX_HANDS);
	if (!err)
		c->turns = turns_open(c->nr_hands, plan.events ? &plan : NULL,
				      why);
	for (i = 0; i < c->nr_members && c->turns; i++)
		turns_name(c->turns, c->members[i].ops->name);
	if (!err)
		err = c->turns ? find_planned(c, &plan, why) : why->err;
	schedule_free(&plan);
	return err;
}

struct crew *crew_open(struct world *w, const struct crew_setup *s,
		       struct reason *why)
{
	struct crew *c = calloc(1, sizeof(*c));
	uint64_t seed = s->seed;
	unsigned int i;

	if (!c) {
		reason_set(why, -ENOMEM, "no memory for the agents");
		return NULL;
	}
	c->w = w;
	c->nr_hands = s->nr_hands;
	why->err = add_members(c, s->mix, why);
	if (!why->err)
		why->err = open_turns(c, s, why);
	if (why->err) {
		crew_close(c);
		return NULL;
	}
	for (i = 0; i < c->nr_hands; i++) {
		c->hands[i].crew = c;
		c->hands[i].nr = i;
		c->hands[i].rng = rng_next(&seed);
		c->hands[i].rest_ns = CREW_REST_NS;
	}
	return c;
}

void crew_close(struct crew *c)
{
	unsigned int i;

	if (!c)
		return;
	for (i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (m->is_open && m->ops->close)
			m->ops->close(c->w, m->priv);
		pthread_mutex_destroy(&m->busy);
		free(m->priv);
	}
	turns_close(c->turns);
	free(c);
}

bool crew_has_plan(const struct crew *c)
{
	return turns_follows(c->turns);
}

bool crew_moment_over(const struct crew *c)
{
	return turns_moment_over(c->turns);
}

bool crew_plan_over(const struct crew *c)
{
	return turns_all_over(c->turns);
}

static json_t *mix_json(const struct crew *c)
{
	json_t *mix = json_object();
	unsigned int i;

	for (i = 0; i < c->nr_members; i++)
		json_object_set_new(mix, c->members[i].ops->name,
				    json_integer(c->members[i].weight));
	return mix;
}

int crew_record(const struct crew *c, const char *dir, const char *case_name,
		struct reason *why)
{
	struct rec *rec = c->w->b->rec;
	char name[256];
	unsigned int i;
	int err = 0;

	for (i = 0; i < c->nr_members; i++) {
		snprintf(name, sizeof(name), "stressor.%s", c->members[i].ops->name);
		rec_count(rec, name, c->members[i].steps, "steps", BETTER_NONE);
	}
	snprintf(name, sizeof(name), "%.200s" SCHEDULE_SUFFIX, case_name);
	if (*dir)
		err = turns_write(c->turns, dir, name, why);
	rec_line(rec, "run", json_pack("{s:o, s:i, s:s}", "mix", mix_json(c),
				       "hands", c->nr_hands, "schedule",
				       *dir && !err ? name : ""));
	return err;
}
