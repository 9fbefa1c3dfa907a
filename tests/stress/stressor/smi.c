// SPDX-License-Identifier: GPL-2.0-only
/*
 * Send a vCPU an SMI: it works on in system management mode, with memslots of
 * another address space, for a few turns.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

/* An SMI that a vCPU still waits for when all stand still is no failure. */
#define MIN_SENT 16u

struct smi_priv {
	uint64_t sent;
};

static int smi_probe(const struct world *w, struct reason *why)
{
	if (w->rig->cfg.guest_smm)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "this case's guests have no SMM");
}

static void send(struct world *w, unsigned int vcpu, void *arg)
{
	rig_smi(w->rig, vcpu, arg);
}

static int smi_step(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why)
{
	unsigned int vcpu = rng_next(rng) % w->rig->cfg.nr_vcpus;
	uint64_t begin = timing_now_ns();
	struct reason failed = { "" };
	struct smi_priv *p = priv;

	if (!world_errand(w, vcpu, send, &failed))
		return 0;
	p->sent++;
	world_did(w, "smi", "sent an SMI to a vCPU of", 0, w->view.nr_pages,
		  begin);
	return failed.err ? reason_set(why, failed.err, "%s", failed.text) : 0;
}

static int smi_quiet(struct world *w, void *priv, struct reason *why)
{
	const struct smi_priv *p = priv;
	uint64_t done = 0;
	unsigned int i;

	for (i = w->rig->cfg.nr_vcpus; i < w->nr_guests; i++)
		done += w->guests[i]->done;
	if (p->sent >= MIN_SENT && !done)
		world_alarm(w, "progress", UINT32_MAX,
			    "SMM did nothing in %" PRIu64 " SMIs", p->sent);
	return 0;
}

const struct stressor_ops stressor_smi = {
	.name = "smi",
	.summary = "send a vCPU an SMI",
	.weight = 20,
	.priv_bytes = sizeof(struct smi_priv),
	.probe = smi_probe,
	.step = smi_step,
	.quiet = smi_quiet,
};
