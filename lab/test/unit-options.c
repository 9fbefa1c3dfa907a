// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Does every word of a command line reach the part that it is meant for, and
 * does what a program says reach the lab?
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/tool.h"
#include "lab/emu/choose.h"
#include "lab/options.h"
#include "lab/test/unit.h"
#include "record/verdict.h"

#define MAX_WORDS 16

static struct options o;
static struct reason why;

/* Parse the blanks-separated words of @line; the words that are left in @rest. */
static int parse(const char *line, bool is_ab, char *rest, size_t size)
{
	static char text[256], *argv[MAX_WORDS + 1];
	char *p = text;
	int argc = 1, err;

	argv[0] = (char *)"run";
	snprintf(text, sizeof(text), "%s", line);
	while (*p && argc < MAX_WORDS) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	argv[argc] = NULL;
	memset(&o, 0, sizeof(o));
	err = options_parse(&o, is_ab, argc, argv, &why);
	rest[0] = '\0';
	for (size_t i = 0; !err && o.task.run_args[i]; i++)
		snprintf(rest + strlen(rest), size - strlen(rest), "%s ",
			 o.task.run_args[i]);
	return err;
}

static void test_words_are_shared_out(void)
{
	char rest[128];
	int err;

	err = parse("amd-npt --rounds 3 --keep --env A=1 -i 2 --env=B=2 x -- y -z",
		    false, rest, sizeof(rest));
	ok(!err && !strcmp(rest, "amd-npt --rounds 3 -i 2 x "),
	   "options.others_stay_in_order");
	ok(!err && o.run.keep && o.run.env.nr == 2 &&
		   !strcmp(o.run.env.v[1], "B=2"), "options.lists");
	ok(!err && o.task.command && !strcmp(o.task.command[0], "y"),
	   "options.command");
	ok(!err && o.run.limit_s == -1 && o.run.jobs == -1 &&
		   !*o.image.ksrc && !strcmp(o.report.results, "results"),
	   "options.defaults");
	err = parse("--head a --format json", false, rest, sizeof(rest));
	ok(!err && !strcmp(rest, "--head a ") &&
		   !strcmp(o.report.format, "json"), "options.run_has_no_sides");
	err = parse("--head a --base-append b --format json w", true, rest,
		    sizeof(rest));
	ok(!err && !strcmp(rest, "w ") && o.ab.format == 1 &&
		   !strcmp(o.ab.side[HEAD].ksrc, "a") &&
		   !strcmp(o.ab.side[BASE].append, "b") &&
		   !strcmp(o.report.format, "summary"), "options.ab_hides_common");
}

static void test_refused(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "x --limit 0", "give 1 to 1000000" },
		{ "x --limit soon", "'soon'" },
		{ "x --jobs", "needs a value" },
		{ "x --append=", "not empty" },
		{ "x --env 1A=2", "NAME=VALUE" },
		{ "x --env A-B=2", "NAME=VALUE" },
		{ "x --keep=perhaps", "yes nor no" },
		{ "x --", "behind --" },
	};
	size_t nr = sizeof(rows) / sizeof(rows[0]), refused = 0;
	char rest[128];

	for (size_t i = 0; i < nr; i++) {
		if (parse(rows[i].line, false, rest, sizeof(rest)) == -EINVAL &&
		    why.ending == ENDING_USAGE &&
		    strstr(why.text, rows[i].says))
			refused++;
		else
			printf("# '%s': %s\n", rows[i].line, why.text);
	}
	ok(refused == nr, "options.refused");
}

static void test_unused(void)
{
	static const char *const lines[] = {
		"--bzimage f --ksrc k", "--bzimage f --kernel-config kasan",
		"--initramfs f --add p", "--initramfs f --modules d",
		"--initramfs f --kvm-modules d",
	};
	size_t nr = sizeof(lines) / sizeof(lines[0]), found = 0;
	char rest[128];

	for (size_t i = 0; i < nr; i++)
		found += !parse(lines[i], false, rest, sizeof(rest)) &&
			 image_unused(&o.image);
	ok(found == nr, "options.unused");
	ok(!parse("--bzimage f --modules d --add p", false, rest, sizeof(rest)) &&
		   !image_unused(&o.image), "options.used");
}

void test_options(void)
{
	test_words_are_shared_out();
	test_refused();
	test_unused();
}

/* ---- hosts ---------------------------------------------------------------- */

