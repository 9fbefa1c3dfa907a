// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: which mutant of KVM runs, and was it reached?
 *
 * Method: kvm.mutant holds the name of one, or "none", and may be changed while
 * no virtual machine exists; kvm.mutant_hits counts how often code that it
 * changes was run since.  kvm.mutant_window_us is how long a mutant that opens
 * a race keeps it open.
 *
 * What it cannot tell: whether a test saw the mutant.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/string.h>

static const char *const names[MUTANT_COUNT] = {
	[MUTANT_NONE] = "none",
#define MUTANT(symbol, name) [symbol] = (name),
#include "mutant_list.h"
#undef MUTANT
};

int mutant_now;
EXPORT_SYMBOL_GPL(mutant_now);
unsigned long mutant_hits;
EXPORT_SYMBOL_GPL(mutant_hits);
unsigned long mutant_note;
/* Chosen: some emulated TLB fills and faults; a tenth is often too short. */
static unsigned int window_us = 100;

void mutant_window(void)
{
	udelay(window_us);
}

static int mutant_set(const char *val, const struct kernel_param *kp)
{
	int which;

	for (which = 0; which < MUTANT_COUNT; which++)
		if (sysfs_streq(val, names[which]))
			break;
	if (which == MUTANT_COUNT)
		return -EINVAL;
	WRITE_ONCE(mutant_now, which);
	WRITE_ONCE(mutant_hits, 0);
	WRITE_ONCE(mutant_note, 0);
	return 0;
}

static int mutant_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", names[READ_ONCE(mutant_now)]);
}

static const struct kernel_param_ops mutant_ops = {
	.set = mutant_set,
	.get = mutant_get,
};

module_param_cb(mutant, &mutant_ops, NULL, 0644);
MODULE_PARM_DESC(mutant, "the deliberate error that KVM makes, or none");
module_param(mutant_hits, ulong, 0444);
MODULE_PARM_DESC(mutant_hits, "how often its code ran");
module_param_named(mutant_window_us, window_us, uint, 0644);
MODULE_PARM_DESC(mutant_window_us, "length of the races that mutants open");
