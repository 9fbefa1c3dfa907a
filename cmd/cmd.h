/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver: one program that finds the scenario programs beside it, runs
 * their cases and reports.  Shared by the files of cmd/.
 */
#ifndef MMUBENCH_CMD_H
#define MMUBENCH_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/launch.h"
#include "base/opt.h"
#include "base/uuid.h"
#include "bench/params.h"
#include "record/verdict.h"

struct command {
	const char *name, *args, *summary;
	int (*fn)(int argc, char **argv);	/* argv[0] is the command */
};

extern const struct command commands[];	/* ends with an entry without a name */

int cmd_list(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stress(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_lab(int argc, char **argv);
int cmd_report(int argc, char **argv);

/* What doctor finds now, as its --json prints it. The caller owns it. */
json_t *doctor_findings(void);

/*
 * cmd_run(), which also tells the directory of the run, or "" if there is none.
 */
int cmd_run_in(int argc, char **argv, char *dir, size_t size);

/* Print "mmubench: sentence" on stderr; returns @code. */
int cmd_error(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Print @why's sentence; returns the exit status of its ending. */
int cmd_failed(const struct reason *why);

/*
 * Set defaults, parse a command's options and operands, and print --help or
 * what is wrong.  Returns 0 to continue, or the exit status + 1.
 */
int cmd_parse(const struct command *cmd, const struct opt_set *sets,
	      unsigned int nr, int argc, char **argv, char **operands,
	      int *nr_operands);
const struct command *cmd_find(const char *name);

/* Directory of this executable. */
const char *cmd_bin_dir(void);

/* ---- scenario programs (programs.c) --------------------------------------- */

struct program {
	char *path;
	json_t *info;		/* output of --list --json */
};

struct scenario {
	const char *name, *summary;
	const struct program *program;
};

struct scenarios {
	struct program *programs;
	size_t nr_programs;
	struct scenario *v;	/* in stable order: path, then table order */
	size_t nr;
};

/* 0 or -errno with @why. */
int scenarios_find(struct scenarios *s, struct reason *why);
void scenarios_free(struct scenarios *s);

/*
 * Does @pattern match @name?  It may be the name, its leading parts
 * ("dirty_log", "dirty_log.harvest") or a glob ("*.ring.*").
 */
bool scenario_matches(const char *pattern, const char *name);

/*
 * Mark in chosen[s->nr] what the patterns match; without patterns, mark all.
 * -EINVAL with @why, naming the nearest, for a pattern that matches nothing.
 */
int scenarios_choose(const struct scenarios *s, char **patterns, int nr,
		     bool *chosen, struct reason *why);
/* Keep only those chosen cases whose full names are in comma-separated @names. */
int scenarios_only(const struct scenarios *s, const char *names, bool *chosen,
		   struct reason *why);

/* ---- options that are passed on (passopts.c) ------------------------------ */

/*
 * The programs' own options as one table, so that the driver can parse them and
 * recognise a misspelt one.  Each program gets the options that it knows.
 */
struct passopts {
	struct opt *opts;	/* own options of all programs */
	union { const char *text; bool flag; } *values;
	size_t nr;
};

void passopts_make(struct passopts *po, const struct scenarios *s);
void passopts_free(struct passopts *po);

/* Does a chosen case have each of the given options?  0 or -EINVAL with @why. */
int passopts_check(const struct passopts *po, const struct scenarios *s,
		   const bool *chosen, const json_t *given, struct reason *why);

/*
 * Append "--name=value" for each given option that @prog knows to argv from
 * *n on (room for @max words, malloc()ed).
 */
void passopts_words(const struct passopts *po, const struct program *prog,
		    const struct opt_set *common, const json_t *given,
		    char **words, int *n, int max);

/* ---- run directories (rundir.c) ------------------------------------------- */

struct rundir {
	char path[1024];	/* results/<date>-<host>-<kernel>-... */
	char records[1100];	/* <path>/<place> */
	char uuid[UUID_TEXT];
	bool is_new;		/* created by this run, and no case has ended */
};

/*
 * Make a run's directory below @parent, or use @exact if it is not "".
 * Writes host.json.  0, or -errno with @why.
 */
int rundir_open(struct rundir *rd, const char *parent, const char *exact,
		const char *profile, int argc, char **argv,
		struct reason *why);

/* A case has ended: let results/latest point to this run. */
void rundir_has_case(struct rundir *rd);

/* Remove a run's directory in which no case ended, unless it was the user's. */
void rundir_discard(const struct rundir *rd);

/*
 * Set the directory for the records of round @round, which counts from 0.  Each
 * round after the first has a directory of its own.
 */
void rundir_round(struct rundir *rd, unsigned int round);

/* Write summary.txt; print it to stdout unless @quiet. */
int rundir_report(const struct rundir *rd, const char *format,
		  struct reason *why);

/* ---- progress (progress.c) ------------------------------------------------ */

struct progress {
	bool tty;
	size_t done, total;
	unsigned int count[4];	/* by enum verdict */
	uint64_t start_ns, spent_ns;	/* spent on finished cases */
	const char *now;	/* the running case */
};

void progress_start(struct progress *p, size_t total);
void progress_case(struct progress *p, const char *name);
void progress_tick(void *progress, uint64_t elapsed_ns);
void progress_done(struct progress *p, enum verdict v, const char *text,
		   uint64_t elapsed_ns);
void progress_end(struct progress *p);
/* "1 h 02 min", "3 min 20 s", "12 s" */
void progress_duration(uint64_t ns, char *buf, size_t size);

#endif
