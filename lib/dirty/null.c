// SPDX-License-Identifier: GPL-2.0-only
/*
 * The backend that tracks nothing: what is left of a measurement with it is
 * the harness's own share.  Needs no KVM and no rights, finds no page.
 */
#include "internal.h"

static int null_ok(struct reason *why)
{
	return 0;
}

static int null_switch(struct dirty *d, struct reason *why)
{
	return 0;
}

static int null_collect(struct dirty *d, struct dirty_batch *out,
			struct reason *why)
{
	return 0;
}

static int null_rearm(struct dirty *d, const struct dirty_batch *done,
		      struct reason *why)
{
	return 0;
}

const struct dirty_ops dirty_null = {
	.name = "null",
	.summary = "tracks nothing: the harness's own cost",
	.probe = null_ok,
	.start = null_switch,
	.collect = null_collect,
	.rearm = null_rearm,
	.stop = null_switch,
};
