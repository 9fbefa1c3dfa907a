// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What happens between starting an emulator and having its results?
 *
 * The emulator writes its two serial ports into files.  This follows them:
 * the first is the kernel log, watched for alarms; the second carries the
 * command's output, shown as it comes, and the results.  The run ends when
 * the END record arrives, the emulator ends, the kernel panics, a time limit
 * passes, the disk fills, or a signal asks to stop; then the emulator's
 * process group is killed and the run's directory removed, whatever the
 * reason.  A hang inside the command cannot be told from a slow command: only
 * the time limit ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lab/run/run.h"

/* Chosen: looking 20 times a second costs nothing beside an emulator. */
#define POLL_US 50000
/* Chosen: what the log of a dying kernel may still take to come out. */
#define PANIC_GRACE_S 1.5
/* Chosen: below this much free space, say so instead of truncating. */
#define MIN_FREE_BYTES (1u << 20)

static void on_line(void *ctx, const char *text)
{
	struct run *r = ctx;

	printf("%s%s: %s\n", lab_label, r->host->name, text);
	fflush(stdout);
}

static void on_up(void *ctx, const char *release)
{
	struct run *r = ctx;

	r->up_s = proc_now_s();
	r->res->boot_s = r->up_s - r->start_s;
	snprintf(r->res->release, sizeof(r->res->release), "%.127s", release);
	lab_say("%s: up after %.1f s, Linux %s", r->host->name, r->res->boot_s,
		release);
}

/* Feed what was appended since the last call. */
static void follow(struct follow *f, void (*feed)(struct run *, const char *,
						  size_t), struct run *r)
{
	char buf[65536];
	ssize_t n;

	if (f->fd < 0)
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	while (f->fd >= 0 && (n = read(f->fd, buf, sizeof(buf))) > 0)
		feed(r, buf, n);
}

static void feed_console(struct run *r, const char *buf, size_t n)
{
	klog_feed(&r->klog, buf, n);
	if (r->opts->show_log) {
		fwrite(buf, 1, n, stderr);
		fflush(stderr);
	}
}

static void feed_port(struct run *r, const char *buf, size_t n)
{
	stream_feed(&r->stream, buf, n);
}

static int disk_full(const char *path)
{
	struct statvfs fs;

	return !statvfs(path, &fs) &&
	       (unsigned long long)fs.f_bavail * fs.f_frsize < MIN_FREE_BYTES;
}

static unsigned int limit_s(const struct run *r)
{
	return r->opts->limit_s ? r->opts->limit_s : r->host->timeout_s;
}

static const char *interrupted(char *why, size_t size)
{
	snprintf(why, size, "interrupted by signal %d", (int)lab_stop);
	return why;
}

/* Why a run whose emulator still lives must end now, or NULL. */
static const char *must_end(struct run *r, double now, char *why, size_t size)
{
	double spent_s = now - r->start_s;

	if (r->emulator_stopped)
		return "the emulator stopped by itself";
	if (!r->up_s && spent_s > r->host->boot_timeout_s) {
		snprintf(why, size, "not up after %u s",
			 r->host->boot_timeout_s);
		return why;
	}
	if (spent_s > limit_s(r)) {
		snprintf(why, size, "not done after %u s (--limit)",
			 limit_s(r));
		return why;
	}
	if (now > r->next_disk_s) {
		r->next_disk_s = now + 1;
		if (disk_full(r->work.path))
			return "the disk with the build directory is full; free some space";
	}
	return NULL;
}

/*
 * Follow the run to its end.  Returns a sentence saying why it ended without
 * an END record, or NULL.
 */
static const char *watch(struct run *r, char *why, size_t size)
{
	double now, panic_s = 0;
	const char *end;
	char how[64];
	int alive;

	for (;;) {
		/* First, so that the last it wrote is read after its end. */
		alive = proc_running(&r->proc);
		if (proc_drain(&r->proc, r->emu->screen, r->emu->stopped))
			r->emulator_stopped = 1;
		follow(&r->console, feed_console, r);
		follow(&r->port, feed_port, r);
		now = proc_now_s();
		if (r->stream.end != STREAM_OPEN)
			return NULL;
		if (lab_stop)
			return interrupted(why, size);
		if (r->klog.panic && !panic_s)
			panic_s = now;
		if (panic_s && (now - panic_s > PANIC_GRACE_S || !alive))
			return "the host's kernel panicked";
		if (!alive) {
			snprintf(why, size, "%s ended (%s) before the run did",
				 r->emu->program,
				 proc_describe(r->proc.status, how,
					       sizeof(how)));
			return why;
		}
		end = must_end(r, now, why, size);
		if (end)
			return end;
		usleep(POLL_US);
	}
}

