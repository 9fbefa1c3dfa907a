// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vCPU threads, and the jobs that they hand to their guests.
 *
 * One mutex and two condition variables order everything between the
 * controller and the threads; nothing is shared with the guests but their
 * struct guest_job.  vCPU threads take a generation number as the sign for a
 * new job, so that a thread that wakes late still runs each job once.
 * Wake-up latency is not measured: a job's time is taken from the guests'
 * own TSC and from the threads' clocks around KVM_RUN.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "internal.h"

/* Wakes a vCPU thread out of KVM_RUN; the handler only has to exist. */
#define KICK_SIGNAL SIGUSR1

static void ignore_kick(int sig)
{
}

static bool masked_in(const struct run *r, unsigned int i)
{
	return !r->mask || (i < 64 && r->mask >> i & 1);
}

static void fail_locked(struct run *r, int err, const struct reason *why)
{
	if (r->failed)
		return;
	r->failed = err;
	r->failure = *why;
}

static void *vcpu_main(void *arg)
{
	struct vcpu_thread *t = arg;
	struct run *r = t->run;
	struct reason why = { "" };
	uint64_t seen = 0;
	int ret = topo_pin_self(t->place, &why);

	pthread_mutex_lock(&r->lock);
	if (ret)
		fail_locked(r, ret, &why);
	for (;;) {
		while (r->generation == seen && !r->quit)
			pthread_cond_wait(&r->go, &r->lock);
		if (r->quit)
			break;
		seen = r->generation;
		if (!masked_in(r, t->index))
			continue;
		pthread_mutex_unlock(&r->lock);
		t->start_ns = timing_now_ns();
		ret = rig_enter(r->rig, t->index, &why);
		t->end_ns = timing_now_ns();
		pthread_mutex_lock(&r->lock);
		if (ret)
			fail_locked(r, ret, &why);
		t->busy = false;
		r->nr_busy--;
		pthread_cond_broadcast(&r->done);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static void init_sync(struct run *r)
{
	struct sigaction kick = { .sa_handler = ignore_kick };
	pthread_condattr_t attr;

	sigaction(KICK_SIGNAL, &kick, NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->go, &attr);
	pthread_cond_init(&r->done, &attr);
	pthread_condattr_destroy(&attr);
}

int run_threads_start(struct run *r, struct reason *why)
{
	unsigned int i;
	int err;

	init_sync(r);
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++) {
		struct vcpu_thread *t = &r->vcpu[i];

		t->run = r;
		t->index = i;
		t->place = topo_vcpu(r->topo, i);
		err = pthread_create(&t->thread, NULL, vcpu_main, t);
		if (err)
			return reason_set(why, -err, "cannot start a vCPU thread: %s",
					  strerror(err));
		r->nr_threads++;
	}
	return 0;
}

void run_threads_end(struct run *r)
{
	unsigned int i;

	pthread_mutex_lock(&r->lock);
	r->quit = true;
	pthread_cond_broadcast(&r->go);
	pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->nr_threads; i++)
		pthread_join(r->vcpu[i].thread, NULL);
	pthread_cond_destroy(&r->go);
	pthread_cond_destroy(&r->done);
	pthread_mutex_destroy(&r->lock);
}

/* ---- jobs ---------------------------------------------------------------- */

static void fill_job(struct run *r, unsigned int i, const struct run_job *job)
{
	struct guest_job *g = r->rig->jobs[i];

	g->cmd = job->cmd;
	g->flags = job->flags;
	g->op = job->op;
	g->think = job->think;
	g->min_gap = job->min_gap;
	g->stop = 0;
	/* The guest starts from 0 too, but the host may look before that. */
	g->done = 0;
	g->progress = 0;
	g->tag = rng_next(&r->tag_state);
	if (job->nr)
		g->nr = job->nr;
	if (job->nr > r->rig->cfg.max_accesses)
		g->nr = r->rig->cfg.max_accesses;
}

int run_start(struct run *r, const struct run_job *job, struct reason *why)
{
	unsigned int i, nr = r->rig->cfg.nr_vcpus;

	pthread_mutex_lock(&r->lock);
	if (r->nr_busy) {
		pthread_mutex_unlock(&r->lock);
		return reason_set(why, -EBUSY, "a job is still running");
	}
	r->mask = job->vcpu_mask;
	for (i = 0; i < nr; i++) {
		r->vcpu[i].busy = masked_in(r, i);
		r->vcpu[i].start_ns = r->vcpu[i].end_ns = 0;
		if (!r->vcpu[i].busy)
			continue;
		fill_job(r, i, job);
		r->nr_busy++;
	}
	r->unaccounted = true;
	r->generation++;
	pthread_cond_broadcast(&r->go);
	pthread_mutex_unlock(&r->lock);
	return 0;
}

/* Threads still in KVM_RUN after the time is up are stuck: take them out. */
static void kick_locked(struct run *r)
{
	unsigned int i;

	for (i = 0; i < r->rig->cfg.nr_vcpus; i++) {
		r->rig->jobs[i]->stop = 1;
		if (!r->vcpu[i].busy)
			continue;
		rig_kick(r->rig, i);
		pthread_kill(r->vcpu[i].thread, KICK_SIGNAL);
	}
}

