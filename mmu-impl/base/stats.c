// SPDX-License-Identifier: GPL-2.0-only
/*
 * What did the engine do since it was loaded?
 *
 * One per-CPU structure of plain counters, summed when somebody reads the
 * module parameter. It cannot tell VMs apart.
 */
#include "internal.h"
#include "base/stats.h"

DEFINE_PER_CPU(struct mmub_stats, mmub_stats);

void mmub_stats_read(struct mmub_stats *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct mmub_stats *one = &per_cpu(mmub_stats, cpu);

#define MMU_COUNTER_ADD(name) sum->name += READ_ONCE(one->name);
		MMU_COUNTERS(MMU_COUNTER_ADD)
#undef MMU_COUNTER_ADD
	}
}

static int mmu_stats_show(char *page, const struct kernel_param *param)
{
	struct mmub_stats sum;
	int at = 0;

	mmub_stats_read(&sum);
#define MMU_COUNTER_SHOW(name)						\
	at += sysfs_emit_at(page, at, "%s %lu\n", #name, sum.name);
	MMU_COUNTERS(MMU_COUNTER_SHOW)
#undef MMU_COUNTER_SHOW
	return at;
}

static const struct kernel_param_ops mmu_stats_param = {
	.get = mmu_stats_show,
};
module_param_cb(mmu_stats, &mmu_stats_param, NULL, 0444);
MODULE_PARM_DESC(mmu_stats, "Counters of the MMU engine");
