// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmubench run: run the chosen cases one after the other and report.
 *
 * Every case is one process, started from here (bench/supervise.h), and one
 * file, so whatever ends this program leaves the finished cases' records whole.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/supervise.h"
#include "sink/sink.h"
#include "cmd.h"

#define MAX_WORDS	128

struct run_args {
	const char *results, *run_dir, *format, *only, *after_case;
	uint32_t repeat;
	bool verbose, check;
};

#define R(member) .offset = offsetof(struct run_args, member)

static const char *const no_format[] = { "none", NULL };

/* Before the common table: here --results is the parent of run directories. */
static const struct opt run_opts[] = {
	{ .name = "results", .type = OPT_STRING, R(results), .def = "results",
	  .help = "directory in which to create the run's directory" },
	{ .name = "run-dir", .type = OPT_STRING, R(run_dir),
	  .help = "directory of the run itself; it may hold an earlier part of the run" },
	{ .name = "format", .type = OPT_STRING, R(format), .def = "summary",
	  .choices = no_format, .registry = sink_members,
	  .help = "format of the report at the end" },
	{ .name = "only", .type = OPT_STRING, R(only),
	  .help = "comma-separated list of cases; run only those of the chosen ones that it names" },
	{ .name = "repeat", .type = OPT_U32, R(repeat), .def = "1", .min = 1,
	  .max = 1000,
	  .help = "repeat the whole run N times, as samples for mmubench compare: 10 for a full run, 6 for a few metrics" },
	{ .name = "after-case", .type = OPT_STRING, R(after_case),
	  .help = "run this program after each case, with the path of the finished record" },
	{ .name = "verbose", .type = OPT_FLAG, R(verbose),
	  .help = "show the output of the cases" },
	{ .name = "check", .type = OPT_FLAG, R(check),
	  .help = "check the command line only, run nothing" },
	OPT_END
};

struct runner {
	struct run_args args;
	struct params params;
	struct opt_set sets[3];
	json_t *given;
	struct scenarios s;
	struct passopts po;
	bool *chosen;
	struct rundir dir;
	struct progress progress;
	enum verdict verdict;	/* on all so far */
};

/* ---- one case --------------------------------------------------------------- */

static void make_argv(const struct runner *r, const struct scenario *sc,
		      char **words)
{
	int n = 0;

	words[n++] = strdup(sc->program->path);
	passopts_words(&r->po, sc->program, &r->sets[1], r->given, words, &n,
		       MAX_WORDS - 6);
	words[n++] = strdup("--case");
	words[n++] = strdup(sc->name);
	words[n++] = strdup("--results");
	words[n++] = strdup(r->dir.records);
	words[n++] = strdup("--format=none");
	words[n++] = strdup("--in-process");
	words[n] = NULL;
}

/* While no case runs, so that it disturbs none.  0, or 128 + signal. */
static int call_after_case(struct runner *r, const char *record)
{
	char *words[] = { strdup(r->args.after_case), strdup(record), NULL };
	struct launch l = { .argv = words, .echo = true };
	struct launch_end end;
	struct reason why;
	char how[80];
	int err;

	err = launch_run(&l, &end, &why);
	free(words[0]);
	free(words[1]);
	if (!err && end.how == LAUNCH_INTERRUPTED)
		return EXIT_SIGNAL + end.code;
	if (!err && end.how == LAUNCH_EXITED && !end.code)
		return 0;
	r->verdict = VERDICT_FAIL;
	if (err) {
		cmd_failed(&why);
		return 0;
	}
	launch_describe(&end, how, sizeof(how));
	return cmd_error(0, "--after-case %s %s", r->args.after_case, how);
}

/* 0, or the exit status that ends the run. */
static int note_case(struct runner *r, const struct scenario *sc,
		     const struct supervised *end)
{
	char path[PATH_MAX];

	if (*end->warning)
		cmd_error(0, "%s", end->warning);
	if (end->signal)
		return EXIT_SIGNAL + end->signal;
	if (end->verdict == VERDICT_USAGE) {
		fprintf(stderr, "%s\n", end->text);
		return EXIT_USAGE;
	}
	rundir_has_case(&r->dir);
	progress_done(&r->progress, end->verdict,
		      *end->text ? end->text : NULL, end->elapsed_ns);
	r->verdict = verdict_both(r->verdict, end->verdict);
	if (!end->has_record || !*r->args.after_case)
		return 0;
	snprintf(path, sizeof(path), "%s/%s.jsonl", r->dir.records, sc->name);
	return call_after_case(r, path);
}

static int run_case(struct runner *r, const struct scenario *sc)
{
	char *words[MAX_WORDS] = { NULL };
	const struct supervise s = {
		.argv = words, .dir = r->dir.records, .case_name = sc->name,
		.timeout_s = r->params.timeout_s, .echo = r->args.verbose,
		.tick = progress_tick, .arg = &r->progress, .tick_ms = 500,
	};
	struct supervised end;
	struct reason why;
	int i, ret;

	make_argv(r, sc, words);
	progress_case(&r->progress, sc->name);
	ret = supervise_case(&s, &end, &why);
	ret = ret ? cmd_failed(&why) : note_case(r, sc, &end);
	for (i = 0; words[i]; i++)
		free(words[i]);
	return ret;
}

