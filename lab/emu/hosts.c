// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which machines can the lab emulate?
 *
 * Reads hosts.cfg: blocks of key = value lines.  A block starts as a copy of
 * [defaults], or of the earlier block that its `like` line names, and its own
 * lines then replace values; only `append` and `tolerate` add to what was
 * inherited, because a variant is most often one more kernel parameter.  Every
 * mistake is reported with its line, so that a typing error never becomes a
 * default.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "lab/emu/emu.h"
#include "lab/emu/hosts.h"

/* Chosen: the archive alone takes tens; twice that would also do. */
#define MIN_MEMORY_MIB 256

enum kind { TEXT, APPEND, NUMBER };

static const struct key {
	const char *name;
	enum kind kind;
	size_t off, size;
} keys[] = {
#define KEY_TEXT(n, f) \
	{ n, TEXT, offsetof(struct host, f), sizeof(((struct host *)0)->f) }
#define KEY_APPEND(n, f) \
	{ n, APPEND, offsetof(struct host, f), sizeof(((struct host *)0)->f) }
#define KEY_NUMBER(n, f) { n, NUMBER, offsetof(struct host, f), 0 }
	KEY_TEXT("about", about),
	KEY_TEXT("emulator", emulator),
	KEY_TEXT("machine", machine),
	KEY_TEXT("cpu", cpu),
	KEY_TEXT("groups", groups),
	KEY_APPEND("append", append),
	KEY_APPEND("tolerate", tolerate),
	KEY_NUMBER("cpus", cpus),
	KEY_NUMBER("memory", memory_mib),
	KEY_NUMBER("nodes", nodes),
	KEY_NUMBER("ips", ips),
	KEY_NUMBER("boot_timeout", boot_timeout_s),
	KEY_NUMBER("timeout", timeout_s),
};

static int set_number(unsigned int *dst, const char *val)
{
	char *end;
	unsigned long n;

	if (!isdigit((unsigned char)val[0]))
		return -1;
	errno = 0;
	n = strtoul(val, &end, 10);
	if (errno || *end || !n || n > INT_MAX)
		return -1;
	*dst = n;
	return 0;
}

static int set_text(char *dst, size_t size, const char *val, int append)
{
	size_t have = append ? strlen(dst) : 0;
	int n;

	n = snprintf(dst + have, size - have, "%s%s", have ? " " : "", val);
	return n < 0 || (size_t)n >= size - have ? -1 : 0;
}

static const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

int host_set(struct host *host, const char *name, const char *val)
{
	const struct key *k = key_find(name);
	char *field = (char *)host + (k ? k->off : 0);

	if (!k)
		return -1;
	if (k->kind == NUMBER)
		return set_number((unsigned int *)(void *)field, val);
	return set_text(field, k->size, val, k->kind == APPEND);
}

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

static struct host *add_block(struct hosts *hosts, const char *name)
{
	struct host *v;

	v = realloc(hosts->v, (hosts->nr + 1) * sizeof(*v));
	if (!v)
		return NULL;
	hosts->v = v;
	v = &v[hosts->nr];
	if (hosts->nr)
		*v = hosts->v[0];
	else
		memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", name);
	hosts->nr++;
	return v;
}

static int set_like(struct hosts *hosts, struct host *host, const char *name)
{
	const struct host *src = hosts_find(hosts, name);
	struct host fresh = hosts->v[0];

	/* It replaces every value, so no line may come before it. */
	memcpy(fresh.name, host->name, sizeof(fresh.name));
	if (!src || src == host || memcmp(&fresh, host, sizeof(fresh)))
		return -1;
	*host = *src;
	memcpy(host->name, fresh.name, sizeof(fresh.name));
	return 0;
}

/* A name is also a directory's, and a word between commas. */
static int name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return isalnum((unsigned char)*name) && !name[n] &&
	       n < sizeof(((struct host *)0)->name);
}

/* "[name]": a new block. */
static const char *parse_head(struct hosts *hosts, char *line)
{
	char *name = line + 1, *end = strchr(line, ']');

	if (!end || end[1] || end == name)
		return "a block starts with [name]";
	*end = '\0';
	if (!hosts->nr && strcmp(name, "defaults"))
		return "the first block must be [defaults]";
	if (!name_ok(name))
		return "a name is letters, digits, '.', '_' and '-', at most 63, and begins with a letter or a digit";
	if (!strcmp(name, "default"))
		return "'default' means all default hosts and cannot name one";
	if (hosts_find(hosts, name))
		return "this name is taken by an earlier block";
	return add_block(hosts, name) ? NULL : "out of memory";
}

/* One line of the file; NULL if fine, else what is wrong with it. */
static const char *parse_line(struct hosts *hosts, char *line)
{
	struct host *host = hosts->nr ? &hosts->v[hosts->nr - 1] : NULL;
	char *key, *val;

	line = trim(line);
	if (!*line || *line == '#')
		return NULL;
	if (*line == '[')
		return parse_head(hosts, line);
	val = strchr(line, '=');
	if (!val)
		return "neither [name] nor key = value";
	*val++ = '\0';
	key = trim(line);
	val = trim(val);
	if (!host)
		return "a key before the first [name]";
	if (!strcmp(key, "like"))
		return set_like(hosts, host, val) ?
			"'like' must be a block's first line and name an earlier block" :
			NULL;
	if (!key_find(key))
		return "there is no such key; the head of the file lists them";
	return host_set(host, key, val) ?
		"the value does not fit the key; a number has no suffix, and texts are short" :
		NULL;
}

