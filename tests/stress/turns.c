// SPDX-License-Identifier: GPL-2.0-only
/*
 * In which order do steps begin and end, and how is an order repeated?
 *
 * Method: one lock for all.  What happens is appended to a ring.  A plan is
 * followed by a cursor: the hand whose event is next does it and moves the
 * cursor on, the others wait.  A hand waits before its step and after it,
 * never within, so a step that waits for another one's lock is no deadlock.
 *
 * It cannot repeat what guests do, nor what happens within steps.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "turns.h"

/* How much longer than in the plan a violation may take to show; chosen. */
#define GRACE_NS 1000000000ull

struct turns {
	pthread_mutex_t lock;
	pthread_cond_t moved;	/* the cursor, or the crew rests */
	struct schedule now;	/* a ring: event n is at n modulo its size */
	uint64_t nr;		/* events so far */
	struct schedule plan;	/* without events: none */
	size_t at;		/* the plan's next event */
	uint64_t go_ns;
	uint64_t open;		/* whose steps have begun and not ended */
	unsigned int agent_of[SCHEDULE_MAX_HANDS];	/* while it has a step */
	bool resting;
};

/* ---- life -------------------------------------------------------------------- */

static int copy_plan(struct turns *t, const struct schedule *plan)
{
	t->plan = *plan;
	t->plan.events = malloc((plan->nr + 1) * sizeof(*plan->events));
	if (!t->plan.events)
		return -ENOMEM;
	memcpy(t->plan.events, plan->events, plan->nr * sizeof(*plan->events));
	return 0;
}

struct turns *turns_open(unsigned int nr_hands, const struct schedule *plan,
			 struct reason *why)
{
	struct turns *t = calloc(1, sizeof(*t));

	if (t)
		t->now.events = calloc(SCHEDULE_MAX_EVENTS,
				       sizeof(*t->now.events));
	if (!t || !t->now.events || (plan && copy_plan(t, plan))) {
		turns_close(t);
		reason_set(why, -ENOMEM, "no memory for the schedule");
		return NULL;
	}
	t->now.nr_hands = nr_hands;
	t->resting = true;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->moved, NULL);
	return t;
}

void turns_close(struct turns *t)
{
	if (!t)
		return;
	schedule_free(&t->now);
	schedule_free(&t->plan);
	free(t);
}

void turns_name(struct turns *t, const char *agent)
{
	if (t->now.nr_agents < SCHEDULE_MAX_AGENTS)
		snprintf(t->now.agents[t->now.nr_agents++],
			 SCHEDULE_NAME_BYTES, "%s", agent);
}

bool turns_follows(const struct turns *t)
{
	return t->plan.events;
}

bool turns_needs(const struct turns *t, unsigned int agent)
{
	size_t i;

	for (i = 0; i < t->plan.nr; i++)
		if (t->plan.events[i].what == SCHEDULE_BEGIN &&
		    t->plan.events[i].agent == agent)
			return true;
	return false;
}

/* ---- writing down ------------------------------------------------------------ */

static void append(struct turns *t, enum schedule_what what, unsigned int hand,
		   unsigned int agent, uint64_t rng)
{
	uint64_t us = (timing_now_ns() - t->go_ns) / 1000;

	t->now.events[t->nr++ % SCHEDULE_MAX_EVENTS] = (struct schedule_event){
		.what = what, .hand = hand, .agent = agent, .rng = rng,
		.us = us < UINT32_MAX ? us : UINT32_MAX,
	};
}

/* The first event to keep: behind a quiet moment, unless nothing is lost. */
static uint64_t first_kept(const struct turns *t)
{
	uint64_t first, i;

	if (t->nr <= SCHEDULE_MAX_EVENTS)
		return 0;
	first = t->nr - SCHEDULE_MAX_EVENTS;
	for (i = first; i + 1 < t->nr; i++)
		if (t->now.events[i % SCHEDULE_MAX_EVENTS].what == SCHEDULE_QUIET)
			return i + 1;
	return first;
}

/* In a row, without ends of steps whose beginning is lost. */
static void straighten(const struct turns *t, struct schedule *s)
{
	bool open[SCHEDULE_MAX_HANDS] = { false };
	uint64_t i;

	s->nr = 0;
	s->dropped = first_kept(t);
	for (i = s->dropped; i < t->nr; i++) {
		const struct schedule_event *e =
			&t->now.events[i % SCHEDULE_MAX_EVENTS];

		if (e->what == SCHEDULE_END && !open[e->hand])
			continue;
		if (e->what != SCHEDULE_QUIET)
			open[e->hand] = e->what == SCHEDULE_BEGIN;
		s->events[s->nr++] = *e;
	}
}

