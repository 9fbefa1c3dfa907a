// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What did a run give, and what of it is kept?
 *
 * Files that come back are staged as they arrive.  Once the emulator is gone
 * this decides what its end means and makes the staged files visible together
 * with the logs and the records of the run.  Of a run that broke, the logs are
 * kept, and the records of the cases that the driver had finished; what a
 * command had written is not, for nobody knows whether it is whole.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/base/say.h"
#include "lab/run/internal.h"

/* Store a file with the names that this run gives it (stamp.h). */
static int put_stamped(struct run *r, const char *name, const void *data,
		       size_t n, struct reason *why)
{
	const char *dot = strrchr(name, '.'), *newline = NULL;
	int err, lines;
	char *copy;

	lines = dot && !strcmp(dot, ".jsonl");
	if (!lines && (!dot || strcmp(dot, ".json")))
		return store_put(&r->store, name, data, n, why);
	copy = malloc(n + 1);
	if (!copy)
		return reason_set(why, -ENOMEM, "no memory for %s", name);
	memcpy(copy, data, n);
	/* Of a record, the first line says what it is. */
	if (lines)
		newline = memchr(copy, '\n', n);
	stamp_text(&r->stamp, copy, newline ? (size_t)(newline - copy) : n,
		   lines);
	err = store_put(&r->store, name, copy, n, why);
	free(copy);
	r->nr_cases += lines && !err;
	return err;
}

/*
 * The driver's run directory inside becomes this run's; the summary in it is
 * left out, for this run may have more hosts.  Other files go to the host's.
 */
static int put_result(struct run *r, const char *name, const void *data,
		      size_t n, struct reason *why)
{
	char path[700];

	if (!r->job->task->command && !strncmp(name, "run/", 4)) {
		name += 4;
		if (!strcmp(name, "summary.txt"))
			return 0;
		return put_stamped(r, name, data, n, why);
	}
	snprintf(path, sizeof(path), "%s/%s", r->job->host->name, name);
	return store_put(&r->store, path, data, n, why);
}

/* The kernel's own log, with the levels that the console leaves out. */
static int take_log(struct run *r, const void *data, size_t n,
		    struct reason *why)
{
	struct klog all = { .tolerate = r->job->host->tolerate };

	klog_feed(&all, data, n);
	klog_feed(&all, "\n", 1);
	if (all.nr_alarms && !r->klog.nr_alarms) {
		r->klog.nr_alarms = all.nr_alarms;
		memcpy(r->klog.alarm, all.alarm, sizeof(r->klog.alarm));
	}
	return outfile_write(r->work.path, RUN_DMESG, data, n, why);
}

int run_take_file(void *ctx, const char *name, const void *data, size_t n)
{
	struct run *r = ctx;
	struct reason why;
	int err = 0;

	if (!strcmp(name, ".kernel.log"))
		err = take_log(r, data, n, &why);
	else if (!r->job->opts->logs_only)
		err = put_result(r, name, data, n, &why);
	if (err && !r->store_why.text[0])
		r->store_why = why;
	return err;
}

/* The run broke: keep the sentence for its records, and say it. */
static void __attribute__((format(printf, 2, 3)))
broke(struct run *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	lab_say("%s: FAIL, %s", r->name, r->why);
}

/* A run that ended before its END record, or without all of its files. */
static bool is_broken(const struct run *r)
{
	return r->stream.end != STREAM_COMPLETE || r->stream.store_error;
}

/* What broke although the END record came. */
static void find_faults(struct run *r)
{
	const struct stream *s = &r->stream;

	if (s->end == STREAM_DAMAGED)
		broke(r, "the transfer of results is damaged: %s", s->damage);
	else if (s->store_error)
		broke(r, "cannot store the results: %s", r->store_why.text);
	else if (s->broken[0])
		broke(r, "%s", s->broken);
}

enum verdict run_judge(struct run *r, const char *ended)
{
	const struct stream *s = &r->stream;
	enum verdict end;

	if (r->klog.nr_alarms)
		broke(r, "the kernel says (%u alarms, first one quoted): %s",
		      r->klog.nr_alarms, r->klog.alarm);
	if (ended) {
		broke(r, "%s", ended);
		if (lab_stop)
			return VERDICT_FAIL;
		emu_print_log(r->name, r->work.path, r->proc.tail);
		klog_print_tail(&r->klog, r->name);
		return VERDICT_FAIL;
	}
	find_faults(r);
	if (r->why[0])
		return VERDICT_FAIL;
	if (s->cannot[0]) {
		lab_say("%s: SKIP, %s", r->name, s->cannot);
		return VERDICT_SKIP;
	}
	end = verdict_of_exit(s->status);
	if (end == VERDICT_FAIL)
		lab_say("%s: FAIL, the command ended with exit status %d",
			r->name, s->status);
	return end;
}

/* A record of the failure, or none of an earlier part of the run. */
static int tell_reports(struct run *r, const struct lab_record *rec,
			struct reason *why)
{
	char name[128], path[900];

	if (r->job->task->command)
		return 0;
	if (r->why[0])
		return record_failure(&r->store, rec, why);
	record_failure_name(r->job->host, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s", r->job->dir, name);
	unlink(path);
	return 0;
}

/* The log and the records of the run, beside what came back. */
static int store_records(struct run *r, const char *append, struct reason *why)
{
	struct lab_record rec = {
		.job = r->job, .emu = r->emu, .res = r->res,
		.stamp = &r->stamp, .identity = &r->identity,
		.command = &r->command, .append = append,
		.alarm = r->klog.alarm, .why = r->why, .nr_cases = r->nr_cases,
		.partial = is_broken(r),
	};
	char name[128], dmesg[900];
	int err;

	snprintf(name, sizeof(name), "%s/kernel.log", r->job->host->name);
	snprintf(dmesg, sizeof(dmesg), "%s/" RUN_DMESG, r->work.path);
	err = store_copy(&r->store, name,
			 access(dmesg, R_OK) ? r->console.path : dmesg, why);
	if (!err)
		err = record_write(&r->store, &rec, why);
	if (!err)
		err = tell_reports(r, &rec, why);
	return err;
}

enum verdict run_store(struct run *r, const char *append)
{
	enum verdict end = r->res->verdict;
	struct reason why;
	int err;

	/* A run that broke keeps its logs, and of the driver's finished cases. */
	if (is_broken(r) && (r->job->task->command || !r->nr_cases)) {
		store_close(&r->store);
		if (lab_stop || store_open(&r->store, r->job->dir, &why))
			return end;
	} else if (is_broken(r)) {
		lab_say("%s: the records of %u finished cases are kept",
			r->name, r->nr_cases);
	}
	err = store_records(r, append, &why);
	if (!err)
		err = store_commit(&r->store, &why);
	if (err) {
		lab_say("%s: FAIL, cannot store the results: %s", r->name,
			why.text);
		return VERDICT_FAIL;
	}
	snprintf(r->res->dir, sizeof(r->res->dir), "%s/%s", r->job->dir,
		 r->job->host->name);
	return end;
}
