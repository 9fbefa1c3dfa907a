// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which hosts does a command line mean?
 *
 * Takes copies, so that --host-set changes what this run boots and nothing
 * else, and checks each copy as if hosts.cfg had described it that way.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/emu/choose.h"
#include "lab/emu/emu.h"

static const struct host *find(const struct hosts *hosts, const char *name,
			       struct reason *why)
{
	const struct host *h = hosts_find(hosts, name);
	const char *near;

	if (h && h != &hosts->v[0])
		return h;
	near = hosts_nearest(hosts, name);
	if (near)
		reason_usage(why, -EINVAL,
			   "no host is called '%s'; did you mean %s? (mmubench lab list shows all)",
			   name, near);
	else
		reason_usage(why, -EINVAL,
			   "no host is called '%s'; mmubench lab list shows all",
			   name);
	return NULL;
}

/* One KEY=VALUE word. */
static int set_key(struct host *h, const char *word, struct reason *why)
{
	const char *eq = strchr(word, '=');
	const struct emu_ops *emu;
	char key[64];

	if (!eq || eq == word)
		return reason_usage(why, -EINVAL,
				  "option --host-set: '%s' is not KEY=VALUE",
				  word);
	snprintf(key, sizeof(key), "%.*s", (int)(eq - word), word);
	if (host_set(h, key, eq + 1))
		return reason_usage(why, -EINVAL,
				  "option --host-set: '%s': no such key, or a value that does not fit; lab/hosts.cfg explains the keys",
				  word);
	emu = emu_find(h->emulator);
	if (emu && !emu_uses(emu, key))
		return reason_usage(why, -EINVAL,
				  "option --host-set: '%s': %s does not use '%s', and %s is a %s host",
				  word, emu->name, key, h->name, emu->name);
	return 0;
}

static int set_keys(struct host *h, const struct host *defaults,
		    const struct opt_list *set, struct reason *why)
{
	struct reason what;
	int err = 0;

	for (unsigned int i = 0; !err && i < set->nr; i++)
		err = set_key(h, set->v[i], why);
	if (err)
		return err;
	err = host_check(h, defaults, &what);
	if (err)
		return reason_usage(why, err, "with this --host-set, host %s %s",
				  h->name, what.text);
	return 0;
}

static int add(struct choice *c, const struct host *h, struct reason *why)
{
	/* A second run's files would replace the first one's. */
	for (unsigned int i = 0; i < c->nr; i++)
		if (!strcmp(c->v[i].name, h->name))
			return reason_usage(why, -EINVAL,
					  "%s is named twice; name it once, and use --repeat N to run cases again",
					  h->name);
	if (c->nr == CHOICE_MAX)
		return reason_usage(why, -EINVAL, "more than %d hosts are named",
				  CHOICE_MAX);
	c->v[c->nr++] = *h;
	return 0;
}

static int add_default(const struct hosts *hosts, struct choice *c,
		       struct reason *why)
{
	int err = 0;

	for (size_t i = 1; !err && i < hosts->nr; i++)
		if (!strcmp(hosts->v[i].groups, "default"))
			err = add(c, &hosts->v[i], why);
	return err;
}

static int add_named(const struct hosts *hosts, const char *names,
		     struct choice *c, struct reason *why)
{
	const struct host *h;
	char name[128];
	size_t n;
	int err;

	do {
		n = strcspn(names, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		h = find(hosts, name, why);
		err = h ? add(c, h, why) : -EINVAL;
		names += n + (names[n] == ',');
	} while (!err && *names);
	return err;
}

int choose_hosts(const struct hosts *hosts, const char *names,
		 const struct opt_list *set, struct choice *c,
		 struct reason *why)
{
	int err;

	c->nr = 0;
	if (!strcmp(names, "default"))
		err = add_default(hosts, c, why);
	else
		err = add_named(hosts, names, c, why);
	for (unsigned int i = 0; !err && i < c->nr; i++)
		err = set_keys(&c->v[i], &hosts->v[0], set, why);
	return err;
}

bool choose_is_name(const struct hosts *hosts, const char *word)
{
	const struct host *h;
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, ","), word);
	h = hosts_find(hosts, name);
	return (h && h != &hosts->v[0]) || !strcmp(name, "default");
}

int choose_probe(const struct choice *c, struct reason *why)
{
	const struct emu_ops *emu;
	int err = -ENOENT;

	for (unsigned int i = 0; i < c->nr; i++) {
		emu = emu_find(c->v[i].emulator);
		err = emu ? emu_probe(emu, why) : 0;
		if (!err)
			return 0;
	}
	return err;
}