void run_poke(struct run *r, unsigned int i)
{
	pthread_kill(r->vcpu[i].thread, KICK_SIGNAL);
}

static void account_locked(struct run *r)
{
	unsigned int i;

	if (!r->unaccounted)
		return;
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		if (masked_in(r, i))
			rig_account(r->rig, i);
	r->unaccounted = false;
}

static struct timespec deadline_after(unsigned int seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += seconds;
	return ts;
}

static int wait_for_guests(struct run *r, struct reason *why)
{
	struct timespec until = deadline_after(r->timeout_s);
	struct reason late;
	int ret;

	pthread_mutex_lock(&r->lock);
	while (r->nr_busy && !r->failed) {
		if (pthread_cond_timedwait(&r->done, &r->lock, &until) !=
		    ETIMEDOUT)
			continue;
		reason_set(&late, -ETIMEDOUT,
			   "the guests did not finish within %u s",
			   r->timeout_s);
		fail_locked(r, -ETIMEDOUT, &late);
	}
	while (r->nr_busy) {
		kick_locked(r);
		until = deadline_after(1);
		pthread_cond_timedwait(&r->done, &r->lock, &until);
	}
	if (!r->failed)
		account_locked(r);
	ret = r->failed;
	if (ret && why)
		*why = r->failure;
	pthread_mutex_unlock(&r->lock);
	return ret;
}

int run_stop(struct run *r, struct reason *why)
{
	unsigned int i;

	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		r->rig->jobs[i]->stop = 1;
	return wait_for_guests(r, why);
}

int run_job(struct run *r, const struct run_job *job, struct reason *why)
{
	int ret = run_start(r, job, why);

	return ret ? ret : wait_for_guests(r, why);
}

/* Wait until vCPU @i's count of finished rounds reaches @target. */
static int wait_for_round(struct run *r, unsigned int i, uint64_t target,
			  uint64_t give_up_ns, struct reason *why)
{
	for (;;) {
		if (r->failed)
			return reason_pass_on(why, &r->failure, NULL);
		if (r->rig->jobs[i]->progress >= target)
			return 0;
		if (timing_now_ns() > give_up_ns)
			return reason_set(why, -ETIMEDOUT,
					  "vCPU %u did not finish %" PRIu64 " rounds within %u s",
					  i, target, r->timeout_s);
		timing_sleep_ns(20000);
	}
}

int run_wait_rounds(struct run *r, uint64_t rounds, struct reason *why)
{
	unsigned int i, nr = r->rig->cfg.nr_vcpus;
	uint64_t give_up_ns = timing_now_ns() + r->timeout_s * 1000000000ull;
	uint64_t *target = calloc(nr, sizeof(*target));
	int ret = 0;

	if (!target)
		return reason_set(why, -ENOMEM, "no memory for %u vCPUs", nr);
	/* From where each one stands now: a fast one must not count for all. */
	for (i = 0; i < nr; i++)
		target[i] = r->rig->jobs[i]->progress + rounds;
	for (i = 0; i < nr && !ret; i++)
		if (masked_in(r, i))
			ret = wait_for_round(r, i, target[i], give_up_ns, why);
	free(target);
	/* Else a caller that waits for an agent's work would wait forever. */
	return ret ? ret : run_agents_failed(r, why);
}

/* ---- what the last job took ---------------------------------------------- */

uint64_t run_job_ns(const struct run *r)
{
	uint64_t first = UINT64_MAX, last = 0;
	unsigned int i;

	for (i = 0; i < r->rig->cfg.nr_vcpus; i++) {
		if (!r->vcpu[i].end_ns)
			continue;
		if (r->vcpu[i].start_ns < first)
			first = r->vcpu[i].start_ns;
		if (r->vcpu[i].end_ns > last)
			last = r->vcpu[i].end_ns;
	}
	return last > first ? last - first : 0;
}

uint64_t run_job_tsc(const struct run *r, unsigned int vcpu)
{
	const struct guest_job *g = r->rig->jobs[vcpu];

	return g->tsc_end - g->tsc_start;
}

uint64_t run_job_accesses(const struct run *r)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		if (masked_in(r, i))
			sum += r->rig->jobs[i]->done;
	return sum;
}

void run_latency(const struct run *r, enum payload_op op, struct hist *out)
{
	unsigned int i;

	hist_reset(out);
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		hist_merge(out, &r->rig->hists[i]->op[op]);
}

void run_remap_latency(const struct run *r, enum remap_hist which,
		       struct hist *out)
{
	unsigned int i;

	hist_reset(out);
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		hist_merge(out, &r->rig->hists[i]->remap[which]);
}

void run_stalls(const struct run *r, struct hist *out)
{
	unsigned int i;

	hist_reset(out);
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		hist_merge(out, &r->rig->hists[i]->stalls);
}

void run_latency_reset(struct run *r)
{
	unsigned int i, op;

	/* There is an operation for every histogram of the other kinds. */
	static_assert(sizeof(struct guest_hists) == NR_OPS * sizeof(struct hist),
		      "all are reset");
	for (i = 0; i < r->rig->cfg.nr_vcpus; i++)
		for (op = 0; op < NR_OPS; op++)
			hist_reset(&r->rig->hists[i]->op[op]);
}
