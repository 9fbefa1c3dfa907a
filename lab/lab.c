// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * The lab's command line: list, run, shell, ab.
 *
 * Exit codes: 0 pass, 1 fail, 4 this machine cannot, 64 wrong use; of
 * several hosts the worst counts.  What the parts of the lab could not do is
 * said here, once; how each host fared is said when it has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/base/say.h"
#include "lab/emu/choose.h"
#include "lab/emu/emu.h"
#include "lab/options.h"
#include "lab/run/parallel.h"
#include "lab/run/store.h"
#include "record/verdict.h"

/* What every command is given. */
struct lab {
	struct places places;
	struct hosts hosts;
	struct options o;
	struct choice choice;
};

static enum verdict list_command(const struct hosts *hosts)
{
	struct reason why;
	char cpus[32];

	printf("%-18s %-6s %5s %6s %-9s %s\n", "host", "emu", "cpus", "MiB",
	       "group", "what for");
	for (size_t i = 1; i < hosts->nr; i++) {
		const struct host *h = &hosts->v[i];
		const struct emu_ops *emu = emu_find(h->emulator);

		snprintf(cpus, sizeof(cpus), h->nodes > 1 ? "%u/%u" : "%u",
			 h->cpus, h->nodes);
		printf("%-18s %-6s %5s %6u %-9s %s\n", h->name, h->emulator,
		       cpus, h->memory_mib, h->groups, h->about);
		if (emu_probe(emu, &why))
			printf("%-18s cannot run here: %s\n", "", why.text);
	}
	return VERDICT_PASS;
}

static struct run_job job_for(const struct lab *lab, const struct host *host,
			      const struct image *img, const char *dir)
{
	return (struct run_job){
		.host = host, .opts = &lab->o.run, .task = &lab->o.task,
		.img = img, .build = lab->places.build, .dir = dir,
	};
}

/* The verdict on a command that could not be carried out. */
static enum verdict refused(const struct reason *why)
{
	return verdict_of_ending(why->ending);
}

static enum verdict run_command(struct lab *lab, struct reason *why)
{
	const struct report_opts *ro = &lab->o.report;
	const char *build = lab->places.build;
	struct run_job jobs[CHOICE_MAX];
	struct image img;
	enum verdict v;
	char dir[600];

	snprintf(dir, sizeof(dir), "%s", ro->run_dir);
	if (report_check(ro, &lab->o.task, build, why) ||
	    image_get(&lab->o.image, &lab->places, &img, why) ||
	    (!*dir && report_new_dir(ro, &img, "lab", dir, sizeof(dir), why)))
		return refused(why);
	for (unsigned int i = 0; i < lab->choice.nr; i++)
		jobs[i] = job_for(lab, &lab->choice.v[i], &img, dir);
	v = run_jobs(jobs, lab->choice.nr, lab->o.run.jobs, why);
	/* Goes only if nothing was stored in it; logs alone make no report. */
	if (rmdir(dir) && !lab->o.task.command && !lab_stop &&
	    store_has_records(dir))
		v = verdict_worse(v, report_show(ro, build, dir, why));
	return v;
}

static enum verdict shell_command(struct lab *lab, struct reason *why)
{
	struct run_job job;
	struct image img;

	if (lab->choice.nr != 1 || lab->o.task.run_args[0] ||
	    lab->o.task.command) {
		reason_usage(why, -EINVAL,
			     "shell takes one host and no command");
		return refused(why);
	}
	job = job_for(lab, &lab->choice.v[0], &img, NULL);
	if (image_get(&lab->o.image, &lab->places, &img, why) ||
	    shell_host(&job, why))
		return refused(why);
	return VERDICT_PASS;
}

static enum verdict ab_command(struct lab *lab, struct reason *why)
{
	const struct ab_plan plan = {
		.hosts = lab->choice.v, .nr_hosts = lab->choice.nr,
		.opts = &lab->o.ab, .image = &lab->o.image,
		.run = &lab->o.run, .report = &lab->o.report,
		.task = &lab->o.task, .places = &lab->places,
	};

	return ab_run(&plan, why);
}

static const struct verb {
	const char *name;
	const char *hosts;	/* if none is named, or NULL */
	bool is_ab;
	enum verdict (*fn)(struct lab *lab, struct reason *why);
} verbs[] = {
	{ "run", NULL, false, run_command },
	{ "shell", NULL, false, shell_command },
	{ "ab", "amd-npt,intel-noad", true, ab_command },
};

