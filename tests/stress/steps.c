// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which agent takes the next step?
 *
 * Each thread of the crew draws from its own seeded stream: an agent by its
 * weight in the mix, then what that agent does.  One agent takes one step at a
 * time; a thread that draws a busy one draws again.  So the choices of a run
 * follow from its seed, and on a host that counts instructions their
 * interleaving does, too.  With a plan, an earlier run's schedule says all of it
 * (turns.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "internal.h"

#define MAX_DRAWS 16u	/* of busy agents before a thread rests; chosen */
#define MAX_REST_NS 10000000u

static struct member *draw(struct crew *c, uint64_t *rng)
{
	unsigned int dice = rng_next(rng) % c->sum;
	struct member *m = c->members;

	while (dice >= m->weight)
		dice -= m++->weight;
	return m;
}

/*
 * Wait a while, longer each time: a thread that wakes up all the time can keep
 * others off its CPU, the kernel's among them, for which a step may wait.
 */
static void rest(uint64_t *ns)
{
	timing_sleep_ns(*ns);
	*ns = *ns * 2 < MAX_REST_NS ? *ns * 2 : MAX_REST_NS;
}

/* Draw one that is not busy, and make it so. NULL: there is none now. */
static struct member *draw_free(struct hand *h)
{
	unsigned int draws = 0;
	struct member *m;

	while (h->crew->sum && draws++ < MAX_DRAWS) {
		m = draw(h->crew, &h->rng);
		if (!pthread_mutex_trylock(&m->busy))
			return m;
	}
	return NULL;
}

/* Whoever the plan says comes next; it is busy only until its turn ends. */
static struct member *take_planned(struct hand *h)
{
	unsigned int agent;

	if (!turns_take(h->crew->turns, h->nr, &agent, &h->rng))
		return NULL;
	pthread_mutex_lock(&h->crew->planned[agent]->busy);
	return h->crew->planned[agent];
}

/*
 * --plant=schedule: an error that takes two stressors at once and a certain
 * draw, so that it comes again in the same schedule alone.
 */
static void plant(struct crew *c, const struct member *m, uint64_t open,
		  uint64_t rng)
{
	const struct member *other = crew_member(c, "log");

	if (!world_plants(c->w, "schedule") || !other || rng % 4 ||
	    strcmp(m->ops->name, "protect") ||
	    !(open >> (other - c->members) & 1))
		return;
	world_alarm(c->w, "memory", UINT32_MAX,
		    "planted: a step of protect began within one of log, with %" PRIx64,
		    rng);
}

static int take_step(struct hand *h, struct member *m, struct reason *why)
{
	struct crew *c = h->crew;
	uint64_t open;
	int err;

	open = turns_began(c->turns, h->nr, m - c->members, h->rng);
	plant(c, m, open, h->rng);
	m->since_ns = timing_now_ns();
	err = m->ops->step(c->w, m->priv, &h->rng, why);
	m->since_ns = 0;
	m->steps++;
	/* Still busy: whoever takes it next begins after this end. */
	turns_ended(c->turns, h->nr);
	pthread_mutex_unlock(&m->busy);
	return err;
}

static int hand_step(void *arg, struct reason *why)
{
	struct hand *h = arg;
	struct member *m = NULL;

	if (!h->crew->resting)
		m = turns_follows(h->crew->turns) ? take_planned(h) : draw_free(h);
	if (!m) {
		rest(&h->rest_ns);
		return 0;
	}
	h->rest_ns = CREW_REST_NS;
	return take_step(h, m, why);
}

int crew_start(struct crew *c, struct reason *why)
{
	static const struct agent_ops ops = { .name = "crew", .step = hand_step };
	unsigned int i;
	int err = 0;

	c->resting = false;
	turns_go(c->turns);
	for (i = 0; i < c->nr_hands && !err; i++)
		err = run_agent_start(c->w->b->run, &ops, &c->hands[i], 0, why);
	return err;
}

static bool is_working(const struct crew *c)
{
	unsigned int i;

	for (i = 0; i < c->nr_members; i++)
		if (c->members[i].since_ns)
			return true;
	return false;
}

/*
 * A thread in a call that does not return cannot be joined, and this process
 * can only be killed: then the words on stderr are what its record quotes.
 */
static void await_steps(struct crew *c, uint64_t limit_ns)
{
	uint64_t rest_ns = CREW_REST_NS;
	bool told = false;
	const char *stuck;

	c->resting = true;
	turns_rest(c->turns);
	while (is_working(c)) {
		stuck = crew_stuck(c, limit_ns);
		if (stuck && !told)
			fprintf(stderr, "a step of stressor %s does not return\n",
				stuck);
		told = told || stuck;
		rest(&rest_ns);
	}
}

int crew_stop(struct crew *c, uint64_t limit_ns, struct reason *why)
{
	int err;

	await_steps(c, limit_ns);
	err = run_agents_stop(c->w->b->run, why);
	run_agents_free(c->w->b->run);
	turns_quiet(c->turns);
	return err;
}

int crew_quiet(struct crew *c, struct reason *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < c->nr_members && !err; i++)
		if (c->members[i].ops->quiet)
			err = c->members[i].ops->quiet(c->w, c->members[i].priv,
						       why);
	return err;
}

const char *crew_stuck(const struct crew *c, uint64_t limit_ns)
{
	uint64_t now = timing_now_ns();
	unsigned int i;

	for (i = 0; i < c->nr_members; i++) {
		uint64_t since = c->members[i].since_ns;

		if (since && now > since && now - since > limit_ns)
			return c->members[i].ops->name;
	}
	return NULL;
}