/* ---- the run ---------------------------------------------------------------- */

static int parse(struct runner *r, int argc, char **argv)
{
	char *operands[argc];
	struct reason why;
	int ret, nr, err;

	r->sets[0] = (struct opt_set){ run_opts, &r->args, NULL };
	r->sets[1] = (struct opt_set){ params_opts, &r->params, r->given };
	r->sets[2] = (struct opt_set){ r->po.opts, r->po.values, r->given };
	ret = cmd_parse(cmd_find("run"), r->sets, 3, argc, argv, operands, &nr);
	if (ret)
		return ret;
	params_apply_profile(&r->params, r->given);
	err = params_check(&r->params, &why);
	if (!err)
		err = scenarios_choose(&r->s, operands, nr, r->chosen, &why);
	if (!err)
		err = passopts_check(&r->po, &r->s, r->chosen, r->given, &why);
	if (!err && *r->args.only)
		err = scenarios_only(&r->s, r->args.only, r->chosen, &why);
	if (err)
		return cmd_failed(&why) + 1;
	return 0;
}

static bool has_chosen(const struct runner *r, const struct program *p)
{
	size_t i;

	for (i = 0; i < r->s.nr; i++) {
		if (r->chosen[i] && r->s.v[i].program == p)
			return true;
	}
	return false;
}

/* What does a program say to the options that it alone knows? */
static int ask_program(const struct runner *r, const struct program *p)
{
	char *words[MAX_WORDS] = { NULL };
	struct launch l = { .argv = words };
	struct launch_end end;
	struct reason why;
	int n = 0, err;

	words[n++] = strdup(p->path);
	passopts_words(&r->po, p, &r->sets[1], r->given, words, &n,
		       MAX_WORDS - 2);
	words[n++] = strdup("--list");
	words[n] = NULL;
	err = launch_run(&l, &end, &why);
	while (n)
		free(words[--n]);
	if (err)
		return cmd_failed(&why);
	if (end.how != LAUNCH_EXITED || !end.code)
		return 0;
	fputs(end.tail, stderr);
	return end.code;
}

static int check(const struct runner *r)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < r->s.nr_programs && !ret; i++) {
		if (has_chosen(r, &r->s.programs[i]))
			ret = ask_program(r, &r->s.programs[i]);
	}
	return ret;
}

static size_t nr_chosen(const struct runner *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->s.nr; i++)
		n += r->chosen[i];
	return n;
}

static int report(struct runner *r, int code)
{
	struct reason why;
	int err;

	progress_end(&r->progress);
	if (!r->progress.done) {
		rundir_discard(&r->dir);
		return code;
	}
	err = rundir_report(&r->dir, r->args.format, &why);
	if (err) {
		cmd_failed(&why);
		code = code ? code : EXIT_FAIL;
	}
	fprintf(stderr, "results: %s\n", r->dir.path);
	return code;
}

static int run_all(struct runner *r)
{
	unsigned int round;
	sigset_t old;
	int code = 0;
	size_t i;

	launch_hold_signals(&old);
	progress_start(&r->progress, nr_chosen(r) * r->args.repeat);
	r->verdict = VERDICT_SKIP;
	/* Rounds, not one case n times: a drift of the host hits all alike. */
	for (round = 0; round < r->args.repeat; round++) {
		rundir_round(&r->dir, round);
		for (i = 0; i < r->s.nr && !code; i++) {
			if (r->chosen[i])
				code = run_case(r, &r->s.v[i]);
		}
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	code = report(r, code ? code : verdict_exit_code(r->verdict));
	if (code > EXIT_SIGNAL)
		cmd_error(code, "interrupted; the %zu finished cases are kept",
			  r->progress.done);
	return code;
}

int cmd_run_in(int argc, char **argv, char *dir, size_t size)
{
	struct runner r = { .given = json_object() };
	struct reason why;
	int ret, err;

	err = scenarios_find(&r.s, &why);
	if (err)
		return cmd_failed(&why);
	passopts_make(&r.po, &r.s);
	r.chosen = calloc(r.s.nr + 1, sizeof(*r.chosen));
	ret = parse(&r, argc, argv);
	if (ret) {
		ret--;
	} else if (r.args.check) {
		ret = check(&r);
	} else {
		err = rundir_open(&r.dir, r.args.results, r.args.run_dir,
				  params_profiles[r.params.profile], argc,
				  argv, &why);
		ret = err ? cmd_failed(&why) : run_all(&r);
	}
	snprintf(dir, size, "%s", r.dir.path);
	free(r.chosen);
	passopts_free(&r.po);
	scenarios_free(&r.s);
	json_decref(r.given);
	return ret;
}

int cmd_run(int argc, char **argv)
{
	char dir[PATH_MAX];

	return cmd_run_in(argc, argv, dir, sizeof(dir));
}
