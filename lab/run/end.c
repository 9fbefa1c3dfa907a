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

#include "lab/run/record.h"
#include "lab/run/run.h"

/* Store a file with the names that this run gives it (stamp.h). */
static int put_stamped(struct run *r, const char *name, const void *data,
		       size_t n)
{
	const char *dot = strrchr(name, '.'), *newline = NULL;
	int err, lines;
	char *copy;

	lines = dot && !strcmp(dot, ".jsonl");
	if (!lines && (!dot || strcmp(dot, ".json")))
		return store_put(&r->store, name, data, n);
	copy = malloc(n + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, n);
	/* Of a record, the first line says what it is. */
	if (lines)
		newline = memchr(copy, '\n', n);
	stamp_text(&r->stamp, copy, newline ? (size_t)(newline - copy) : n,
		   lines);
	err = store_put(&r->store, name, copy, n);
	free(copy);
	r->nr_cases += lines && !err;
	return err;
}

/*
 * The driver's run directory inside becomes this run's; the summary in it is
 * left out, for this run may have more hosts.  Other files go to the host's.
 */
static int put_result(struct run *r, const char *name, const void *data,
		      size_t n)
{
	char path[700];

	if (!r->opts->command && !strncmp(name, "run/", 4)) {
		name += 4;
		if (!strcmp(name, "summary.txt"))
			return 0;
		return put_stamped(r, name, data, n);
	}
	snprintf(path, sizeof(path), "%s/%s", r->host->name, name);
	return store_put(&r->store, path, data, n);
}

int run_take_file(void *ctx, const char *name, const void *data, size_t n)
{
	struct run *r = ctx;

	if (!strcmp(name, ".kernel.log")) {
		struct klog all = { .tolerate = r->host->tolerate };

		/* It has the levels that the console leaves out. */
		klog_feed(&all, data, n);
		klog_feed(&all, "\n", 1);
		if (all.nr_alarms && !r->klog.nr_alarms) {
			r->klog.nr_alarms = all.nr_alarms;
			memcpy(r->klog.alarm, all.alarm,
			       sizeof(r->klog.alarm));
		}
		return write_file(r->dmesg, data, n);
	}
	return r->opts->logs_only ? 0 : put_result(r, name, data, n);
}

/* The run broke: keep the sentence for its records, and say it. */
static void __attribute__((format(printf, 2, 3)))
broke(struct run *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	lab_say("%s: FAIL, %s", r->host->name, r->why);
}

/* A run that ended before its END record, or without all of its files. */
static int is_broken(const struct run *r)
{
	return r->stream.end != STREAM_COMPLETE || r->stream.store_error;
}

enum verdict run_judge(struct run *r, const char *ended)
{
	const char *name = r->host->name;
	const struct stream *s = &r->stream;

	if (r->klog.nr_alarms)
		broke(r, "the kernel says (%u alarms, first one quoted): %s",
		      r->klog.nr_alarms, r->klog.alarm);
	if (ended) {
		broke(r, "%s", ended);
		if (lab_stop)
			return FAIL;
		emu_print_log(name, r->work.path, r->proc.tail);
		klog_print_tail(&r->klog, name);
		return FAIL;
	}
	if (s->end == STREAM_DAMAGED)
		broke(r, "the transfer of results is damaged: %s", s->damage);
	else if (s->store_error)
		broke(r, "cannot store the results in %s: %s", r->run_dir,
		      strerror(-s->store_error));
	else if (s->broken[0])
		broke(r, "%s", s->broken);
	if (r->why[0])
		return FAIL;
	if (s->cannot[0]) {
		lab_say("%s: SKIP, %s", name, s->cannot);
		return CANNOT;
	}
	if (s->status != PASS && s->status != CANNOT && s->status != USAGE)
		lab_say("%s: FAIL, the command ended with exit status %d", name,
			s->status);
	return s->status == PASS || s->status == CANNOT ||
	       s->status == USAGE ? (enum verdict)s->status : FAIL;
}

/* A record of the failure, or none of an earlier part of the run. */
static int tell_reports(struct run *r, const struct lab_record *rec)
{
	char name[128], path[900];

	if (r->opts->command)
		return 0;
	if (r->why[0])
		return record_failure(&r->store, rec);
	record_failure_name(r->host, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s", r->run_dir, name);
	unlink(path);
	return 0;
}

/* The log and the records of the run, beside what came back. */
static int store_records(struct run *r, const struct image *img,
			 const char *append)
{
	struct lab_record rec = {
		.host = r->host, .opts = r->opts, .emu = r->emu, .img = img,
		.res = r->res, .stamp = &r->stamp, .identity = &r->identity,
		.command = &r->command, .append = append,
		.alarm = r->klog.alarm, .why = r->why, .nr_cases = r->nr_cases,
		.partial = is_broken(r),
	};
	char name[128];
	int err;

	snprintf(name, sizeof(name), "%s/kernel.log", r->host->name);
	err = store_copy(&r->store, name, access(r->dmesg, R_OK) ?
			 r->console.path : r->dmesg);
	if (!err)
		err = record_write(&r->store, &rec);
	if (!err)
		err = tell_reports(r, &rec);
	return err;
}

enum verdict run_store(struct run *r, const struct image *img,
		       const char *append)
{
	enum verdict v = r->res->verdict;
	int err;

	/* A run that broke keeps its logs, and of the driver's finished cases. */
	if (is_broken(r) && (r->opts->command || !r->nr_cases)) {
		store_close(&r->store);
		if (lab_stop || store_open(&r->store, r->run_dir))
			return v;
	} else if (is_broken(r)) {
		lab_say("%s: the records of %u finished cases are kept",
			r->host->name, r->nr_cases);
	}
	err = store_records(r, img, append);
	if (!err)
		err = store_commit(&r->store);
	if (err) {
		lab_say("%s: FAIL, cannot store the results in %s: %s",
			r->host->name, r->run_dir, strerror(-err));
		return FAIL;
	}
	snprintf(r->res->dir, sizeof(r->res->dir), "%s/%s", r->run_dir,
		 r->host->name);
	return v;
}
