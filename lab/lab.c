// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * The lab's command line: list, run, shell, ab.
 *
 * Exit codes: 0 pass, 1 fail, 4 this machine cannot, 64 wrong use; of
 * several hosts the worst counts.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/ab/ab.h"
#include "lab/lab.h"
#include "lab/options.h"
#include "lab/run/store.h"

/* Where the source and the build are, seen from this program's own place. */
static int find_places(struct lab_opts *o)
{
	const char *top = getenv("MMUBENCH_TOP");
	char exe[480], *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return -1;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return -1;
		*slash = '\0';
	}
	snprintf(o->build, sizeof(o->build), "%s", exe);
	snprintf(o->top, sizeof(o->top), "%s", top ? top : LAB_TOP);
	return 0;
}

static void print_list(const struct hosts *hosts)
{
	char why[512], cpus[32];

	printf("%-18s %-6s %5s %6s %-9s %s\n", "host", "emu", "cpus", "MiB",
	       "group", "what for");
	for (size_t i = 1; i < hosts->nr; i++) {
		const struct host *h = &hosts->v[i];
		const struct emu_ops *emu = emu_find(h->emulator);

		snprintf(cpus, sizeof(cpus), h->nodes > 1 ? "%u/%u" : "%u",
			 h->cpus, h->nodes);
		printf("%-18s %-6s %5s %6u %-9s %s\n", h->name, h->emulator,
		       cpus, h->memory_mib, h->groups, h->about);
		if (emu && emu_probe(emu, why, sizeof(why)))
			printf("%-18s cannot run here: %s\n", "", why);
	}
}

static const struct host *named_host(const struct hosts *hosts,
				     const char *name)
{
	const struct host *h = hosts_find(hosts, name), *near;

	if (h && h != &hosts->v[0])
		return h;
	near = hosts_nearest(hosts, name);
	if (near)
		lab_say("no host is called '%s'; did you mean %s? (mmubench lab list shows all)",
			name, near->name);
	else
		lab_say("no host is called '%s'; mmubench lab list shows all",
			name);
	return NULL;
}

static int apply_set(struct host *h, const struct host *defaults,
		     const struct lab_opts *o)
{
	const struct emu_ops *emu;
	char key[64], why[256];

	for (size_t i = 0; i < o->set.nr; i++) {
		const char *eq = strchr(o->set.v[i], '=');

		snprintf(key, sizeof(key), "%.*s", (int)(eq - o->set.v[i]),
			 o->set.v[i]);
		if (host_set(h, key, eq + 1)) {
			lab_say("--host-set '%s': no such key, or a value that does not fit; keys are explained in lab/hosts.cfg",
				o->set.v[i]);
			return -1;
		}
		emu = emu_find(h->emulator);
		if (emu && !emu_uses(emu, key)) {
			lab_say("--host-set '%s': %s does not use '%s', and %s is a %s host",
				o->set.v[i], emu->name, key, h->name, emu->name);
			return -1;
		}
	}
	if (host_check(h, defaults, why, sizeof(why))) {
		lab_say("with this --host-set, the host %s %s", h->name, why);
		return -1;
	}
	return 0;
}

/* A second run's files would replace the first one's.  1 and said so, or 0. */
static int named_already(const struct host *list, int nr, const struct host *h)
{
	for (int i = 0; i < nr; i++) {
		if (strcmp(list[i].name, h->name))
			continue;
		lab_say("%s is named twice; name it once, and use --repeat N to run cases again",
			h->name);
		return 1;
	}
	return 0;
}

/* Fill @list with copies of the hosts that @names says; how many, or -1. */
static int choose(const struct hosts *hosts, const char *names,
		  const struct lab_opts *o, struct host *list, int max)
{
	char name[128];
	int nr = 0;

	if (!strcmp(names, "default")) {
		for (size_t i = 1; i < hosts->nr && nr < max; i++)
			if (!strcmp(hosts->v[i].groups, "default"))
				list[nr++] = hosts->v[i];
	}
	while (!nr || *names) {
		size_t n = strcspn(names, ",");
		const struct host *h;

		if (nr && !strcmp(names, "default"))
			break;
		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		h = named_host(hosts, name);
		if (!h)
			return -1;
		if (nr == max) {
			lab_say("more than %d hosts are named", max);
			return -1;
		}
		if (named_already(list, nr, h))
			return -1;
		list[nr++] = *h;
		names += n + (names[n] == ',');
	}
	for (int i = 0; i < nr; i++)
		if (apply_set(&list[i], &hosts->v[0], o))
			return -1;
	return nr;
}

const char *verdict_name(enum verdict v)
{
	return v == PASS ? "PASS" : v == CANNOT ? "SKIP" :
	       v == USAGE ? "USAGE" : "FAIL";
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	static const enum verdict order[] = { FAIL, USAGE, CANNOT, PASS };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return FAIL;
}

/* Says why, if no host can; else the hosts that cannot say so in their turn. */
static int none_can_run(const struct host *list, int nr)
{
	const struct emu_ops *emu;
	char why[512];

	for (int i = 0; i < nr; i++) {
		emu = emu_find(list[i].emulator);
		if (!emu || !emu_probe(emu, why, sizeof(why)))
			return 0;
	}
	lab_say("%s: SKIP, %s", list[0].name, why);
	return 1;
}

