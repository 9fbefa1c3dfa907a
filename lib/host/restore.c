// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a later process put back what a killed one had changed?
 *
 * Method: read each journal in the state directory; skip those whose process
 * still lives (same pid and start time, same boot); undo the entries of the
 * others newest first and remove the file once all of them succeeded.
 *
 * Cannot tell: journals of another user's state directory.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#include "internal.h"

#define MAX_REPLAYED	HOST_MAX_CHANGES
#define MAX_JOURNALS	256	/* at a time; the rest waits for the next restore */

struct replay {
	struct host_change *changes;
	unsigned int nr;
	int pid;
	unsigned long long started;
	char boot[64];
};

static int parse_line(char *line, struct host_change *c)
{
	char *path = strchr(line, '\t'), *value;
	int i;

	value = path ? strchr(path + 1, '\t') : NULL;
	if (!value)
		return -EINVAL;
	*path++ = '\0';
	*value++ = '\0';
	if (strlen(path) >= sizeof(c->path) || strlen(value) >= sizeof(c->value))
		return -EINVAL;
	for (i = 0; i < NR_UNDOS; i++)
		if (!strcmp(line, host_undo_names[i])) {
			c->undo = (enum host_undo)i;
			memcpy(c->path, path, strlen(path) + 1);
			memcpy(c->value, value, strlen(value) + 1);
			return 0;
		}
	return -EINVAL;
}

static int read_journal(const char *file, struct replay *r)
{
	char line[HOST_PATH_BYTES + HOST_VALUE_BYTES + 16];
	FILE *f = fopen(file, "re");
	int err = 0;

	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f) ||
	    sscanf(line, "mmubench-journal 1 %d %llu %63s", &r->pid,
		   &r->started, r->boot) != 3 || !strchr(line, '\n'))
		err = -EBADMSG;	/* killed while the header was written */
	while (!err && r->nr < MAX_REPLAYED && fgets(line, sizeof(line), f)) {
		if (!strchr(line, '\n'))
			break;
		line[strcspn(line, "\n")] = '\0';
		err = parse_line(line, &r->changes[r->nr]);
		r->nr += !err;
	}
	fclose(f);
	return err;
}

/* Undo what the journal of a dead process says, newest first. */
static int replay_changes(const struct replay *r, struct reason *why)
{
	unsigned int i;
	int failed = 0, err;

	for (i = r->nr; i-- > 0;) {
		err = host_undo(&r->changes[i]);
		if (err)
			failed = reason_set(why, err,
					    "cannot undo '%s' of %.160s: %s; run as the user who made the change",
					    host_undo_names[r->changes[i].undo],
					    r->changes[i].path, strerror(-err));
	}
	return failed ? failed : (int)r->nr;
}

static int replay_parsed(const char *file, const struct replay *r, int err,
			 struct reason *why)
{
	char boot[64];

	if (err == -EINVAL)
		return reason_set(why, err,
				  "the journal %.200s is damaged after %u entries; inspect it and remove it by hand",
				  file, r->nr);
	if (err && err != -EBADMSG)
		return reason_set(why, err, "cannot read %.200s: %s", file,
				  strerror(-err));
	host_boot_id(boot, sizeof(boot));
	if (err == -EBADMSG || strcmp(r->boot, boot)) {
		err = 0;	/* no change made, or none survived the boot */
	} else {
		if (host_start_time(r->pid) == r->started)
			return 0;	/* it lives and undoes its own */
		err = replay_changes(r, why);
	}
	if (err >= 0)
		unlink(file);
	return err;
}

/* The number of settings put back, or -errno. */
static int replay_file(const char *file, struct reason *why)
{
	struct replay r = { 0 };
	int n;

	r.changes = calloc(MAX_REPLAYED, sizeof(*r.changes));
	if (!r.changes)
		return reason_set(why, -ENOMEM, "out of memory");
	n = read_journal(file, &r);
	n = replay_parsed(file, &r, n, why);
	free(r.changes);
	return n;
}

static bool is_journal(const char *name)
{
	size_t len = strlen(name), suffix = strlen(HOST_JOURNAL_SUFFIX);

	return len > suffix && !strcmp(name + len - suffix, HOST_JOURNAL_SUFFIX);
}

struct journal {
	struct timespec changed;
	char name[32];
};

static int newer_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct journal *)a)->changed;
	const struct timespec *y = &((const struct journal *)b)->changed;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return x->tv_nsec < y->tv_nsec ? 1 : x->tv_nsec > y->tv_nsec ? -1 : 0;
}

/*
 * The journals there are, newest first: when two dead processes changed the
 * same setting, the older one knows the value it had at first.
 */
static int list_journals(struct journal *list, struct reason *why)
{
	const char *dir = host_journal_dir();
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;
	int nr = 0;

	if (!d)
		return errno == ENOENT ? 0 :
		       reason_set(why, -errno, "cannot read %.200s: %s", dir,
				  strerror(errno));
	while (nr < MAX_JOURNALS && (e = readdir(d))) {
		if (!is_journal(e->d_name) ||
		    strlen(e->d_name) >= sizeof(list->name) ||
		    fstatat(dirfd(d), e->d_name, &st, 0))
			continue;
		list[nr].changed = st.st_mtim;
		memcpy(list[nr++].name, e->d_name, strlen(e->d_name) + 1);
	}
	closedir(d);
	qsort(list, nr, sizeof(*list), newer_first);
	return nr;
}

int host_restore_stale(struct reason *why)
{
	struct journal *list = calloc(MAX_JOURNALS, sizeof(*list));
	char file[PATH_MAX];
	int done = 0, failed = 0, i, n, nr;

	if (!list)
		return reason_set(why, -ENOMEM, "out of memory");
	nr = list_journals(list, why);
	for (i = 0; i < nr; i++) {
		snprintf(file, sizeof(file), "%.3800s/%s", host_journal_dir(),
			 list[i].name);
		n = replay_file(file, why);
		if (n < 0)
			failed = n;
		else
			done += n;
	}
	free(list);
	return nr < 0 ? nr : failed ? failed : done;
}

int host_count_stale(void)
{
	char file[PATH_MAX];
	struct replay r = { 0 };
	struct dirent *e;
	int nr = 0;
	DIR *d = opendir(host_journal_dir());

	r.changes = calloc(MAX_REPLAYED, sizeof(*r.changes));
	while (d && r.changes && (e = readdir(d))) {
		if (!is_journal(e->d_name))
			continue;
		snprintf(file, sizeof(file), "%.3800s/%s", host_journal_dir(),
			 e->d_name);
		r.nr = 0;
		if (!read_journal(file, &r))
			nr += host_start_time(r.pid) != r.started;
	}
	free(r.changes);
	if (d)
		closedir(d);
	return nr;
}
