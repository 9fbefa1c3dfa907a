// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which agent takes the next step?
 *
 * Each thread of the crew draws from its own seeded stream: an agent by its
 * weight in the mix, then what that agent does.  One agent takes one step at a
 * time; a thread that draws a busy one draws again.  So the choices of a run
 * follow from its seed, and on a host that counts instructions their
 * interleaving does, too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "crew.h"

#define MAX_MEMBERS 32u
#define MAX_THREADS 4u
#define MAX_WEIGHT 1000
#define MAX_DRAWS 16u	/* of busy agents before a thread rests; chosen */
#define MIN_REST_NS 50000u
#define MAX_REST_NS 10000000u

struct member {
	const struct stressor_ops *ops;
	unsigned int weight;
	void *priv;
	bool is_open;
	pthread_mutex_t busy;
	uint64_t steps;
	volatile uint64_t since_ns;	/* of the step it takes, or 0 */
};

struct hand {
	struct crew *crew;
	uint64_t rng;
	uint64_t rest_ns;	/* how long the next rest is */
};

struct crew {
	struct world *w;
	struct member members[MAX_MEMBERS];
	unsigned int nr_members, sum;
	struct hand hands[MAX_THREADS];
	unsigned int nr_hands;
	volatile bool resting;
};

/* ---- the mix ----------------------------------------------------------------- */

/* Does @word name @name, as NAME or NAME=WEIGHT? */
static bool names(const char *word, const char *name)
{
	size_t len = strcspn(word, "=");

	return strlen(name) == len && !strncmp(word, name, len);
}

/* What NAME=WEIGHT says, @usual for NAME alone, -1: no weight. */
static int weight_of(const char *word, int usual)
{
	const char *text = strchr(word, '=');
	unsigned long weight;
	char *end;

	if (!text)
		return usual;
	weight = strtoul(++text, &end, 10);
	return *text < '0' || *text > '9' || *end || weight > MAX_WEIGHT ? -1 :
	       (int)weight;
}

static int check_word(const char *word, struct reason *why)
{
	const char *name = *word == '-' ? word + 1 : word;
	unsigned int i;

	if (!strcmp(word, "all"))
		return 0;
	for (i = 0; stressor_members[i]; i++)
		if (names(name, stressor_members[i]->name))
			break;
	if (!stressor_members[i])
		return reason_usage(why, -EINVAL,
				    "option --mix: there is no stressor '%s'; give all, NAME, NAME=WEIGHT or -NAME",
				    name);
	if (weight_of(word, 0) < 0)
		return reason_usage(why, -EINVAL,
				    "option --mix: the weight in '%s' is not a number up to %d",
				    word, MAX_WEIGHT);
	return 0;
}

/* Weight of @ops in @mix, or -EINVAL. */
static int weight_in(const char *mix, const struct stressor_ops *ops,
		     bool *named, struct reason *why)
{
	char words[256], *word, *at;
	int weight = 0, err;

	*named = false;
	snprintf(words, sizeof(words), "%s", mix);
	for (word = words; word; word = at) {
		at = strchr(word, ',');
		if (at)
			*at++ = '\0';
		err = check_word(word, why);
		if (err)
			return err;
		if (!strcmp(word, "all"))
			weight = ops->weight;
		else if (*word == '-' && names(word + 1, ops->name))
			weight = 0;
		else if (names(word, ops->name))
			weight = weight_of(word, ops->weight);
		*named = *named || names(word, ops->name);
	}
	return weight;
}

/* ---- life -------------------------------------------------------------------- */

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
		int weight = weight_in(mix, stressor_members[i], &named, why);

		if (weight < 0)
			return weight;
		if (weight)
			err = add_member(c, stressor_members[i], weight, named,
					 why);
	}
	if (!err && !c->sum)
		err = reason_skip(why, -EOPNOTSUPP,
				 "no stressor of the mix works on this host");
	return err;
}

struct crew *crew_open(struct world *w, const char *mix, uint64_t seed,
		       unsigned int nr_threads, struct reason *why)
{
	struct crew *c = calloc(1, sizeof(*c));
	unsigned int i;

	if (!c) {
		reason_set(why, -ENOMEM, "no memory for the agents");
		return NULL;
	}
	c->w = w;
	c->nr_hands = nr_threads < MAX_THREADS ? nr_threads : MAX_THREADS;
	for (i = 0; i < c->nr_hands; i++) {
		c->hands[i].crew = c;
		c->hands[i].rng = rng_next(&seed);
		c->hands[i].rest_ns = MIN_REST_NS;
	}
	why->err = add_members(c, mix, why);
	if (why->err) {
		crew_close(c);
		return NULL;
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
	free(c);
}

/* ---- steps ------------------------------------------------------------------- */

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

static int hand_step(void *arg, struct reason *why)
{
	struct hand *h = arg;
	unsigned int draws = 0;
	struct member *m;
	int err;

	do {
		if (h->crew->resting || draws++ == MAX_DRAWS) {
			rest(&h->rest_ns);
			return 0;
		}
		m = draw(h->crew, &h->rng);
	} while (pthread_mutex_trylock(&m->busy));
	h->rest_ns = MIN_REST_NS;
	m->since_ns = timing_now_ns();
	err = m->ops->step(h->crew->w, m->priv, &h->rng, why);
	m->since_ns = 0;
	m->steps++;
	pthread_mutex_unlock(&m->busy);
	return err;
}

int crew_start(struct crew *c, struct reason *why)
{
	static const struct agent_ops ops = { .name = "crew", .step = hand_step };
	unsigned int i;
	int err = 0;

	c->resting = false;
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
	uint64_t rest_ns = MIN_REST_NS;
	bool told = false;
	const char *stuck;

	c->resting = true;
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

void crew_record(const struct crew *c, struct rec *rec)
{
	char name[64];
	unsigned int i;

	for (i = 0; i < c->nr_members; i++) {
		snprintf(name, sizeof(name), "stressor.%s", c->members[i].ops->name);
		rec_count(rec, name, c->members[i].steps, "steps", BETTER_NONE);
	}
}
