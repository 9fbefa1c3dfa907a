// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of a scenario program: command line and supervision.
 *
 * Every case runs in a child: this program again, with --in-process.  So an
 * assertion of the selftests library (exit status 254), a crash or a hang
 * ends one case, and the parent writes the record that the child could not.
 * It cannot tell what a dead case had measured: that is lost on purpose.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <dirent.h>
#include <limits.h>

#include "base/launch.h"
#include "base/nearest.h"
#include "base/outfile.h"
#include "host/host.h"
#include "rig/kvmcompat.h"
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

void bench_say(const struct bench_cmdline *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", c->prog->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

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
		bench_say(c, "%s", why.text);
	return ret ? verdict_exit_code(verdict_of_ending(why.ending)) + 1 : 0;
}

/* What the driver needs to know about a program's own options. */
static json_t *own_options_json(const struct opt *o)
{
	json_t *all = json_array();
	char letter[2] = "";

	for (; o && o->name; o++) {
		letter[0] = o->letter;
		json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:s}",
			"name", o->name, "letter", letter, "flag",
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
		bench_say(c, "there is no case '%s'; did you mean '%s'?",
			  c->case_name, near);
	else
		bench_say(c, "there is no case '%s', see --list",
			  c->case_name);
	return NULL;
}

/* ---- supervision ---------------------------------------------------------- */

/* Identity of a record file, to tell a new one from an older run's. */
struct stamp {
	bool there;
	ino_t ino;
	struct timespec mtime;
};

static struct stamp stamp_of(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s.jsonl", dir, name);
	if (stat(path, &st))
		return (struct stamp){ 0 };
	return (struct stamp){ true, st.st_ino, st.st_mtim };
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->there == b->there && a->ino == b->ino &&
	       a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

/* The record of a case whose process could not write one. */
static int write_obituary(const struct bench_cmdline *c, const char *dir,
			  const char *name, const struct launch_end *end)
{
	char how[80], quote[200], text[300];
	enum verdict v = VERDICT_FAIL;
	struct reason why;
	struct rec *r;

	launch_describe(end, how, sizeof(how));
	launch_quote(end->tail, quote, sizeof(quote));
	if (end->how == LAUNCH_EXITED && end->code == EXIT_SKIP)
		v = VERDICT_SKIP;
	if (v == VERDICT_SKIP && *quote)
		snprintf(text, sizeof(text), "%s", quote);
	else
		snprintf(text, sizeof(text), "the case %s%s%s", how,
			 *quote ? ": " : "", quote);
	bench_say(c, "%s: %s: %s", name, verdict_name(v), text);
	r = rec_open(dir, name, &why);
	if (!r) {
		bench_say(c, "%s", why.text);
		return EXIT_FAIL;
	}
	rec_line(r, "run", bench_run_line(c));
	rec_line(r, "env", host_env_json());
	if (rec_close(r, v, text, NULL, &why)) {
		bench_say(c, "%s: the record could not be kept: %s", name,
			  why.text);
		return EXIT_FAIL;
	}
	return verdict_exit_code(v);
}

static int judge(const struct bench_cmdline *c, const char *dir,
		 const char *name, const struct launch_end *end,
		 const struct stamp *before)
{
	struct stamp after = stamp_of(dir, name);
	char how[80], quote[300];

	if (end->how == LAUNCH_EXITED && end->code == EXIT_USAGE) {
		fputs(c->verbose ? "" : end->tail, stderr);
		return EXIT_USAGE;
	}
	if (end->how == LAUNCH_INTERRUPTED)
		return EXIT_SIGNAL + end->code;
	if (same_stamp(before, &after)) {
		/* A child that could not write its record has said why. */
		if (end->how == LAUNCH_EXITED && end->code == EXIT_FAIL) {
			launch_quote(end->tail, quote, sizeof(quote));
			fprintf(stderr, "%s\n", quote);
			return EXIT_FAIL;
		}
		return write_obituary(c, dir, name, end);
	}
	if (end->how == LAUNCH_EXITED) {
		fputs(c->verbose || !end->code ? "" : end->tail, stderr);
		return end->code;
	}
	launch_describe(end, how, sizeof(how));
	bench_say(c, "%s: has its record, but then %s", name, how);
	return EXIT_FAIL;
}

static int supervise(const struct bench_cmdline *c, const char *dir,
		     const struct bench_case *bc)
{
	char *argv[c->argc + 7], results[PATH_MAX + 16];
	struct launch l = {
		.argv = argv, .timeout_s = c->p.timeout_s, .echo = c->verbose,
	};
	struct stamp before = stamp_of(dir, bc->name);
	struct launch_end end;
	struct reason why;
	int n = 0, i;

	snprintf(results, sizeof(results), "--results=%s", dir);
	argv[n++] = program_invocation_name;
	for (i = 1; i < c->argc; i++)
		argv[n++] = c->argv[i];
	argv[n++] = (char *)"--in-process";
	argv[n++] = (char *)"--case";
	argv[n++] = (char *)bc->name;
	argv[n++] = results;
	argv[n] = NULL;
	if (launch_run(&l, &end, &why)) {
		bench_say(c, "%s: %s", bc->name, why.text);
		return EXIT_FAIL;
	}
	/* A child that was killed left its settings behind. */
	if (end.how != LAUNCH_EXITED && host_restore_stale(&why) < 0)
		bench_say(c, "%s", why.text);
	return judge(c, dir, bc->name, &end, &before);
}

/* The ending of several cases: the worst; a skip only when all skipped. */
static int worse(int a, int b)
{
	static const int order[] = { EXIT_FAIL, EXIT_USAGE, EXIT_PASS };
	unsigned int i;

	if (a > EXIT_USAGE || b > EXIT_USAGE)
		return a > b ? a : b;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i] || b == order[i])
			return order[i];
	}
	return EXIT_SKIP;
}

static int run_cases(const struct bench_cmdline *c, const char *dir,
		     const struct bench_case *only)
{
	int code, all = EXIT_SKIP;
	const struct bench_case *bc;
	sigset_t old;

	launch_hold_signals(&old);
	for (bc = c->prog->cases; bc->name; bc++) {
		if (only && bc != only)
			continue;
		code = supervise(c, dir, bc);
		all = worse(all, code);
		if (code >= EXIT_USAGE)
			break;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return all;
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
	struct reason why;
	int code;

	if (!*dir)
		dir = mkdtemp(temp);
	if (!dir) {
		bench_say(c, "cannot make a directory in /tmp: %s; give --results",
			  strerror(errno));
		return EXIT_USAGE;
	}
	code = run_cases(c, dir, only);
	if (strcmp(c->format, "none") && code < EXIT_USAGE &&
	    report_run(dir, c->format, stdout, &why)) {
		bench_say(c, "%s", why.text);
		code = worse(code, verdict_exit_code(verdict_of_ending(why.ending)));
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
		bench_say(c, "option --json needs --list");
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
		bench_say(c, "option --in-process needs --case");
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
		bench_say(&c, "%s", why.text);
		code = EXIT_FAIL;
	}
	return code;
}