int turns_write(struct turns *t, const char *dir, const char *name,
		struct reason *why)
{
	struct schedule s = t->now;
	int err;

	s.events = calloc(SCHEDULE_MAX_EVENTS, sizeof(*s.events));
	if (!s.events)
		return reason_set(why, -ENOMEM, "no memory for the schedule");
	pthread_mutex_lock(&t->lock);
	straighten(t, &s);
	pthread_mutex_unlock(&t->lock);
	err = schedule_write(dir, name, &s, why);
	free(s.events);
	return err;
}

/* ---- the plan ---------------------------------------------------------------- */

/* The plan's next event, or NULL; the lock is held. */
static const struct schedule_event *next(const struct turns *t)
{
	return t->at < t->plan.nr ? &t->plan.events[t->at] : NULL;
}

static bool is_over(const struct turns *t)
{
	return !next(t) || next(t)->what == SCHEDULE_QUIET;
}

/* Wait until it is @hand's turn; the lock is held.  False: it has none. */
static bool await_turn(struct turns *t, unsigned int hand,
		       enum schedule_what what)
{
	while (!t->resting && !is_over(t)) {
		if (next(t)->hand == hand && next(t)->what == what)
			return true;
		pthread_cond_wait(&t->moved, &t->lock);
	}
	return false;
}

static void sleep_until(uint64_t then_ns)
{
	uint64_t now = timing_now_ns();

	if (now < then_ns)
		timing_sleep_ns(then_ns - now);
}

bool turns_take(struct turns *t, unsigned int hand, unsigned int *agent,
		uint64_t *rng)
{
	bool mine;
	uint64_t when_ns = 0;

	pthread_mutex_lock(&t->lock);
	mine = await_turn(t, hand, SCHEDULE_BEGIN);
	if (mine) {
		*agent = next(t)->agent;
		*rng = next(t)->rng;
		when_ns = t->go_ns + next(t)->us * 1000ull;
	}
	pthread_mutex_unlock(&t->lock);
	/* Its turn lasts until turns_began(), so nobody overtakes it. */
	if (mine)
		sleep_until(when_ns);
	return mine && !t->resting;
}

uint64_t turns_began(struct turns *t, unsigned int hand, unsigned int agent,
		     uint64_t rng)
{
	uint64_t before;

	pthread_mutex_lock(&t->lock);
	before = t->open;
	t->open |= 1ull << agent;
	t->agent_of[hand] = agent;
	append(t, SCHEDULE_BEGIN, hand, agent, rng);
	if (t->plan.events && !is_over(t)) {
		t->at++;
		pthread_cond_broadcast(&t->moved);
	}
	pthread_mutex_unlock(&t->lock);
	return before;
}

void turns_ended(struct turns *t, unsigned int hand)
{
	pthread_mutex_lock(&t->lock);
	if (t->plan.events && await_turn(t, hand, SCHEDULE_END)) {
		t->at++;
		pthread_cond_broadcast(&t->moved);
	}
	t->open &= ~(1ull << t->agent_of[hand]);
	append(t, SCHEDULE_END, hand, 0, 0);
	pthread_mutex_unlock(&t->lock);
}

/* ---- moments ----------------------------------------------------------------- */

void turns_go(struct turns *t)
{
	pthread_mutex_lock(&t->lock);
	t->go_ns = timing_now_ns();
	t->resting = false;
	pthread_mutex_unlock(&t->lock);
}

void turns_rest(struct turns *t)
{
	pthread_mutex_lock(&t->lock);
	t->resting = true;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
}

void turns_quiet(struct turns *t)
{
	pthread_mutex_lock(&t->lock);
	append(t, SCHEDULE_QUIET, 0, 0, 0);
	while (!is_over(t))
		t->at++;
	if (next(t))
		t->at++;
	pthread_mutex_unlock(&t->lock);
}

/* The last moment is the one with the violation: it gets more time. */
bool turns_moment_over(struct turns *t)
{
	uint64_t least_ns = 0;
	bool over;

	pthread_mutex_lock(&t->lock);
	over = is_over(t);
	if (over && next(t))
		least_ns = next(t)->us * 1000ull;
	if (t->at + 1 >= t->plan.nr)
		least_ns += GRACE_NS;
	over = over && timing_now_ns() >= t->go_ns + least_ns;
	pthread_mutex_unlock(&t->lock);
	return over;
}

bool turns_all_over(struct turns *t)
{
	bool over;

	pthread_mutex_lock(&t->lock);
	over = !next(t);
	pthread_mutex_unlock(&t->lock);
	return over;
}
