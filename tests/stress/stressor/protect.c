// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take the right to write, or every right, away for a moment: nothing may get
 * through mprotect() that it forbids, from its return until the right is given
 * back.  A vCPU that tries leaves KVM_RUN with EFAULT and is sent in again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

#define MAX_HOLD_NS 2000000u	/* 0 to 2 ms: several fault times; chosen */

static int set_rights(struct world *w, const struct world_span *s, int prot,
		      struct reason *why)
{
	if (!mprotect(world_hva(w, s->first), s->nr * 4096ull, prot))
		return 0;
	return reason_set(why, -errno, "mprotect() failed: %s", strerror(errno));
}

static int protect_step(struct world *w, void *priv, uint64_t *rng,
			struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, 600, rng);
	bool closed = rng_next(rng) % 4 == 0;
	uint64_t begin = timing_now_ns();
	int err;

	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	err = set_rights(w, &s, closed ? PROT_NONE : PROT_READ, why);
	if (!err) {
		world_release(w, s.first, s.nr, WORLD_KEPT,
			      closed ? WORLD_CLOSED : WORLD_READONLY);
		timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
		world_reclaim(w, s.first, s.nr);
		err = set_rights(w, &s, PROT_READ | PROT_WRITE, why);
	}
	world_release(w, s.first, s.nr, WORLD_KEPT, WORLD_FREE);
	world_did(w, "protect", closed ? "closed and opened" :
		  "made read-only and writable", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_protect = {
	.name = "protect",
	.summary = "take the right to write, or all rights, away for a moment",
	.weight = 15,
	.step = protect_step,
};
