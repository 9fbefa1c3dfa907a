// SPDX-License-Identifier: GPL-2.0-only
/*
 * How is each kind of change undone?
 *
 * Method: one function per kind.  Undoing what is already undone (the
 * directory gone, nothing mounted, the process dead) succeeds, so that undo
 * may be repeated.  All of it is safe in signal handlers: system calls and
 * memory on the stack only.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mount.h>

#include "internal.h"

/* Files of things that have stopped by themselves refuse to stop them again. */
static int undo_write(const struct host_change *c)
{
	int err = host_write_raw(c->path, c->value);
	char now[HOST_VALUE_BYTES];

	if (!err || err == -ENOENT || err == -ENODEV)
		return 0;
	if (host_read(c->path, now, sizeof(now)) >= 0 &&
	    !strcmp(now, c->value))
		return 0;
	return err;
}

/* A cgroup stays busy for a moment after its last process has left. */
static int undo_rmdir(const struct host_change *c)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };
	char full[HOST_PATH_BYTES];
	int i, err = host_path(c->path, full);

	if (err)
		return err;
	for (i = 0; i < 100; i++) {	/* 1 s: chosen, 0.2 to 10 s would do */
		if (!rmdir(full) || errno == ENOENT)
			return 0;
		err = -errno;
		if (err != -EBUSY)
			break;
		nanosleep(&tick, NULL);
	}
	return err;
}

static int undo_umount(const struct host_change *c)
{
	char full[HOST_PATH_BYTES];
	int err = host_path(c->path, full);

	if (err)
		return err;
	if (!umount2(full, MNT_DETACH) || errno == EINVAL || errno == ENOENT)
		return 0;
	return -errno;
}

static int procs_path(const char *cgroup, char *full)
{
	static const char file[] = "/cgroup.procs";
	int err = host_path(cgroup, full);
	size_t len;

	if (err)
		return err;
	len = strlen(full);
	if (len + sizeof(file) > HOST_PATH_BYTES)
		return -ENAMETOOLONG;
	memcpy(full + len, file, sizeof(file));
	return 0;
}

/* One read() of the list at a time: moving a process takes it off. */
static int move_some(const char *from, int to_fd)
{
	char buf[512], *pid, *end;
	int fd = open(from, O_RDONLY | O_CLOEXEC), moved = 0;
	ssize_t n;

	if (fd < 0)
		return 0;	/* the cgroup is gone */
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	for (pid = buf; (end = strchr(pid, '\n')); pid = end + 1)
		if (write(to_fd, pid, end - pid) == end - pid)
			moved++;
	return moved;
}

static int undo_leave(const struct host_change *c)
{
	char from[HOST_PATH_BYTES], to[HOST_PATH_BYTES];
	int fd, i, err = procs_path(c->path, from);

	if (!err)
		err = procs_path(c->value, to);
	if (err)
		return err;
	fd = open(to, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	/* Bounded: in a recorded tree the list does not get shorter. */
	for (i = 0; i < 1000 && move_some(from, fd); i++)
		;
	close(fd);
	return 0;
}

int host_undo(const struct host_change *c)
{
	switch (c->undo) {
	case UNDO_WRITE:
		return undo_write(c);
	case UNDO_RMDIR:
		return undo_rmdir(c);
	case UNDO_UMOUNT:
		return undo_umount(c);
	case UNDO_LEAVE:
		return undo_leave(c);
	case UNDO_NOTHING:
		return 0;
	default:
		return -EINVAL;
	}
}
