/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_HOST_INTERNAL_H
#define MMUBENCH_HOST_INTERNAL_H

#include <stddef.h>

#include "host/host.h"

#define HOST_VALUE_BYTES 512	/* longest value of a setting; chosen */

#define HOST_MAX_CHANGES 64	/* per process; a run makes fewer than 10 */
#define HOST_JOURNAL_SUFFIX ".journal"

/* What it takes to undo a change; safe in signal handlers. */
enum host_undo {
	UNDO_WRITE,	/* write value to path */
	UNDO_RMDIR,	/* remove directory path */
	UNDO_UMOUNT,	/* unmount path */
	UNDO_LEAVE,	/* move the processes of cgroup path to cgroup value */
	UNDO_NOTHING,	/* already undone */
	NR_UNDOS
};

struct host_change {
	enum host_undo undo;
	char path[HOST_PATH_BYTES];	/* below the root */
	char value[HOST_VALUE_BYTES];
};

extern const char *const host_undo_names[NR_UNDOS];

/*
 * Journal a change, then make it with @apply(@arg).  If @apply fails, the
 * journal entry is removed.  Signals are blocked throughout.
 */
int host_push(const struct host_change *c,
	      int (*apply)(const void *arg, struct reason *why),
	      const void *arg, struct reason *why);

/* Undo one change. 0, also if nothing is left to undo, or -errno. */
int host_undo(const struct host_change *c);

/* Start time of a process in ticks after boot; 0 if it does not exist. */
unsigned long long host_start_time(int pid);
void host_boot_id(char *buf, size_t size);

/* Make @dir and its parents; @dir is not below the root. 0 or -errno. */
int host_make_dirs(const char *dir);

/* env_kvm.c: add "kvm_caps" to @env, unless /dev/kvm does not open. */
void host_add_kvm_caps(json_t *env);

#endif
