// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does an agent have a vCPU make a call?
 *
 * KVM gives a vCPU to one thread at a time, and its own one holds it all the
 * time.  So an agent posts an errand and pokes the vCPU; the vCPU's thread does
 * it before it enters the guest again.
 *
 *	agent			vCPU's thread
 *	IDLE -> TAKEN
 *	-> POSTED, poke		POSTED -> RUNNING, the call
 *	waits			-> DONE
 *	DONE -> IDLE
 *
 * Safe because every arrow away from POSTED is a compare-and-swap: an agent that
 * waits no longer withdraws the errand, or finds that it runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "base/timing.h"
#include "world.h"

/* A vCPU that stands still for good is not waited for; chosen. */
#define MAX_POKES 20u
#define POKE_NS 2000000u
#define MAX_WAITS 50u	/* before a call is looked after; chosen */

enum errand_state { ERRAND_IDLE, ERRAND_TAKEN, ERRAND_POSTED, ERRAND_RUNNING,
		    ERRAND_DONE };

struct errand {
	uint32_t state;
	void (*fn)(struct world *w, unsigned int vcpu, void *arg);
	void *arg;
};

int world_errands_open(struct world *w)
{
	w->errands = calloc(w->rig->cfg.nr_vcpus, sizeof(*w->errands));
	return w->errands ? 0 :
	       reason_set(&w->b->why, -ENOMEM, "no memory for errands");
}

void world_errands_close(struct world *w)
{
	free(w->errands);
}

static bool change(struct errand *e, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&e->state, &from, to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void world_errand_do(struct world *w, unsigned int vcpu)
{
	struct errand *e = w->errands ? &w->errands[vcpu] : NULL;

	if (!e || !change(e, ERRAND_POSTED, ERRAND_RUNNING))
		return;
	e->fn(w, vcpu, e->arg);
	__atomic_store_n(&e->state, ERRAND_DONE, __ATOMIC_SEQ_CST);
}

/*
 * Does KVM repeat a pre-fault for ever at times?  Linux before 6.18 does while
 * the memslot is being deleted, which waits for it, and once all roots were
 * dropped; a signal alone ends it.
 */
static bool repeats_for_ever(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	return major < 6 || (major == 6 && minor < 18);
}

/*
 * There such a call is cut short and counted, so that the run goes on.  One that
 * hangs by itself, or elsewhere, is left to the judge of progress.
 */
static void cut_short(struct world *w, unsigned int vcpu)
{
	if (!repeats_for_ever())
		return;
	__atomic_add_fetch(&w->cut_short, 1, __ATOMIC_RELAXED);
	run_poke(w->b->run, vcpu);
}

bool world_errand(struct world *w, unsigned int vcpu,
		  void (*fn)(struct world *w, unsigned int vcpu, void *arg),
		  void *arg)
{
	struct errand *e = &w->errands[vcpu];
	unsigned int pokes = 0, waits = 0;

	if (!change(e, ERRAND_IDLE, ERRAND_TAKEN))
		return false;
	e->fn = fn;
	e->arg = arg;
	__atomic_store_n(&e->state, ERRAND_POSTED, __ATOMIC_SEQ_CST);
	while (!change(e, ERRAND_DONE, ERRAND_IDLE)) {
		if (pokes == MAX_POKES &&
		    change(e, ERRAND_POSTED, ERRAND_IDLE))
			return false;
		/* Once it runs, a signal would cut it short. */
		if (e->state == ERRAND_POSTED && pokes < MAX_POKES) {
			run_poke(w->b->run, vcpu);
			pokes++;
		} else if (++waits % MAX_WAITS == 0) {
			cut_short(w, vcpu);
		}
		timing_sleep_ns(POKE_NS);
	}
	return true;
}
