// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which settings did this process change, and how are they put back?
 *
 * Method: a change is first written to a journal file, with all it takes to
 * undo it, and reaches the disk (fdatasync) before the change is made; a
 * copy in memory serves exit and signals.  Undoing is idempotent, so a replay
 * after a kill in mid-undo does no harm.  A journal belongs to a process by
 * pid, start time and boot id; when that process is gone, "restore" replays
 * the file.  A line that does not end in a newline was cut off by the kill
 * and stands for a change that was never made.
 *
 * Signals: host_pop_all() and host_undo() only use functions that are safe in
 * a handler.  Pushing holds a spin lock with all signals blocked, so that a
 * handler never interrupts the holder on its own thread and waits only for
 * a bounded time on another.
 *
 * Cannot tell: whether somebody else changed the same setting meanwhile; the
 * value found at push time is what comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#include "internal.h"

const char *const host_undo_names[NR_UNDOS] = {
	[UNDO_WRITE] = "write", [UNDO_RMDIR] = "rmdir",
	[UNDO_UMOUNT] = "umount", [UNDO_LEAVE] = "leave",
	[UNDO_NOTHING] = "nothing",
};

/* Process-wide by nature: exit and signals have no other way to find it. */
static struct {
	atomic_flag lock;
	pid_t pid;		/* whose changes these are; a fork has none */
	unsigned int nr;
	int fd;			/* of the journal, valid while nr > 0 */
	char file[PATH_MAX];
	struct host_change changes[HOST_MAX_CHANGES];
} state = { .lock = ATOMIC_FLAG_INIT };

static void lock_state(void)
{
	while (atomic_flag_test_and_set(&state.lock))
		sched_yield();
}

static void unlock_state(void)
{
	atomic_flag_clear(&state.lock);
}

/* A forked child starts without changes: its parent undoes its own. */
static void adopt_state(void)
{
	if (state.pid == getpid())
		return;
	if (state.nr)
		close(state.fd);
	state.pid = getpid();
	state.nr = 0;
}

/* ---- the journal file ---------------------------------------------------- */

const char *host_journal_dir(void)
{
	static char dir[PATH_MAX];
	const char *env = getenv("MMUBENCH_STATE");
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (env && *env)
		snprintf(dir, sizeof(dir), "%s", env);
	else if (geteuid() == 0 || !run || !*run)
		snprintf(dir, sizeof(dir), "/run/mmubench");
	else
		snprintf(dir, sizeof(dir), "%s/mmubench", run);
	return dir;
}

/* Never below the root: processes are always those of the live system. */
static int read_live(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	buf[n] = '\0';
	return n;
}

unsigned long long host_start_time(pid_t pid)
{
	char path[64], stat[1024], *field;
	unsigned long long ticks = 0;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_live(path, stat, sizeof(stat)) <= 0)
		return 0;
	field = strrchr(stat, ')');	/* the name may hold anything */
	if (!field || field[2] == 'Z' || field[2] == 'X')
		return 0;
	for (i = 0; field && i < 20; i++)
		field = strchr(field + 1, ' ');
	if (field)
		sscanf(field, " %llu", &ticks);
	return ticks;
}

void host_boot_id(char *buf, size_t size)
{
	if (read_live("/proc/sys/kernel/random/boot_id", buf, size) <= 0)
		snprintf(buf, size, "unknown");
	buf[strcspn(buf, "\n")] = '\0';
}

/*
 * Journals are undone newest first, and the kernel's own time stamps are the
 * same for all that happens within one tick (4 ms).
 */
static void stamp_exactly(int fd)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	clock_gettime(CLOCK_REALTIME, &times[1]);
	futimens(fd, times);
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);
	off_t start = lseek(fd, 0, SEEK_CUR);
	ssize_t n = write(fd, text, len);
	int err = n < 0 ? -errno : (size_t)n < len ? -ENOSPC : 0;

	stamp_exactly(fd);
	if (!err && fdatasync(fd) && errno != EINVAL)
		err = -errno;
	if (err && (ftruncate(fd, start) || lseek(fd, start, SEEK_SET) < 0))
		return err;	/* a torn line: readers ignore it */
	return err;
}