static int run_start(struct run *r, struct emu_job *job)
{
	char log[900];
	int err;

	if (r->emu->prepare && r->emu->prepare(job))
		return -1;
	snprintf(r->console.path, sizeof(r->console.path), "%s/" EMU_CONSOLE,
		 r->work.path);
	snprintf(r->port.path, sizeof(r->port.path), "%s/" EMU_PORT,
		 r->work.path);
	snprintf(r->dmesg, sizeof(r->dmesg), "%s/dmesg", r->work.path);
	snprintf(log, sizeof(log), "%s/" EMU_LOG, r->work.path);
	emu_command(r->emu, job, &r->command);
	lab_say("%s: starting %s (%s, %u CPUs, %u MiB)", r->host->name,
		r->emu->name, r->host->cpu, r->host->cpus,
		r->host->memory_mib);
	err = r->command.failed ? -E2BIG :
				  proc_start(&r->proc, r->command.v,
					     r->emu->output, log);
	if (err)
		lab_say("%s: cannot start %s: %s", r->host->name,
			r->emu->program, strerror(-err));
	r->start_s = proc_now_s();
	return err;
}

static enum verdict run_once(struct run *r, const struct image *img)
{
	char initrd[900], why[256];
	struct emu_job job;
	const char *ended;
	enum verdict v;
	int err;

	memset(&job, 0, sizeof(job));
	job.host = r->host;
	job.dir = r->work.path;
	if (job_prepare(&job, r->opts, img, r->emu, initrd, sizeof(initrd)))
		return FAIL;
	err = store_open(&r->store, r->run_dir);
	if (err) {
		lab_say("cannot write to %s: %s", r->run_dir, strerror(-err));
		free((void *)job.append);
		return FAIL;
	}
	record_identify(&r->identity, r->emu, img);
	if (run_start(r, &job)) {
		v = FAIL;
	} else {
		ended = watch(r, why, sizeof(why));
		proc_kill(&r->proc);
		r->res->wall_s = proc_now_s() - r->start_s;
		r->res->verdict = run_judge(r, ended);
		v = run_store(r, img, job.append);
	}
	free((void *)job.append);
	return v;
}

enum verdict run_host(const struct host *host, const struct lab_opts *opts,
		      const struct image *img, const char *run_dir,
		      struct run_result *res)
{
	struct run r = {
		.host = host, .opts = opts, .res = res, .run_dir = run_dir,
		.emu = emu_find(host->emulator),
		.proc = { .pty = -1 },
		.console = { .fd = -1 }, .port = { .fd = -1 },
		.klog = { .tolerate = host->tolerate },
		.stream = { .line = on_line, .file = run_take_file, .up = on_up },
	};
	char why[512];

	memset(res, 0, sizeof(*res));
	r.stream.ctx = &r;
	stamp_make(&r.stamp);
	res->verdict = FAIL;
	if (!r.emu) {
		lab_say("host %s: no emulator is called '%s'; use qemu or bochs",
			host->name, host->emulator);
		return res->verdict = USAGE;
	}
	if (emu_probe(r.emu, why, sizeof(why))) {
		lab_say("%s: SKIP, %s", host->name, why);
		return res->verdict = CANNOT;
	}
	if (!workdir_make(&r.work, opts)) {
		res->verdict = run_once(&r, img);
		proc_kill(&r.proc);
		store_close(&r.store);
		workdir_remove(&r.work, opts);
	}
	stream_free(&r.stream);
	words_free(&r.command);
	if (r.console.fd >= 0)
		close(r.console.fd);
	if (r.port.fd >= 0)
		close(r.port.fd);
	lab_say("%s: %s in %.1f s of wall time%s%s", host->name,
		verdict_name(res->verdict), res->wall_s,
		res->dir[0] ? "; files: " : "", res->dir);
	return res->verdict;
}
