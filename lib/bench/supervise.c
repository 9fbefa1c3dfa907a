// SPDX-License-Identifier: GPL-2.0-only
/*
 * How did the process of a case end, and what is on record?  See supervise.h.
 *
 * Method: an assertion of the selftests library (exit status 254), a crash or
 * a hang ends one process and so one case; who started it compares the record
 * file before and after.  What the process knew about itself, its options
 * above all, it left in ".<case>.started" when it began.
 *
 * It cannot tell what a dead case had measured: that is lost on purpose.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/launch.h"
#include "base/outfile.h"
#include "bench/supervise.h"
#include "host/host.h"
#include "record/rec.h"
#include "record/recread.h"

/* Identity of a record file, to tell a new one from an older run's. */
struct stamp {
	bool there;
	ino_t ino;
	struct timespec mtime;
};

static void record_path(const struct supervise *s, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.jsonl", s->dir, s->case_name);
}

static struct stamp stamp_of(const struct supervise *s)
{
	char path[PATH_MAX];
	struct stat st;

	record_path(s, path);
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

/* ---- the word a process leaves --------------------------------------------- */

static void word_name(const char *case_name, char name[NAME_MAX])
{
	snprintf(name, NAME_MAX, ".%s.started", case_name);
}

static void word_path(const char *dir, const char *case_name,
		      char path[PATH_MAX])
{
	char name[NAME_MAX];

	word_name(case_name, name);
	snprintf(path, PATH_MAX, "%s/%s", dir, name);
}

int supervise_leave_word(const char *dir, const char *case_name,
			 const json_t *run, struct reason *why)
{
	char *text = json_dumps(run, JSON_COMPACT), name[NAME_MAX];
	int err;

	if (!text)
		return reason_set(why, -ENOMEM, "no memory to begin %s",
				  case_name);
	word_name(case_name, name);
	err = outfile_write(dir, name, text, strlen(text), why);
	free(text);
	return err;
}

void supervise_drop_word(const char *dir, const char *case_name)
{
	char path[PATH_MAX];

	word_path(dir, case_name, path);
	unlink(path);
}

static json_t *take_word(const struct supervise *s)
{
	char path[PATH_MAX];
	json_t *run;

	word_path(s->dir, s->case_name, path);
	run = json_load_file(path, 0, NULL);
	unlink(path);
	return run;
}

/* ---- how it ended ------------------------------------------------------------ */

static bool exited_with(const struct launch_end *l, int code)
{
	return l->how == LAUNCH_EXITED && l->code == code;
}

/*
 * The selftests library ends with the status of a skip when it lacks what it
 * needs, and also when an assertion fails while errno is EACCES.
 */
static enum verdict verdict_without_record(const struct launch_end *l)
{
	return exited_with(l, EXIT_SKIP) && !launch_asserted(l->tail) ?
	       VERDICT_SKIP : VERDICT_FAIL;
}

/* The record of a case whose process could not write one, or died after it. */
static void write_obituary(const struct supervise *s, const json_t *run,
			   const struct launch_end *l, const char *before,
			   struct supervised *end)
{
	char how[80], quote[200];
	struct reason why;
	struct rec *r;
	int err = -1;

	launch_describe(l, how, sizeof(how));
	launch_quote(l->tail, quote, sizeof(quote));
	if (end->verdict == VERDICT_SKIP && *quote)
		snprintf(end->text, sizeof(end->text), "%s", quote);
	else
		snprintf(end->text, sizeof(end->text), "the case %s%s%s%s",
			 before, how, *quote ? ": " : "", quote);
	r = rec_open(s->dir, s->case_name, &why);
	if (r) {
		if (run)
			rec_line(r, "run", json_copy((json_t *)run));
		rec_line(r, "env", host_env_json());
		err = rec_close(r, end->verdict, end->text, NULL, &why);
	}
	end->has_record = !err;
	if (!err)
		return;
	end->verdict = VERDICT_FAIL;
	snprintf(end->text, sizeof(end->text), "the case %s; %.200s", how,
		 why.text);
}

/* There is a new record.  It counts if its process then ended as it says. */
static void judge_record(const struct supervise *s, const json_t *run,
			 const struct launch_end *l, struct supervised *end)
{
	char path[PATH_MAX];
	struct record *rec;
	struct reason why;

	record_path(s, path);
	rec = record_read(path, &why);
	if (rec && exited_with(l, verdict_exit_code(rec->verdict))) {
		end->verdict = rec->verdict;
		end->has_record = end->told = true;
		snprintf(end->text, sizeof(end->text), "%s",
			 rec->verdict_text ? rec->verdict_text : "");
	} else {
		end->verdict = VERDICT_FAIL;
		write_obituary(s, rec ? rec->run : run, l,
			       "has written its record, but then ", end);
	}
	if (rec)
		record_free(rec);
}

static void judge(const struct supervise *s, const json_t *run,
		  const struct launch_end *l, const struct stamp *before,
		  struct supervised *end)
{
	struct stamp after = stamp_of(s);

	if (exited_with(l, EXIT_USAGE) ||
	    (exited_with(l, EXIT_FAIL) && same_stamp(before, &after))) {
		/* A process that could not write its record has said why. */
		end->verdict = verdict_of_exit(l->code);
		end->told = true;
		launch_quote(l->tail, end->text, sizeof(end->text));
		return;
	}
	if (!same_stamp(before, &after)) {
		judge_record(s, run, l, end);
		return;
	}
	end->verdict = verdict_without_record(l);
	write_obituary(s, run, l, "", end);
}

int supervise_case(const struct supervise *s, struct supervised *end,
		   struct reason *why)
{
	const struct launch l = {
		.argv = s->argv, .timeout_s = s->timeout_s, .echo = s->echo,
		.tick = s->tick, .arg = s->arg, .tick_ms = s->tick_ms,
	};
	struct stamp before = stamp_of(s);
	struct launch_end ended;
	struct reason late;
	json_t *run;
	int err;

	memset(end, 0, sizeof(*end));
	json_decref(take_word(s));	/* of a run that was killed with us */
	err = launch_run(&l, &ended, why);
	if (err)
		return err;
	end->elapsed_ns = ended.elapsed_ns;
	/* A process that was killed left its settings behind. */
	if (ended.how != LAUNCH_EXITED && host_restore_stale(&late) < 0)
		snprintf(end->warning, sizeof(end->warning), "%s", late.text);
	run = take_word(s);
	if (ended.how == LAUNCH_INTERRUPTED)
		end->signal = ended.code;
	else
		judge(s, run, &ended, &before, end);
	json_decref(run);
	return 0;
}