/*
 * Take the hosts out of the run's words: the first word, or, as options that
 * the lab does not know may come before it, the first that names a host.
 */
static const char *take_names(struct task *task, const struct hosts *hosts)
{
	char **words = (char **)task->run_args, *names;
	size_t i = 0;

	if (words[0] && words[0][0] == '-')
		while (words[i] && !choose_is_name(hosts, words[i]))
			i++;
	names = words[i];
	for (; names && words[i]; i++)
		words[i] = words[i + 1];
	return names;
}

/* Fill lab->o and lab->choice.  0 or -errno with @why. */
static int parse(const struct verb *verb, int argc, char **argv,
		 struct lab *lab, struct reason *why)
{
	const char *names, *unused;
	int err;

	err = options_parse(&lab->o, verb->is_ab, argc, argv, why);
	if (err)
		return err;
	/* ab's sides may have a use for what else had none, see ab_check(). */
	unused = verb->is_ab ? NULL : image_unused(&lab->o.image);
	if (unused)
		return reason_usage(why, -EINVAL, "%s", unused);
	names = take_names(&lab->o.task, &lab->hosts);
	if (!names)
		names = verb->hosts;
	if (!names)
		return reason_usage(why, -EINVAL,
				    "%s needs a host; mmubench lab list shows all",
				    verb->name);
	return choose_hosts(&lab->hosts, names, &lab->o.host_set,
			    &lab->choice, why);
}

static enum verdict hosts_command(const struct verb *verb, int argc,
				  char **argv, struct lab *lab,
				  struct reason *why)
{
	struct reason lacks;

	if (parse(verb, argc, argv, lab, why))
		return refused(why);
	if (choose_probe(&lab->choice, &lacks)) {
		reason_skip(why, lacks.err, "%s: SKIP, %s",
			    lab->choice.v[0].name, lacks.text);
		return refused(why);
	}
	return verb->fn(lab, why);
}

static enum verdict any_command(int argc, char **argv, struct lab *lab,
				struct reason *why)
{
	static const char known[] =
		"give list, run, shell or ab (mmubench lab help)";
	const char *name = argv[0];

	for (size_t i = 0; name && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(name, verbs[i].name))
			return hosts_command(&verbs[i], argc, argv, lab, why);
	if (!name)
		reason_usage(why, -EINVAL, "a command is missing; %s", known);
	else if (strcmp(name, "list"))
		reason_usage(why, -EINVAL, "there is no command '%s'; %s", name,
			     known);
	else if (argv[1])
		reason_usage(why, -EINVAL, "list takes no argument '%s'",
			     argv[1]);
	else
		return list_command(&lab->hosts);
	return refused(why);
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

/* "help", or --help or -h among the words that are not a command's. */
static bool asks_for_help(char *const *words)
{
	if (*words && !strcmp(*words, "help"))
		return true;
	for (; *words && strcmp(*words, "--"); words++)
		if (!strcmp(*words, "--help") || !strcmp(*words, "-h"))
			return true;
	return false;
}

static enum verdict run_lab(int argc, char **argv, struct lab *lab,
			    struct reason *why)
{
	enum verdict v;
	char path[600];

	if (places_find(&lab->places, why))
		return refused(why);
	snprintf(path, sizeof(path), "%s/lab/hosts.cfg", lab->places.top);
	if (hosts_load(&lab->hosts, path, why))
		v = refused(why);
	else
		v = any_command(argc, argv, lab, why);
	hosts_free(&lab->hosts);
	return v;
}

int main(int argc, char **argv)
{
	int skip = argc > 0;	/* the program's own name */
	struct reason why = { .text = "" };
	static struct lab lab;
	char *words[argc + 1];
	enum verdict v;

	/* Parsing moves argv's own. */
	memcpy(words, argv, sizeof(words));
	lab.o.task.argv = words;
	if (asks_for_help(argv + skip)) {
		options_print_help();
		return outfile_flush_stdout(NULL) ? EXIT_FAIL : EXIT_PASS;
	}
	catch_signals();
	v = run_lab(argc - skip, argv + skip, &lab, &why);
	if (why.text[0])
		lab_say("%s", why.text);
	if (outfile_flush_stdout(&why)) {
		lab_say("%s", why.text);
		v = verdict_worse(v, VERDICT_FAIL);
	}
	return lab_stop ? EXIT_SIGNAL + lab_stop : verdict_exit_code(v);
}
