// SPDX-License-Identifier: GPL-2.0-only
/* Change how many shadow pages KVM may keep, so that it takes some away. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

#define LEAST_QUOTA 64u	/* the least KVM takes */
#define FREE_QUOTA 0x100000u

static int quota_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	uint64_t begin = timing_now_ns(), dice = rng_next(rng);
	unsigned long nr = dice & 1 ? FREE_QUOTA : LEAST_QUOTA + (dice >> 8) % 64;

	if (ioctl(w->rig->vm_fd, KVM_SET_NR_MMU_PAGES, nr))
		return reason_set(why, -errno, "KVM_SET_NR_MMU_PAGES failed: %s",
				  strerror(errno));
	world_did(w, "quota", nr == FREE_QUOTA ? "gave back shadow pages of" :
		  "took shadow pages of", 0, w->view.nr_pages, begin);
	return 0;
}

const struct stressor_ops stressor_quota = {
	.name = "quota",
	.summary = "change how many shadow pages KVM may keep",
	.weight = 2,
	.step = quota_step,
};
