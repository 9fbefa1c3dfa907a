// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which scenario programs are there, and which cases have they?
 *
 * Programs lie in directories below the driver's own, one per family; each
 * is asked (--list --json).  So a new scenario needs no line here.
 */
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cmd.h"

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* NULL with @why when the program does not answer as it should. */
static json_t *ask(const char *path, struct reason *why)
{
	json_error_t error;
	json_t *info;
	char *cmd;
	FILE *f;

	if (asprintf(&cmd, "exec '%s' --list --json", path) < 0)
		return NULL;
	f = popen(cmd, "re");
	free(cmd);
	info = f ? json_loadf(f, 0, &error) : NULL;
	if ((!f || pclose(f)) && info) {
		json_decref(info);
		info = NULL;
	}
	if (!info || !json_is_array(json_object_get(info, "cases"))) {
		json_decref(info);
		reason_set(why, -ENOEXEC,
			   "%s does not list its cases; build it again with make",
			   path);
		return NULL;
	}
	return info;
}

static int add_program(struct scenarios *s, const char *path,
		       struct reason *why)
{
	struct program *p = &s->programs[s->nr_programs];

	p->info = ask(path, why);
	if (!p->info)
		return why->err;
	p->path = strdup(path);
	s->nr_programs++;
	s->nr += json_array_size(json_object_get(p->info, "cases"));
	return 0;
}

static void collect(struct scenarios *s)
{
	struct scenario *next;
	json_t *c;
	size_t i, j;

	next = s->v = calloc(s->nr ? s->nr : 1, sizeof(*s->v));
	for (i = 0; i < s->nr_programs; i++) {
		json_array_foreach(json_object_get(s->programs[i].info,
						   "cases"), j, c) {
			next->name = json_string_value(json_object_get(c, "case"));
			next->summary = json_string_value(
				json_object_get(c, "summary"));
			next->program = &s->programs[i];
			next++;
		}
	}
}

int scenarios_find(struct scenarios *s, struct reason *why)
{
	char pattern[4096];
	glob_t found;
	size_t i;
	int err = 0;

	memset(s, 0, sizeof(*s));
	snprintf(pattern, sizeof(pattern), "%s/*/*", cmd_bin_dir());
	if (glob(pattern, 0, NULL, &found))
		return reason_usage(why, -ENOENT,
				    "there are no scenario programs below %s; build them with make",
				    cmd_bin_dir());
	s->programs = calloc(found.gl_pathc, sizeof(*s->programs));
	for (i = 0; i < found.gl_pathc && !err; i++) {
		if (is_program(found.gl_pathv[i]))
			err = add_program(s, found.gl_pathv[i], why);
	}
	globfree(&found);
	if (!err)
		collect(s);
	return err;
}

void scenarios_free(struct scenarios *s)
{
	size_t i;

	for (i = 0; i < s->nr_programs; i++) {
		json_decref(s->programs[i].info);
		free(s->programs[i].path);
	}
	free(s->programs);
	free(s->v);
}

bool scenario_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (!strncmp(pattern, name, len) && (!name[len] || name[len] == '.'))
		return len > 0;
	return !fnmatch(pattern, name, 0);
}

/*
 * What a pattern could have meant: names, and their leading parts as long as
 * the pattern has parts.
 */
static const char *nearest_pattern(const struct scenarios *s,
				   const char *pattern, char *buf, size_t size)
{
	unsigned int best = strlen(pattern) / 3, d, parts = 1;
	const char *p, *end;
	bool found = false;
	char name[256];
	size_t i, k;

	best = best > 2 ? best : 2;
	for (p = pattern; (p = strchr(p, '.')); p++)
		parts++;
	for (i = 0; i < s->nr; i++) {
		end = s->v[i].name;
		for (k = 0; k < parts && *end; k++)
			end = strchrnul(end + (k > 0), '.');
		snprintf(name, sizeof(name), "%.*s",
			 (int)(end - s->v[i].name), s->v[i].name);
		/* A cut-off name is the best guess there is. */
		if (!strncmp(name, pattern, strlen(pattern)) && *pattern)
			d = 0;
		else
			d = nearest_distance(pattern, name);
		if (d > best || (found && d == best))
			continue;
		best = d;
		found = true;
		snprintf(buf, size, "%s", name);
	}
	return found ? buf : NULL;
}

static int no_match(const struct scenarios *s, const char *pattern,
		    struct reason *why)
{
	char buf[256];
	const char *near = nearest_pattern(s, pattern, buf, sizeof(buf));

	if (near)
		return reason_usage(why, -EINVAL,
				    "there is no case '%s'; did you mean '%s'?",
				    pattern, near);
	return reason_usage(why, -EINVAL,
			    "there is no case '%s', see mmubench list",
			    pattern);
}

int scenarios_choose(const struct scenarios *s, char **patterns, int nr,
		     bool *chosen, struct reason *why)
{
	bool any;
	size_t i;
	int p;

	for (i = 0; i < s->nr; i++)
		chosen[i] = nr == 0;
	for (p = 0; p < nr; p++) {
		any = false;
		for (i = 0; i < s->nr; i++) {
			if (scenario_matches(patterns[p], s->v[i].name))
				any = chosen[i] = true;
		}
		if (!any)
			return no_match(s, patterns[p], why);
	}
	return 0;
}

/* The place of @name among the scenarios, or -1. */
static int scenario_number(const struct scenarios *s, const char *name,
			   size_t len)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (strlen(s->v[i].name) == len &&
		    !strncmp(s->v[i].name, name, len))
			return i;
	return -1;
}

int scenarios_only(const struct scenarios *s, const char *names, bool *chosen,
		   struct reason *why)
{
	bool *kept = calloc(s->nr + 1, sizeof(*kept)), any = false;
	char name[256];
	size_t i, len;
	int nr, ret = 0;

	if (!kept)
		return reason_set(why, -ENOMEM, "no memory");
	for (; !ret && *names; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		nr = scenario_number(s, names, len);
		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		if (nr < 0)
			ret = reason_usage(why, -EINVAL,
					   "option --only: there is no case '%s'; give full names, see mmubench list",
					   name);
		else
			kept[nr] = true;
	}
	for (i = 0; i < s->nr; i++) {
		chosen[i] &= kept[i];
		any |= chosen[i];
	}
	free(kept);
	if (!ret && !any)
		ret = reason_usage(why, -EINVAL,
				   "option --only: none of its cases is among the chosen ones; name one that is");
	return ret;
}
