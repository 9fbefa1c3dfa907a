// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of a scenario program: its command line, and all cases in turn.
 *
 * A case runs in a process of its own: this program again, with --in-process,
 * under supervise.c.  Started so, by the driver for instance, it runs the case
 * itself (case.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <dirent.h>
#include <limits.h>

#include "base/launch.h"
#include "base/nearest.h"
#include "base/outfile.h"
#include "bench/say.h"
#include "bench/supervise.h"
#include "sink/report.h"
#include "sink/sink.h"
#include "internal.h"

/* ---- command line --------------------------------------------------------- */

/*
 * The selftests library loads guest code from the file that
 * program_invocation_name says, which is wrong when the program was found
 * through PATH.
 */
static void find_self(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		return;
	path[len] = '\0';
	program_invocation_name = path;
}

#define F(member) .offset = offsetof(struct bench_cmdline, member)

static const char *const no_format[] = { "none", NULL };

static const struct opt frame_opts[] = {
	{ .name = "list", .type = OPT_FLAG, F(list),
	  .help = "list the cases and exit" },
	{ .name = "json", .type = OPT_FLAG, F(json),
	  .help = "with --list: print JSON" },
	{ .name = "case", .type = OPT_STRING, F(case_name),
	  .help = "run only this case" },
	{ .name = "format", .type = OPT_STRING, F(format), .def = "summary",
	  .choices = no_format, .registry = sink_members,
	  .help = "format of the report at the end" },
	{ .name = "verbose", .type = OPT_FLAG, F(verbose),
	  .help = "show the output of the cases" },
	{ .name = "in-process", .type = OPT_FLAG, F(in_process),
	  .help = "with --case: use no child process and no timeout, for a debugger" },
	OPT_END
};

static void print_help(const struct bench_cmdline *c, bool markdown)
{
	char *text = opt_help(c->sets, c->nr_sets, markdown);
	const struct bench_default *d;

	if (!markdown)
		printf("usage: %s [options]\n\n%s\n\nWithout --case all cases run; --list names them.\nExit status: 0 pass, 1 fail, 4 this host cannot, 64 usage.\n\n",
		       c->prog->name, c->prog->question);
	fputs(text ? text : "", stdout);
	for (d = c->prog->defaults; d && d->name; d++)
		printf("%s--%s=%s", d == c->prog->defaults ?
		       "\nDefaults of this program: " : ", ", d->name, d->value);
	if (c->prog->defaults)
		puts(".");
	free(text);
}

static int set_defaults(struct bench_cmdline *c, struct reason *why)
{
	const struct bench_default *d;
	int err = opt_defaults(c->sets, c->nr_sets, why);

	for (d = c->prog->defaults; d && d->name && !err; d++)
		err = opt_set(c->sets, c->nr_sets, d->name, d->value, why);
	return err;
}

/* 0, or what to exit with + 1. */
static int parse(struct bench_cmdline *c, json_t *given)
{
	char *operands[c->argc];
	struct reason why;
	int ret, nr;

	c->sets[0] = (struct opt_set){ frame_opts, c, given };
	c->sets[1] = (struct opt_set){ params_opts, &c->p, given };
	c->sets[2] = (struct opt_set){ c->prog->opts, c->own, given };
	c->nr_sets = 3;
	ret = set_defaults(c, &why);
	if (!ret)
		ret = opt_parse(c->sets, c->nr_sets, c->argc, c->argv,
				operands, &nr, &why);
	if (ret > 0) {
		print_help(c, ret == 2);
		return EXIT_PASS + 1;
	}
	if (!ret && nr)
		ret = reason_usage(&why, -EINVAL,
				   "unexpected '%s'; choose a case with --case",
				   operands[0]);
	if (!ret) {
		params_apply_profile(&c->p, given);
		ret = params_check(&c->p, &why);
	}
	if (ret)
		bench_say(c->prog->name, "%s", why.text);
	return ret ? verdict_exit_code(verdict_of_ending(why.ending)) + 1 : 0;
}

/* What the driver needs to know about a program's own options. */
static json_t *own_options_json(const struct opt *o)
{
	json_t *all = json_array();
	char letter[2] = "";

	for (; o && o->name; o++) {
		letter[0] = o->letter;
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b, s:s}",
			"name", o->name, "letter", letter,
			"def", o->def ? o->def : "", "flag",
			o->type == OPT_FLAG || o->type == OPT_ALIAS,
			"help", o->help));
	}
	return all;
}