static enum verdict run_all(const struct host *list, int nr,
			    const struct lab_opts *o)
{
	struct image img;
	enum verdict v;
	char dir[600];

	if (none_can_run(list, nr))
		return CANNOT;
	v = image_get(o, &img);
	if (v != PASS)
		return v;
	if (o->run_dir)
		snprintf(dir, sizeof(dir), "%s", o->run_dir);
	else if (report_run_dir(o, &img, "lab", dir, sizeof(dir)))
		return FAIL;
	v = run_hosts(list, nr, o, &img, dir);
	/* Goes only if nothing was stored in it; logs alone make no report. */
	if (rmdir(dir) && !o->command && !lab_stop && store_has_records(dir))
		v = verdict_worse(v, report_show(o, dir));
	return v;
}

static void on_signal(int sig)
{
	lab_stop = sig;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	sigemptyset(&sa.sa_mask);
	/* nohup means it. */
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Is the part before the first comma a host's name? */
static int names_hosts(const struct hosts *hosts, const char *word)
{
	const struct host *h;
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, ","), word);
	h = hosts_find(hosts, name);
	return (h && h != &hosts->v[0]) || !strcmp(name, "default");
}

/*
 * Take the hosts out of the run's words: the first word, or, as options that
 * the lab does not know may come before it, the first that names a host.
 */
static const char *take_names(struct lab_opts *o, const struct hosts *hosts)
{
	char **words = (char **)o->run_args, *names;
	size_t i = 0;

	if (words[0] && words[0][0] == '-')
		while (words[i] && !names_hosts(hosts, words[i]))
			i++;
	names = words[i];
	for (; names && words[i]; i++)
		words[i] = words[i + 1];
	return names;
}

static int shell_command(const struct host *list, int nr, struct lab_opts *o)
{
	enum verdict v;
	struct image img;

	if (nr != 1 || o->run_args[0] || o->command) {
		lab_say("shell takes one host and no command");
		return USAGE;
	}
	o->shell = 1;
	if (none_can_run(list, nr))
		return CANNOT;
	v = image_get(o, &img);
	return v == PASS ? shell_host(&list[0], o, &img) : v;
}

static int command(const char *verb, char **argv, struct lab_opts *o,
		   const struct hosts *hosts)
{
	struct ab_opts ab = { .again = -1 };
	struct host list[MAX_LIST];
	int is_ab = !strcmp(verb, "ab");
	const char *names, *unused;
	int nr;

	if (options_parse(o, is_ab ? &ab : NULL, argv))
		return USAGE;
	/* ab's sides may have a use for what else had none, see ab_check(). */
	unused = is_ab ? NULL : options_unused(o);
	if (unused) {
		lab_say("%s", unused);
		return USAGE;
	}
	names = take_names(o, hosts);
	if (!names && is_ab)
		names = "amd-npt,intel-noad";
	if (!names) {
		lab_say("%s needs a host; mmubench lab list shows all", verb);
		return USAGE;
	}
	nr = choose(hosts, names, o, list, MAX_LIST);
	if (nr < 0)
		return USAGE;
	if (!strcmp(verb, "shell"))
		return shell_command(list, nr, o);
	if (!is_ab)
		return run_all(list, nr, o);
	return none_can_run(list, nr) ? CANNOT : ab_run(list, nr, o, &ab);
}

static int list_command(char **argv, const struct hosts *hosts)
{
	if (*argv) {
		lab_say("list takes no argument '%s'", *argv);
		return USAGE;
	}
	print_list(hosts);
	return PASS;
}

static int any_command(char **argv, struct lab_opts *o,
		       const struct hosts *hosts)
{
	static const char *const with_hosts[] = { "run", "shell", "ab" };
	const char *verb = *argv;

	if (verb && !strcmp(verb, "list"))
		return list_command(argv + 1, hosts);
	for (size_t i = 0; verb && i < 3; i++)
		if (!strcmp(verb, with_hosts[i]))
			return command(verb, argv + 1, o, hosts);
	if (verb)
		lab_say("there is no command '%s'; give list, run, shell or ab (mmubench lab help)",
			verb);
	else
		lab_say("a command is missing; give list, run, shell or ab (mmubench lab help)");
	return USAGE;
}

/* "help", or --help or -h among the words that are not a command's. */
static int asks_for_help(char *const *words)
{
	if (*words && !strcmp(*words, "help"))
		return 1;
	for (; *words && strcmp(*words, "--"); words++)
		if (!strcmp(*words, "--help") || !strcmp(*words, "-h"))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct lab_opts o = {
		.results = "results", .format = "summary",
	};
	char *words[argc + 1];
	struct hosts hosts;
	char path[600];
	int ret;

	/* Parsing moves argv's own. */
	memcpy(words, argv, sizeof(words));
	o.argv = words;
	if (asks_for_help(argv + (argc > 0))) {
		options_usage(stdout);
		return PASS;
	}
	if (find_places(&o)) {
		lab_say("cannot tell where this program is installed");
		return FAIL;
	}
	snprintf(path, sizeof(path), "%s/lab/hosts.cfg", o.top);
	if (hosts_load(&hosts, path)) {
		hosts_free(&hosts);
		return USAGE;
	}
	catch_signals();
	ret = any_command(argv + (argc > 0), &o, &hosts);
	hosts_free(&hosts);
	if (fflush(stdout))
		ret = FAIL;
	return lab_stop ? 128 + lab_stop : ret;
}
