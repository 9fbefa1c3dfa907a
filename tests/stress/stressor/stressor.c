// SPDX-License-Identifier: GPL-2.0-only
/* Which stressors are there? */
#include "internal.h"

const struct stressor_ops *const stressor_members[] = {
	STRESSOR_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct stressor_ops);

const struct stressor_ops *stressor_find(const char *name, struct reason *why)
{
	return registry_find(stressor_members, "stressor", name, why);
}
