/* SPDX-License-Identifier: GPL-2.0-only */
/* The dirty log calls: what the ioctls do. False if there is no log. */
#ifndef MMU_USER_DIRTYLOG_H
#define MMU_USER_DIRTYLOG_H

struct vm;

bool log_get(struct vm *vm, int as_id, int id);
bool log_clear(struct vm *vm, int as_id, int id, unsigned long first,
	       unsigned long nr);

#endif
