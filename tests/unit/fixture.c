// SPDX-License-Identifier: GPL-2.0-only
/* Trees of small files in a temporary directory, see fixture.h. */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "host/host.h"
#include "fixture.h"

static char tree[64];

static void must(int ok, const char *what, const char *path)
{
	if (ok)
		return;
	fprintf(stderr, "fixture: %s %s: %s\n", what, path, strerror(errno));
	abort();
}

void fixture_begin(void)
{
	snprintf(tree, sizeof(tree), "/tmp/mmubench-fixture-XXXXXX");
	must(mkdtemp(tree) != NULL, "mkdtemp", tree);
	host_set_root(tree);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fixture_end(void)
{
	host_set_root("");
	nftw(tree, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fixture_dir(void)
{
	return tree;
}

void fixture_file(const char *path, const char *text)
{
	char full[PATH_MAX];
	size_t i;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", tree, path);
	for (i = strlen(tree) + 1; full[i]; i++) {
		if (full[i] != '/')
			continue;
		full[i] = '\0';
		must(!mkdir(full, 0755) || errno == EEXIST, "mkdir", full);
		full[i] = '/';
	}
	f = fopen(full, "w");
	must(f != NULL, "create", full);
	fputs(text, f);
	must(!fclose(f), "write", full);
}

const char *fixture_text(const char *path)
{
	static char text[4096];
	char full[PATH_MAX];
	size_t n = 0;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", tree, path);
	f = fopen(full, "r");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}
