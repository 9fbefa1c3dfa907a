// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that does not leave its guest, see counter.h.
 *
 * It is an endless job over a table of one entry.  Its own progress, in memory
 * that no test touches, tells that it goes on, wherever its counts may go.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/timing.h"
#include "internal.h"
#include "run/counter.h"

/*
 * Look this often without a pause, then rest.  Chosen: some microseconds, so
 * that a tick rarely comes in between; rests leave a shared CPU to the vCPU.
 */
#define LOOKS 20000u
#define REST_NS 1000000u

int counter_start(struct counter *c, struct run *run, struct rig *rig,
		  uint32_t unit, struct reason *why)
{
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .flags = GUEST_UNTIL_STOP, .op = OP_RMW,
		.nr = 1, .vcpu_mask = 1,
	};
	int err;

	c->run = run;
	c->rig = rig;
	c->unit = unit;
	c->word = (uint64_t *)((char *)rig_unit_hva(rig, 0, unit) +
			       GUEST_UNIT_WORD(rig_vcpu_word(rig, 0)));
	rig->orders[0][0] = order_entry(unit, OP_RMW);
	err = run_start(run, &job, why);
	return err ? err : counter_wait(c, 0, why);
}

int counter_wait(const struct counter *c, uint64_t limit_ns,
		 struct reason *why)
{
	volatile uint64_t *progress = &c->rig->jobs[0]->progress;
	/* The round it is in may have counted already; the next one has not. */
	uint64_t want = *progress + 2, since = timing_now_ns();
	unsigned int looks = 0;
	int err;

	if (!limit_ns)
		limit_ns = c->run->timeout_s * 1000000000ull;
	while (*progress < want) {
		if (looks++ < LOOKS)
			continue;
		err = run_wait_rounds(c->run, 0, why);
		if (err)
			return err;
		if (timing_now_ns() - since > limit_ns)
			return reason_set(why, -ETIMEDOUT,
					  "the guest stands still: it did not count for %" PRIu64 " ms",
					  limit_ns / 1000000);
		timing_sleep_ns(REST_NS);
	}
	return 0;
}