static int open_journal(struct reason *why)
{
	char header[160], boot[64];
	int err = host_make_dirs(host_journal_dir());

	snprintf(state.file, sizeof(state.file), "%.4000s/%d" HOST_JOURNAL_SUFFIX,
		 host_journal_dir(), getpid());
	if (err)
		goto fail;
	state.fd = open(state.file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC,
			0644);
	if (state.fd < 0) {
		err = -errno;
		goto fail;
	}
	host_boot_id(boot, sizeof(boot));
	snprintf(header, sizeof(header), "mmubench-journal 1\t%d\t%llu\t%s\n",
		 getpid(), host_start_time(getpid()), boot);
	err = write_all(state.fd, header);
	if (!err)
		return 0;
	close(state.fd);
	unlink(state.file);
fail:
	return reason_set(why, err,
			  "cannot write the journal %.200s: %s; no setting was changed; set MMUBENCH_STATE to another directory",
			  state.file, strerror(-err));
}

static int append_change(const struct host_change *c, struct reason *why)
{
	char line[HOST_PATH_BYTES + HOST_VALUE_BYTES + 16];
	int err;

	snprintf(line, sizeof(line), "%s\t%s\t%s\n", host_undo_names[c->undo],
		 c->path, c->value);
	err = write_all(state.fd, line);
	if (err)
		return reason_set(why, err,
				  "cannot write the journal %.200s: %s; no setting was changed",
				  state.file, strerror(-err));
	return 0;
}

static void drop_journal(void)
{
	close(state.fd);
	unlink(state.file);
}

/* ---- push and pop -------------------------------------------------------- */

static int push_locked(const struct host_change *c,
		       int (*apply)(const void *arg, struct reason *why),
		       const void *arg, struct reason *why)
{
	off_t end;
	int err = 0;

	adopt_state();
	if (state.nr == HOST_MAX_CHANGES)
		return reason_set(why, -ENOSPC,
				  "more than %d settings changed by one process",
				  HOST_MAX_CHANGES);
	if (!state.nr)
		err = open_journal(why);
	if (err)
		return err;
	end = lseek(state.fd, 0, SEEK_CUR);
	err = append_change(c, why);
	if (!err) {
		state.changes[state.nr++] = *c;
		err = apply(arg, why);
		if (err)
			state.nr--;
	}
	if (err && !state.nr)
		drop_journal();
	else if (err && !ftruncate(state.fd, end))
		lseek(state.fd, end, SEEK_SET);
	return err;
}

int host_push(const struct host_change *c,
	      int (*apply)(const void *arg, struct reason *why),
	      const void *arg, struct reason *why)
{
	sigset_t all, old;
	int err;

	if (strpbrk(c->path, "\t\n") || strpbrk(c->value, "\t\n"))
		return reason_set(why, -EINVAL,
				  "the setting %.160s has a value of several lines, which cannot be restored",
				  c->path);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	lock_state();
	err = push_locked(c, apply, arg, why);
	unlock_state();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

/*
 * Newest first.  A change that cannot be undone stays, in memory for the next
 * try and in the journal, where the others stay with it: undoing them once
 * more does no harm.
 */
static void pop_locked(void)
{
	unsigned int i, kept;

	if (state.pid != getpid() || !state.nr)
		return;
	for (i = state.nr; i-- > 0;)
		if (!host_undo(&state.changes[i]))
			state.changes[i].undo = UNDO_NOTHING;
	for (i = 0, kept = 0; i < state.nr; i++)
		if (state.changes[i].undo != UNDO_NOTHING)
			state.changes[kept++] = state.changes[i];
	state.nr = kept;
	if (!kept)
		drop_journal();
}

void host_pop_all(void)
{
	sigset_t all, old;
	int saved = errno;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	lock_state();
	pop_locked();
	unlock_state();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = saved;
}

static bool is_pushed(const char *path)
{
	unsigned int i;

	for (i = 0; state.pid == getpid() && i < state.nr; i++)
		if (state.changes[i].undo == UNDO_WRITE &&
		    !strcmp(state.changes[i].path, path))
			return true;
	return false;
}

int host_write_pushed(const char *path, const char *value, struct reason *why)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	lock_state();
	err = is_pushed(path) ? host_write(path, value, why) : 0;
	unlock_state();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

static void on_signal(int sig)
{
	host_pop_all();
	signal(sig, SIG_DFL);
	raise(sig);
}

void host_init(void)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS
	};
	struct sigaction sa = { .sa_handler = on_signal }, old;
	size_t i;

	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		/* What the caller ignores (nohup) stays ignored. */
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	atexit(host_pop_all);
}
