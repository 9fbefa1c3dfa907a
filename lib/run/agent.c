// SPDX-License-Identifier: GPL-2.0-only
/*
 * Agents: host threads that age, log or remap while the guests run.
 *
 * An agent calls its step over and over and times each call.  With a period
 * it keeps to a schedule of absolute times, so that a slow step does not
 * push later ones back; steps it could not fit in are left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "internal.h"

static void wait_for_turn(const struct agent *a, uint64_t *next_ns)
{
	uint64_t now = timing_now_ns();

	if (!a->period_ns)
		return;
	if (*next_ns <= now)
		*next_ns = now + a->period_ns;
	else
		*next_ns += a->period_ns;
	/* Short naps, so that a stop is seen soon: 1 to 20 ms would do. */
	while (!a->stop && now < *next_ns) {
		uint64_t nap = *next_ns - now;

		timing_sleep_ns(nap > 5000000 ? 5000000 : nap);
		now = timing_now_ns();
	}
}

static void *agent_main(void *arg)
{
	struct agent *a = arg;
	uint64_t start, next_ns = 0;
	int ret = topo_pin_self(a->place, &a->why);

	while (!a->stop && !ret) {
		start = timing_now_ns();
		ret = a->ops->step(a->arg, &a->why);
		hist_add(&a->steps, timing_now_ns() - start);
		if (!ret)
			wait_for_turn(a, &next_ns);
	}
	/* After @why, for those who look before the thread has ended. */
	__atomic_store_n(&a->failed, ret, __ATOMIC_RELEASE);
	return NULL;
}

static int failure_of(const struct agent *a, struct reason *why)
{
	int ret = __atomic_load_n(&a->failed, __ATOMIC_ACQUIRE);

	if (ret)
		reason_pass_on(why, &a->why, a->ops->name);
	return ret;
}

int run_agents_failed(const struct run *r, struct reason *why)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < r->nr_agents && !ret; i++)
		ret = failure_of(r->agents[i], why);
	return ret;
}

int run_agent_start(struct run *r, const struct agent_ops *ops, void *arg,
		    uint64_t period_ns, struct reason *why)
{
	struct agent *a;
	int err;

	if (r->nr_agents == RUN_MAX_AGENTS)
		return reason_set(why, -ENOSPC, "more than %u agents",
				  RUN_MAX_AGENTS);
	a = calloc(1, sizeof(*a));
	if (!a)
		return reason_set(why, -ENOMEM, "no memory for an agent");
	a->run = r;
	a->ops = ops;
	a->arg = arg;
	a->period_ns = period_ns;
	a->place = topo_agent(r->topo, r->nr_agents);
	err = pthread_create(&a->thread, NULL, agent_main, a);
	if (err) {
		free(a);
		return reason_set(why, -err, "cannot start agent %s: %s",
				  ops->name, strerror(err));
	}
	r->agents[r->nr_agents++] = a;
	return 0;
}

int run_agents_stop(struct run *r, struct reason *why)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < r->nr_agents; i++)
		r->agents[i]->stop = true;
	for (i = 0; i < r->nr_agents; i++) {
		struct agent *a = r->agents[i];

		if (!a->joined)
			pthread_join(a->thread, NULL);
		a->joined = true;
		if (!ret)
			ret = failure_of(a, why);
	}
	return ret;
}

const struct hist *run_agent_hist(const struct run *r, unsigned int i)
{
	return i < r->nr_agents ? &r->agents[i]->steps : NULL;
}

void run_agents_free(struct run *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_agents; i++)
		free(r->agents[i]);
	r->nr_agents = 0;
}