#define BLOCKS \
	"[defaults]\ncpus = 1\nmemory = 256\nnodes = 1\nips = 1\ngroups = default\n" \
	"[first]\nabout = x\nemulator = qemu\ncpu = max\n" \
	"[second]\nlike = first\n" \
	"[third]\nlike = first\ngroups = nodefault\nemulator = bochs\n"

static const struct {
	const char *names, *set;	/* set: one --host-set, or NULL */
	const char *chosen;		/* or NULL: refused, and ... */
	const char *says;
} choices[] = {
	{ "default", NULL, "first second ", NULL },
	{ "third,first", NULL, "third first ", NULL },
	{ "first", "cpus=4", "first ", NULL },
	{ "frist", NULL, NULL, "did you mean first" },
	{ "nothing-like-it", NULL, NULL, "list shows all" },
	{ "defaults", NULL, NULL, "no host is called" },
	{ "first,second,first", NULL, NULL, "named twice" },
	{ "first", "cpus", NULL, "not KEY=VALUE" },
	{ "first", "=4", NULL, "not KEY=VALUE" },
	{ "first", "cpuz=4", NULL, "no such key" },
	{ "third", "nodes=2", NULL, "bochs does not use 'nodes'" },
	{ "first", "cpus=999", NULL, "first has 999 CPUs" },
};

static bool chooses(const struct hosts *hosts, size_t row)
{
	struct opt_list set = { .nr = 0 };
	static struct choice c;
	char got[64] = "";
	int err;

	if (choices[row].set)
		set.v[set.nr++] = choices[row].set;
	err = choose_hosts(hosts, choices[row].names, &set, &c, &why);
	if (!choices[row].chosen)
		return err && why.ending == ENDING_USAGE &&
		       strstr(why.text, choices[row].says);
	for (unsigned int i = 0; i < c.nr; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s ",
			 c.v[i].name);
	return !err && !strcmp(got, choices[row].chosen) &&
	       (!set.nr || c.v[0].cpus == 4);
}

void test_choose(void)
{
	size_t nr = sizeof(choices) / sizeof(choices[0]), good = 0;
	struct hosts hosts;

	ok(!load_text(BLOCKS, &hosts, &why), "choose.blocks");
	for (size_t i = 0; i < nr; i++) {
		if (chooses(&hosts, i))
			good++;
		else
			printf("# '%s': %s\n", choices[i].names, why.text);
	}
	ok(good == nr, "choose.rows");
	ok(hosts_find(&hosts, "first")->cpus == 1, "choose.sets_copies");
	ok(choose_is_name(&hosts, "second,x") &&
		   choose_is_name(&hosts, "default") &&
		   !choose_is_name(&hosts, "defaults") &&
		   !choose_is_name(&hosts, "3"), "choose.is_name");
	hosts_free(&hosts);
}

/* ---- programs ------------------------------------------------------------- */

static int shell(const char *script, char *line, size_t size, bool quiet)
{
	struct words w = { .nr = 0 };

	words_add_all(&w, "/bin/sh", "-c", script, NULL);
	return quiet ? tool_quiet(&w, line, size, &why) :
		       tool_line(&w, line, size, &why);
}

void test_tool(void)
{
	struct words many = { .nr = 0 };
	char line[64];

	ok(shell("echo a; echo b c; echo", line, sizeof(line), false) == 0 &&
		   !strcmp(line, "b c"), "tool.last_line");
	ok(shell("exit 64", line, sizeof(line), false) == EXIT_USAGE &&
		   !*line, "tool.status");
	ok(shell("kill -9 $$", line, sizeof(line), false) == -ECHILD &&
		   strstr(why.text, "signal 9"), "tool.killed");
	ok(shell("echo a; echo b >&2; exit 3", line, sizeof(line), true) == 3 &&
		   !strcmp(line, "a | b"), "tool.quiet");
	ok(tool_judge(0, &why) == 0 && tool_judge(-EINTR, &why) == -EINTR,
	   "tool.judge.passes_on");
	ok(tool_judge(EXIT_USAGE, &why) < 0 && why.ending == ENDING_USAGE &&
		   !*why.text, "tool.judge.usage");
	ok(tool_judge(EXIT_SKIP, &why) < 0 && why.ending == ENDING_FAIL &&
		   !*why.text, "tool.judge.other");
	for (int i = 0; i <= WORDS_MAX; i++)
		words_add(&many, "%d", i);
	ok(tool_run(&many, 1, &why) == -E2BIG, "tool.too_many_words");
}