static void list_cases(const struct bench_cmdline *c)
{
	const struct bench_case *bc;
	json_t *cases, *all;

	if (!c->json) {
		for (bc = c->prog->cases; bc->name; bc++)
			printf("%-40s %s\n", bc->name, bc->summary);
		return;
	}
	cases = json_array();
	for (bc = c->prog->cases; bc->name; bc++)
		json_array_append_new(cases, json_pack("{s:s, s:s}", "case",
						       bc->name, "summary",
						       bc->summary));
	all = json_pack("{s:s, s:s, s:o, s:o}", "program", c->prog->name,
			"question", c->prog->question, "cases", cases,
			"options", own_options_json(c->prog->opts));
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

static const struct bench_case *find_case(const struct bench_cmdline *c)
{
	const char *names[256], *near;
	const struct bench_case *bc;
	unsigned int n = 0;

	for (bc = c->prog->cases; bc->name; bc++) {
		if (!strcmp(bc->name, c->case_name))
			return bc;
		if (n < 255)
			names[n++] = bc->name;
	}
	names[n] = NULL;
	near = nearest_name(c->case_name, names);
	if (near)
		bench_say(c->prog->name, "there is no case '%s'; did you mean '%s'?",
			  c->case_name, near);
	else
		bench_say(c->prog->name, "there is no case '%s', see --list",
			  c->case_name);
	return NULL;
}

/* ---- running cases ---------------------------------------------------------- */

/* What the process has said with its own name before it is passed on as it is. */
static void tell(const struct bench_cmdline *c, const char *name,
		 const struct supervised *end)
{
	if (*end->warning)
		bench_say(c->prog->name, "%s", end->warning);
	if (end->signal || end->verdict == VERDICT_PASS ||
	    (end->told && c->verbose))
		return;
	if (end->told && !end->has_record)
		fprintf(stderr, "%s\n", end->text);
	else
		bench_say(c->prog->name, "%s: %s: %s", name,
			  verdict_name(end->verdict), end->text);
}

static int run_case(const struct bench_cmdline *c, const char *dir,
		    const struct bench_case *bc, struct supervised *end)
{
	char *argv[c->argc + 5], results[PATH_MAX + 16];
	const struct supervise s = {
		.argv = argv, .dir = dir, .case_name = bc->name,
		.timeout_s = c->p.timeout_s, .echo = c->verbose,
	};
	struct reason why;
	int n = 0, i, err;

	snprintf(results, sizeof(results), "--results=%s", dir);
	argv[n++] = program_invocation_name;
	for (i = 1; i < c->argc; i++)
		argv[n++] = c->argv[i];
	argv[n++] = (char *)"--in-process";
	argv[n++] = (char *)"--case";
	argv[n++] = (char *)bc->name;
	argv[n++] = results;
	argv[n] = NULL;
	err = supervise_case(&s, end, &why);
	if (err)
		bench_say(c->prog->name, "%s: %s", bc->name, why.text);
	else
		tell(c, bc->name, end);
	return err;
}

/* The exit status: the verdict on all, or 128 + the signal. */
static int run_cases(const struct bench_cmdline *c, const char *dir,
		     const struct bench_case *only)
{
	struct supervised end = { .verdict = VERDICT_SKIP };
	enum verdict all = VERDICT_SKIP;
	const struct bench_case *bc;
	sigset_t old;

	launch_hold_signals(&old);
	for (bc = c->prog->cases; bc->name; bc++) {
		if (only && bc != only)
			continue;
		if (run_case(c, dir, bc, &end))
			end.verdict = VERDICT_FAIL;
		if (end.signal)
			break;
		all = verdict_both(all, end.verdict);
		if (end.verdict == VERDICT_USAGE)
			break;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return end.signal ? EXIT_SIGNAL + end.signal : verdict_exit_code(all);
}

static void remove_dir(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

/* Without --results the records live as long as it takes to report them. */
static int run_and_report(const struct bench_cmdline *c,
			  const struct bench_case *only)
{
	char temp[] = "/tmp/mmubench-XXXXXX";
	const char *dir = c->p.results;
	enum verdict v;
	struct reason why;
	int code;

	if (!*dir)
		dir = mkdtemp(temp);
	if (!dir) {
		bench_say(c->prog->name,
			  "cannot make a directory in /tmp: %s; give --results",
			  strerror(errno));
		return EXIT_USAGE;
	}
	code = run_cases(c, dir, only);
	if (strcmp(c->format, "none") && code < EXIT_USAGE &&
	    report_run(dir, c->format, stdout, &why)) {
		bench_say(c->prog->name, "%s", why.text);
		v = verdict_both(verdict_of_exit(code),
				 verdict_of_ending(why.ending));
		code = verdict_exit_code(v);
	}
	if (dir == temp)
		remove_dir(dir);
	return code;
}

static int dispatch(struct bench_cmdline *c)
{
	const struct bench_case *bc = NULL;

	if (c->list) {
		list_cases(c);
		return EXIT_PASS;
	}
	if (c->json) {
		bench_say(c->prog->name, "option --json needs --list");
		return EXIT_USAGE;
	}
	if (*c->case_name) {
		bc = find_case(c);
		if (!bc)
			return EXIT_USAGE;
	}
	if (!c->in_process)
		return run_and_report(c, bc);
	if (!bc) {
		bench_say(c->prog->name, "option --in-process needs --case");
		return EXIT_USAGE;
	}
	return bench_run_case(c, bc);
}

int bench_main(int argc, char **argv, const struct bench_program *prog)
{
	struct bench_cmdline c = { .prog = prog, .argc = argc, .argv = argv };
	json_t *given = json_object();
	struct reason why;
	int code;

	find_self();
	/* The selftests library has switched buffering off. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	c.own = calloc(1, prog->own_bytes ? prog->own_bytes : 1);
	code = parse(&c, given);
	if (code)
		code--;
	else
		code = dispatch(&c);
	free(c.own);
	json_decref(given);
	/* What did not get out must not look like success. */
	if (outfile_flush_stdout(&why) && !code) {
		bench_say(prog->name, "%s", why.text);
		code = EXIT_FAIL;
	}
	return code;
}
