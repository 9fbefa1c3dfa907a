// SPDX-License-Identifier: GPL-2.0-only
/*
 * Have KVM map pages before anybody touches them, beside everything else: what
 * it maps must hold the same content and have the same rights as if a vCPU had
 * asked, and the call must return.
 *
 * It is a call of a vCPU, so one that hangs shows as a vCPU without progress; see
 * errand.c for kernels where it is known to.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

/* Linux 6.11 and newer; older headers lack them. */
#define CAP_PRE_FAULT_MEMORY 236
struct pre_fault {
	uint64_t gpa, size, flags, padding[5];
};
#define PRE_FAULT_MEMORY _IOWR(KVMIO, 0xd5, struct pre_fault)

#define MAX_PAGES 600u

struct request {
	struct pre_fault range;
	int err;
};

static int prefault_probe(const struct world *w, struct reason *why)
{
	if (ioctl(w->rig->vm_fd, KVM_CHECK_EXTENSION, CAP_PRE_FAULT_MEMORY) > 0)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "this KVM has no KVM_PRE_FAULT_MEMORY; it needs Linux 6.11 or newer and two-dimensional paging");
}

static void call(struct world *w, unsigned int vcpu, void *arg)
{
	struct request *r = arg;

	r->err = ioctl(w->rig->vcpu_fds[vcpu], PRE_FAULT_MEMORY, &r->range) ?
		 errno : 0;
}

/*
 * Holes, absent rights and signals are what other agents are for; a vCPU that runs
 * a guest of its own, with nested paging, is refused.
 */
static bool is_failure(int err)
{
	return err && err != ENOENT && err != EFAULT && err != EINTR &&
	       err != EAGAIN && err != EOPNOTSUPP;
}

static int prefault_step(struct world *w, void *priv, uint64_t *rng,
			 struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, MAX_PAGES, rng);
	unsigned int vcpu = rng_next(rng) % w->rig->cfg.nr_vcpus;
	struct request r = {
		.range.gpa = w->rig->mem.gpa + s.first * 4096ull,
		.range.size = s.nr * 4096ull,
	};
	uint64_t begin = timing_now_ns();

	if (!world_errand(w, vcpu, call, &r))
		return 0;
	world_did(w, "prefault", r.err ? "tried to map" : "mapped", s.first,
		  s.nr, begin);
	if (is_failure(r.err))
		return reason_set(why, -r.err, "KVM_PRE_FAULT_MEMORY failed: %s",
				  strerror(r.err));
	return 0;
}

const struct stressor_ops stressor_prefault = {
	.name = "prefault",
	.summary = "have KVM map pages before a vCPU touches them",
	.weight = 6,
	.probe = prefault_probe,
	.step = prefault_step,
};
