// SPDX-License-Identifier: GPL-2.0-only
/*
 * How is each kind of change made?
 *
 * Method: one function per kind, called by host_push() when all it takes to
 * undo the change is in the journal; undo.c puts it back.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "internal.h"

struct apply_args {
	const char *path;
	const char *text;	/* value, mount options */
	const char *fstype;
};

static int fill_change(struct host_change *c, enum host_undo undo,
		       const char *path, const char *value,
		       struct reason *why)
{
	c->undo = undo;
	if (strlen(path) >= sizeof(c->path) || strlen(value) >= sizeof(c->value))
		return reason_set(why, -ENAMETOOLONG,
				  "the path or value of %.120s is too long",
				  path);
	memcpy(c->path, path, strlen(path) + 1);
	memcpy(c->value, value, strlen(value) + 1);
	return 0;
}

static int apply_write(const void *arg, struct reason *why)
{
	const struct apply_args *a = arg;

	return host_write(a->path, a->text, why);
}

int host_push_write_undo(const char *path, const char *value,
			 const char *undo, struct reason *why)
{
	struct apply_args a = { .path = path, .text = value };
	struct host_change c;

	if (fill_change(&c, UNDO_WRITE, path, undo, why))
		return -ENAMETOOLONG;
	return host_push(&c, apply_write, &a, why);
}

int host_push_write(const char *path, const char *value, struct reason *why)
{
	char old[HOST_VALUE_BYTES];
	int len = host_read_choice(path, old, sizeof(old));

	if (len < 0)
		len = host_read(path, old, sizeof(old));
	if (len < 0)
		return reason_set(why, len, "cannot read the setting %.160s: %s",
				  path, strerror(-len));
	return host_push_write_undo(path, value, old, why);
}

static int apply_mkdir(const void *arg, struct reason *why)
{
	const struct apply_args *a = arg;
	char full[HOST_PATH_BYTES];
	int err = host_path(a->path, full);

	if (!err && mkdir(full, 0755))
		err = -errno;
	if (!err)
		return 0;
	return reason_set(why, err, "cannot make the directory %.160s: %s",
			  a->path, strerror(-err));
}

int host_push_mkdir(const char *path, struct reason *why)
{
	struct apply_args a = { .path = path };
	struct host_change c;

	/* What was there before is not ours to remove. */
	if (host_exists(path))
		return reason_set(why, -EEXIST, "%.160s exists already", path);
	if (fill_change(&c, UNDO_RMDIR, path, "", why))
		return -ENAMETOOLONG;
	return host_push(&c, apply_mkdir, &a, why);
}

static int apply_mount(const void *arg, struct reason *why)
{
	const struct apply_args *a = arg;
	char full[HOST_PATH_BYTES];
	int err = host_path(a->path, full);

	if (!err && mount("mmubench", full, a->fstype, 0, a->text))
		err = -errno;
	if (!err)
		return 0;
	return reason_set(why, err, "cannot mount %s on %.160s: %s", a->fstype,
			  a->path, strerror(-err));
}

int host_push_mount(const char *fstype, const char *path, const char *options,
		    struct reason *why)
{
	struct apply_args a = {
		.path = path, .text = options, .fstype = fstype
	};
	struct host_change c;

	if (fill_change(&c, UNDO_UMOUNT, path, "", why))
		return -ENAMETOOLONG;
	return host_push(&c, apply_mount, &a, why);
}
