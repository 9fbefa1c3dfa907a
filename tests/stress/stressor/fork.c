// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child shares all pages until one side writes: what it saw first must be
 * what it sees later, whatever the guests write meanwhile.
 *
 * The child sums up a sample of pages, waits, and sums up again.  It is a
 * fork of a process with threads, so it calls nothing that takes a lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "mapping.h"

#define SAMPLE 256u	/* pages; chosen */
#define MAX_WAIT_NS 5000000u

/* Shared by parent and child. */
struct snapshot {
	uint32_t pages[SAMPLE];
	uint64_t sums[SAMPLE];
	uint32_t wrong_page;
	uint32_t wrong;
};

struct fork_priv {
	struct snapshot *shared;
};

static int fork_open(struct world *w, void *priv, struct reason *why)
{
	struct fork_priv *p = priv;

	p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->shared != MAP_FAILED)
		return 0;
	p->shared = NULL;
	return reason_set(why, -ENOMEM, "no memory for a snapshot");
}

static void fork_close(struct world *w, void *priv)
{
	struct fork_priv *p = priv;

	if (p->shared)
		munmap(p->shared, sizeof(*p->shared));
}

static void be_child(const struct world *w, struct snapshot *s, uint64_t wait_ns)
{
	unsigned int i;
	uint64_t now;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < SAMPLE; i++)
		s->sums[i] = world_sum_page(w, s->pages[i]);
	if (world_plants(w, "snapshot"))
		s->sums[0] ^= 1;
	timing_sleep_ns(wait_ns);
	for (i = 0; i < SAMPLE; i++) {
		now = world_sum_page(w, s->pages[i]);
		/* The states are this child's, as they were at the fork. */
		if (now == s->sums[i] || s->wrong ||
		    w->view.states[s->pages[i]] & (STRESS_LAZY | STRESS_CHANGING))
			continue;
		s->wrong_page = s->pages[i];
		s->wrong = 1;
	}
	_exit(0);
}

static int fork_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	struct fork_priv *p = priv;
	uint64_t begin = timing_now_ns(), wait_ns;
	unsigned int i;
	pid_t child;

	for (i = 0; i < SAMPLE; i++)
		p->shared->pages[i] = rng_next(rng) % w->view.nr_pages;
	p->shared->wrong = 0;
	wait_ns = rng_next(rng) % MAX_WAIT_NS;
	child = fork();
	if (!child)
		be_child(w, p->shared, wait_ns);
	if (child < 0)
		return reason_set(why, -errno, "fork() failed: %s",
				  strerror(errno));
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	world_did(w, "fork", "shared with a child", 0, w->view.nr_pages, begin);
	if (p->shared->wrong)
		world_alarm(w, "snapshot", p->shared->wrong_page,
			    "page %u changed in a child that shares it: a write passed a page that is copied on write",
			    p->shared->wrong_page);
	return 0;
}

const struct stressor_ops stressor_fork = {
	.name = "fork",
	.summary = "share all pages with a child, copied on write",
	.weight = 4,
	.priv_bytes = sizeof(struct fork_priv),
	.probe = mapping_is_private,
	.open = fork_open,
	.step = fork_step,
	.close = fork_close,
};
