// SPDX-License-Identifier: GPL-2.0-only
/*
 * All records of a run directory, see recread.h.
 *
 * Method: *.jsonl in the directory and three levels below; names starting with
 * a dot and symbolic links (results/latest) are left out; every file must be
 * a sound record.  Order: place ("host" first), then case, then path, so that
 * views of the same run are the same.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "record/recread.h"

#define MAX_DEPTH 3

static int add_record(struct recset *set, const char *path, struct reason *why)
{
	struct record *r, **grown;
	struct reason own;

	r = record_read(path, &own);
	if (!r)
		return reason_pass_on(why, &own, NULL);
	grown = realloc(set->v, (set->nr + 1) * sizeof(*grown));
	if (!grown) {
		record_free(r);
		return reason_set(why, -ENOMEM, "no memory for '%s'", path);
	}
	set->v = grown;
	set->v[set->nr++] = r;
	return 0;
}

static bool is_record_name(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && !strcmp(name + len - 6, ".jsonl");
}

static int add_dir(struct recset *set, const char *dir, int depth,
		   struct reason *why)
{
	char path[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	int ret = 0;
	DIR *d;

	d = opendir(dir);
	if (!d) {
		ret = -errno;
		return reason_usage(why, ret, "cannot read directory '%s': %s",
				    dir, strerror(-ret));
	}
	while (!ret && (entry = readdir(d))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", dir,
			     entry->d_name) >= (int)sizeof(path) ||
		    lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
			ret = add_dir(set, path, depth + 1, why);
		else if (S_ISREG(st.st_mode) && is_record_name(path))
			ret = add_record(set, path, why);
	}
	closedir(d);
	return ret;
}

static int compare_places(const char *a, const char *b)
{
	bool host_a = !strcmp(a, "host"), host_b = !strcmp(b, "host");

	return host_a != host_b ? host_b - host_a : strcmp(a, b);
}

static int compare_records(const void *va, const void *vb)
{
	const struct record *a = *(struct record *const *)va;
	const struct record *b = *(struct record *const *)vb;

	return compare_places(a->place, b->place) ?:
	       strcmp(a->case_name, b->case_name) ?: strcmp(a->path, b->path);
}

int recset_load(struct recset *set, const char *dir, struct reason *why)
{
	struct stat st;
	int ret;

	memset(set, 0, sizeof(*set));
	if (stat(dir, &st)) {
		ret = -errno;
		return reason_usage(why, ret, "cannot read run '%s': %s", dir,
				    strerror(-ret));
	}
	set->dir = strdup(dir);
	if (!set->dir)
		ret = reason_set(why, -ENOMEM, "no memory for run '%s'", dir);
	else if (S_ISDIR(st.st_mode))
		ret = add_dir(set, dir, 0, why);
	else
		ret = add_record(set, dir, why);
	if (!ret && !set->nr)
		ret = reason_usage(why, -ENOENT,
				   "there is no record (*.jsonl) in '%s'; give the directory of a run",
				   dir);
	if (ret) {
		recset_free(set);
		return ret;
	}
	qsort(set->v, set->nr, sizeof(*set->v), compare_records);
	return 0;
}

void recset_free(struct recset *set)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		record_free(set->v[i]);
	free(set->v);
	free(set->dir);
	memset(set, 0, sizeof(*set));
}
