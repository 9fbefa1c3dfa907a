/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host asks an engine. */
#ifndef MMU_USER_NOTIFY_H
#define MMU_USER_NOTIFY_H

struct vm;

/* Aging notifiers: 0 clear_young, 1 clear_flush_young, 2 test_young */
bool host_age(struct vm *vm, unsigned long first, unsigned long nr, int how);

#endif