/* Are the values of @key, in two hosts, the same? */
static int same_value(const struct key *key, const struct host *a,
		      const struct host *b)
{
	const char *x = (const char *)a + key->off;
	const char *y = (const char *)b + key->off;

	return key->kind == NUMBER ? !memcmp(x, y, sizeof(unsigned int)) :
				     !strcmp(x, y);
}

/* The first key that @h sets though its emulator does not use it, or NULL. */
static const char *unused_key(const struct host *h, const struct host *defaults,
			      const struct emu_ops *emu)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!emu_uses(emu, keys[i].name) &&
		    !same_value(&keys[i], h, defaults))
			return keys[i].name;
	return NULL;
}

static int check_size(const struct host *h, const struct emu_ops *emu,
		      struct reason *what)
{
	if (!h->cpus || h->cpus > emu->max_cpus)
		return reason_set(what, -EINVAL, "has %u CPUs; %s takes 1 to %u",
				  h->cpus, emu->name, emu->max_cpus);
	if (h->memory_mib < MIN_MEMORY_MIB)
		return reason_set(what, -EINVAL,
				  "has %u MiB of memory; a kernel and its programs need %u or more",
				  h->memory_mib, MIN_MEMORY_MIB);
	if (!h->nodes || h->cpus % h->nodes || h->memory_mib % h->nodes)
		return reason_set(what, -EINVAL,
				  "cannot divide %u CPUs and %u MiB evenly into %u NUMA nodes",
				  h->cpus, h->memory_mib, h->nodes);
	return 0;
}

int host_check(const struct host *h, const struct host *defaults,
	       struct reason *what)
{
	const struct emu_ops *emu = emu_find(h->emulator);
	const char *key;
	int err;

	if (!h->about[0] || !h->cpu[0] || !h->emulator[0])
		return reason_set(what, -EINVAL, "needs about, emulator and cpu");
	if (!emu)
		return reason_set(what, -EINVAL,
				  "has no emulator '%s'; use qemu or bochs",
				  h->emulator);
	if (strcmp(h->groups, "default") && strcmp(h->groups, "nodefault"))
		return reason_set(what, -EINVAL,
				  "is in no group '%s'; use default or nodefault",
				  h->groups);
	err = check_size(h, emu, what);
	if (err)
		return err;
	key = unused_key(h, defaults, emu);
	if (key)
		return reason_set(what, -EINVAL,
				  "sets '%s', which %s does not use", key,
				  emu->name);
	return 0;
}

/* All lines of @f; NULL if fine, else what is wrong with line *@nr. */
static const char *parse_file(struct hosts *hosts, FILE *f, unsigned int *nr)
{
	const char *why = NULL;
	char line[2048];

	while (!why && fgets(line, sizeof(line), f)) {
		++*nr;
		if (strlen(line) == sizeof(line) - 1 && !strchr(line, '\n'))
			why = "the line is longer than 2046 bytes";
		else
			why = parse_line(hosts, line);
	}
	if (!why && ferror(f))
		why = "cannot be read";
	return why;
}

static int check_all(const struct hosts *hosts, const char *path,
		     struct reason *why)
{
	struct reason what;
	int err;

	if (hosts->nr < 2)
		return reason_usage(why, -EINVAL, "%s describes no host", path);
	for (size_t i = 1; i < hosts->nr; i++) {
		err = host_check(&hosts->v[i], &hosts->v[0], &what);
		if (err)
			return reason_usage(why, err, "%s: host %s %s", path,
					  hosts->v[i].name, what.text);
	}
	return 0;
}

int hosts_load(struct hosts *hosts, const char *path, struct reason *why)
{
	unsigned int nr = 0;
	const char *wrong;
	FILE *f;

	memset(hosts, 0, sizeof(*hosts));
	f = fopen(path, "re");
	if (!f)
		return reason_usage(why, -errno, "cannot read %s: %s", path,
				  strerror(errno));
	wrong = parse_file(hosts, f, &nr);
	fclose(f);
	if (wrong)
		return reason_usage(why, -EINVAL, "%s:%u: %s", path, nr, wrong);
	return check_all(hosts, path, why);
}

void hosts_free(struct hosts *hosts)
{
	free(hosts->v);
	memset(hosts, 0, sizeof(*hosts));
}

const struct host *hosts_find(const struct hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->nr; i++)
		if (!strcmp(hosts->v[i].name, name))
			return &hosts->v[i];
	return NULL;
}

const char *hosts_nearest(const struct hosts *hosts, const char *name)
{
	struct nearest n;

	nearest_begin(&n, name);
	for (size_t i = 1; i < hosts->nr; i++)
		nearest_try(&n, hosts->v[i].name);
	return n.name;
}
