/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that is read from or changed in /sys, /proc, debugfs and cgroups.
 *
 * Paths are relative to a root ("" = the live system), so that unit tests
 * run on recorded trees.  Settings change only through host_push_*(), which
 * writes the old value to a journal before the new value takes effect;
 * host_pop_all() undoes them in reverse order, from atexit() and from
 * signal paths.  After a hard kill "mmubench restore" replays the journal.
 */
#ifndef MMUBENCH_HOST_H
#define MMUBENCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/reason.h"

/* Another root than the live system: for tests.  Not thread safe. */
void host_set_root(const char *root);
const char *host_root(void);

#define HOST_PATH_BYTES	512	/* longest path below the root; chosen */

/* @path below the root into @buf[HOST_PATH_BYTES]. 0 or -ENAMETOOLONG. */
int host_path(const char *path, char *buf);

/*
 * Read a small file below the root into @buf, trailing newline removed.
 * Returns the length or -errno.
 */
int host_read(const char *path, char *buf, size_t size);
int host_read_u64(const char *path, uint64_t *value);
bool host_exists(const char *path);
/* The [chosen] word of files like ".../transparent_hugepage/enabled". */
int host_read_choice(const char *path, char *buf, size_t size);
/* A plain write, for control files that are no settings (page_idle, ...). */
int host_write(const char *path, const char *text, struct reason *why);

/* The same without a sentence; may be called in a signal handler. */
int host_write_raw(const char *path, const char *text);

/*
 * Where the journal of changed settings lies:
 * $MMUBENCH_STATE or /run/mmubench (root) or $XDG_RUNTIME_DIR/mmubench.
 * One journal file per process, named by its pid.
 */
const char *host_journal_dir(void);

/* Change a setting; the old value is restored by host_pop_all(). */
int host_push_write(const char *path, const char *value, struct reason *why);
/* The same for a file that does not read back what undoes a write. */
int host_push_write_undo(const char *path, const char *value,
			 const char *undo, struct reason *why);
/* Make a directory (a cgroup, a mount point); removed again. */
int host_push_mkdir(const char *path, struct reason *why);
/* Mount @fstype on @path; unmounted again. */
int host_push_mount(const char *fstype, const char *path, const char *options,
		    struct reason *why);
/*
 * Create a memory cgroup of our own below the current one (cgroup v2, or v1
 * "memory") and move the calling process into it; on pop the process moves
 * back and the cgroup is removed.  @path receives its path below the root.
 */
int host_push_memcg(const char *name, char *path, size_t size,
		    struct reason *why);

/*
 * The memory cgroup of the calling process as the kernel names it, "/" or
 * "/a/b", relative to the root of its hierarchy.
 */
int host_memcg_self(char *path, size_t size, struct reason *why);

/* Undo everything of this process, newest first.  Safe to call twice. */
void host_pop_all(void);

/*
 * Install host_pop_all() on exit and on SIGINT, SIGTERM, SIGHUP, SIGQUIT,
 * SIGABRT, SIGSEGV, SIGBUS (the signal is re-raised with its default action
 * afterwards).  Called once at program start.
 */
void host_init(void);

/*
 * Undo the journals of processes that no longer live.  Returns the number
 * of settings put back, or -errno with @why set when some could not be.
 */
int host_restore_stale(struct reason *why);
/* How many such journals there are; changes nothing. */
int host_count_stale(void);

/*
 * The environment record: cpu model, microcode, kernel, command line, kvm*
 * module parameters, THP, KSM, numa_balancing, lru_gen, hugepages, governor,
 * SMT, mitigations, virtualisation, boot id, taint, ...  New reference.
 */
json_t *host_env_json(void);

/* ---- doctor: checks of the environment --------------------------------- */

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD, DOCTOR_UNKNOWN };

struct doctor_result {
	enum doctor_state state;
	char found[160];	/* what is there now */
};

struct doctor_check {
	const char *name;	/* "numa_balancing" */
	const char *why;	/* why it matters for an MMU benchmark */
	const char *fix;	/* the command that changes it; NULL = none */
	void (*run)(struct doctor_result *res);
};

/* Terminated by an entry without a name; changes nothing on the host. */
extern const struct doctor_check doctor_checks[];

#endif
