/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All access to /sys, /proc, debugfs and cgroups: reading, changing, undoing.
 *
 * Paths are relative to a root ("" = the live system), so that unit tests
 * can use recorded trees.  Settings change only through host_push_*(), which
 * writes the old value to a journal before the new value takes effect.
 * host_pop_all() undoes the changes in reverse order; it runs from atexit()
 * and from signal handlers.  After a hard kill, "mmubench restore" replays
 * the journal.
 */
#ifndef MMUBENCH_HOST_H
#define MMUBENCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/reason.h"

/* Use @root instead of the live system, for tests.  Not thread safe. */
void host_set_root(const char *root);
const char *host_root(void);

#define HOST_PATH_BYTES	512	/* longest path below the root; chosen */

/* Put @path below the root into @buf[HOST_PATH_BYTES]. 0 or -ENAMETOOLONG. */
int host_path(const char *path, char *buf);

/*
 * Read a small file below the root into @buf and remove the trailing newline.
 * Returns the length or -errno.
 */
int host_read(const char *path, char *buf, size_t size);
int host_read_u64(const char *path, uint64_t *value);
bool host_exists(const char *path);
/* Read the [chosen] word of files like ".../transparent_hugepage/enabled". */
int host_read_choice(const char *path, char *buf, size_t size);
/*
 * Open a file below the root; close-on-exec.  Returns a descriptor or -errno.
 * For files that are read or written in place.
 */
int host_open(const char *path, int flags);
/*
 * Replace a file's text without a journal: for files that take commands, such
 * as DAMON's state.  0 or -errno with @why.
 */
int host_write(const char *path, const char *text, struct reason *why);

/* Same, but without a reason; safe in a signal handler. */
int host_write_raw(const char *path, const char *text);

/*
 * The directory of the journals: $MMUBENCH_STATE if set, else /run/mmubench
 * (root) or $XDG_RUNTIME_DIR/mmubench.  Each process has one journal file,
 * named after its pid.
 */
const char *host_journal_dir(void);

/* Change a setting; host_pop_all() restores the old value. */
int host_push_write(const char *path, const char *value, struct reason *why);
/* Same, for a file whose content is not what undoes the write: @undo is. */
int host_push_write_undo(const char *path, const char *value,
			 const char *undo, struct reason *why);
/*
 * Change a setting again that was pushed; nothing happens once it has been put
 * back.  For threads that may still run then.
 */
int host_write_pushed(const char *path, const char *value, struct reason *why);
/* Make a directory (a cgroup, a mount point); host_pop_all() removes it. */
int host_push_mkdir(const char *path, struct reason *why);
/* Mount @fstype on @path; host_pop_all() unmounts it. */
int host_push_mount(const char *fstype, const char *path, const char *options,
		    struct reason *why);
/*
 * Create a memory cgroup below the current one (cgroup v2, or v1 "memory")
 * and move the calling process into it.  host_pop_all() moves the process
 * back and removes the cgroup.  @path receives its path below the root.
 */
int host_push_memcg(const char *name, char *path, size_t size,
		    struct reason *why);

/*
 * The memory cgroup of the calling process, "/" or "/a/b": relative to the
 * root of its hierarchy, as the kernel names it.
 */
int host_memcg_self(char *path, size_t size, struct reason *why);

/* Undo everything of this process, newest first.  Safe to call twice. */
void host_pop_all(void);

/*
 * Install host_pop_all() on exit and on SIGINT, SIGTERM, SIGHUP, SIGQUIT,
 * SIGABRT, SIGSEGV and SIGBUS; the handler then re-raises the signal with its
 * default action.  Call once at program start.
 */
void host_init(void);

/*
 * Replay the journals of processes that no longer exist.  Returns the number
 * of settings restored, or -errno with @why if any could not be.
 */
int host_restore_stale(struct reason *why);
/* Number of such journals; changes nothing. */
int host_count_stale(void);

/*
 * The environment of a record: CPU model, microcode, kernel, command line, kvm*
 * module parameters, THP, KSM, numa_balancing, lru_gen, hugepages, governor,
 * SMT, mitigations, virtualisation, boot id, taint, ...  Returns a new
 * reference.
 */
json_t *host_env_json(void);

#endif
