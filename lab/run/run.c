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
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lab/base/say.h"
#include "lab/run/internal.h"

/* Chosen: looking 20 times a second costs nothing beside an emulator. */
#define POLL_US 50000
/* Chosen: what the log of a dying kernel may still take to come out. */
#define PANIC_GRACE_S 1.5
/* Chosen: below this much free space, say so instead of truncating. */
#define MIN_FREE_BYTES (1u << 20)

#define R(m) .offset = offsetof(struct run_opts, m)

const struct opt run_table[] = {
	{ .name = "env", .type = OPT_LIST, R(env), .arg = "NAME=VALUE",
	  .help = "set this variable for the command inside; can be repeated" },
	{ .name = "append", .type = OPT_STRING, R(append), .arg = "WORDS",
	  .help = "add words to the kernel command line" },
	{ .name = "emulator-arg", .type = OPT_LIST, R(emulator_arg),
	  .arg = "WORD",
	  .help = "pass one more word to the emulator, such as -s for QEMU's gdb server; can be repeated" },
	{ .name = "limit", .type = OPT_INT_AUTO, R(limit_s), .arg = "SECONDS",
	  .def = "auto", .min = 1, .max = 1000000,
	  .help = "end a host after this much wall time; auto takes the host's own limit" },
	{ .name = "jobs", .type = OPT_INT_AUTO, R(jobs), .arg = "N",
	  .def = "auto", .min = 1, .max = 1000000,
	  .help = "run up to N hosts that count instructions at the same time; auto is one for each CPU" },
	{ .name = "deterministic", .type = OPT_FLAG, R(deterministic),
	  .help = "count instructions instead of time (Bochs hosts always do)" },
	{ .name = "logs-only", .type = OPT_FLAG, R(logs_only),
	  .help = "store the logs, but not the files that come back" },
	{ .name = "show-log", .type = OPT_FLAG, R(show_log),
	  .help = "show the host's kernel log on stderr" },
	{ .name = "keep", .type = OPT_FLAG, R(keep),
	  .help = "keep the run's temporary files" },
	OPT_END
};

/* It becomes a line of a shell script inside. */
static bool env_is_fit(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && word[n] == '=' && !isdigit((unsigned char)*word);
}

int run_check(const struct run_opts *o, struct reason *why)
{
	for (unsigned int i = 0; i < o->env.nr; i++)
		if (!env_is_fit(o->env.v[i]))
			return reason_usage(why, -EINVAL,
					    "option --env: '%s' is not NAME=VALUE with a NAME of letters, digits and '_'",
					    o->env.v[i]);
	return 0;
}

static void on_line(void *ctx, const char *text)
{
	struct run *r = ctx;

	printf("%s: %s\n", r->name, text);
	fflush(stdout);
}

static void on_up(void *ctx, const char *release)
{
	struct run *r = ctx;

	r->up_s = proc_now_s();
	r->res->boot_s = r->up_s - r->start_s;
	snprintf(r->res->release, sizeof(r->res->release), "%.127s", release);
	lab_say("%s: up after %.1f s, Linux %s", r->name, r->res->boot_s,
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
	if (r->job->opts->show_log) {
		fwrite(buf, 1, n, stderr);
		fflush(stderr);
	}
}

static void feed_port(struct run *r, const char *buf, size_t n)
{
	stream_feed(&r->stream, buf, n);
}

static bool disk_full(const char *path)
{
	struct statvfs fs;

	return !statvfs(path, &fs) &&
	       (unsigned long long)fs.f_bavail * fs.f_frsize < MIN_FREE_BYTES;
}

static unsigned int limit_s(const struct run *r)
{
	int own_s = r->job->opts->limit_s;

	return own_s < 0 ? r->job->host->timeout_s : (unsigned int)own_s;
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
	if (!r->up_s && spent_s > r->job->host->boot_timeout_s) {
		snprintf(why, size, "not up after %u s",
			 r->job->host->boot_timeout_s);
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
			r->emulator_stopped = true;
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

static int start(struct run *r, const struct emu_job *job, struct reason *why)
{
	const struct host *h = r->job->host;
	int err;

	snprintf(r->console.path, sizeof(r->console.path), "%s/" EMU_CONSOLE,
		 r->work.path);
	snprintf(r->port.path, sizeof(r->port.path), "%s/" EMU_PORT,
		 r->work.path);
	lab_say("%s: starting %s (%s, %u CPUs, %u MiB)", r->name, r->emu->name,
		h->cpu, h->cpus, h->memory_mib);
	err = emu_start(r->emu, job, &r->command, &r->proc, why);
	r->start_s = proc_now_s();
	return err;
}

/* Start the host, follow it to its end, store what it gave. */
static enum verdict run_once(struct run *r, struct reason *why)
{
	enum verdict end = VERDICT_FAIL;
	const char *ended;
	struct boot boot;
	char text[256];

	if (job_prepare(&boot, r->job, r->emu, &r->work, NULL, why) ||
	    store_open(&r->store, r->job->dir, why))
		return end;
	record_identify(&r->identity, r->emu, r->job->img);
	if (!start(r, &boot.emu, why)) {
		ended = watch(r, text, sizeof(text));
		proc_kill(&r->proc);
		r->res->wall_s = proc_now_s() - r->start_s;
		r->res->verdict = run_judge(r, ended);
		end = run_store(r, boot.append);
	}
	proc_kill(&r->proc);
	store_close(&r->store);
	return end;
}

static enum verdict run_in_workdir(struct run *r, struct reason *why)
{
	enum verdict end;

	if (emu_probe(r->emu, why) ||
	    workdir_make(&r->work, r->job->build, why))
		return verdict_of_ending(why->ending);
	end = run_once(r, why);
	workdir_remove(&r->work, r->job->opts->keep);
	stream_free(&r->stream);
	words_free(&r->command);
	if (r->console.fd >= 0)
		close(r->console.fd);
	if (r->port.fd >= 0)
		close(r->port.fd);
	return end;
}

enum verdict run_host(const struct run_job *job, struct run_result *res)
{
	struct run r = {
		.job = job, .res = res, .emu = emu_find(job->host->emulator),
		.proc = { .pty = -1 },
		.console = { .fd = -1 }, .port = { .fd = -1 },
		.klog = { .tolerate = job->host->tolerate },
		.stream = { .line = on_line, .file = run_take_file, .up = on_up },
	};
	struct reason why = { .text = "" };

	memset(res, 0, sizeof(*res));
	snprintf(r.name, sizeof(r.name), "%s%s%s", job->label ? job->label : "",
		 job->label ? ": " : "", job->host->name);
	r.stream.ctx = &r;
	stamp_make(&r.stamp);
	res->verdict = run_in_workdir(&r, &why);
	if (why.text[0])
		lab_say("%s: %s, %s", r.name, record_verdict_word(res->verdict), why.text);
	if (res->verdict != VERDICT_SKIP || !why.text[0])
		lab_say("%s: %s in %.1f s of wall time%s%s", r.name,
			record_verdict_word(res->verdict), res->wall_s,
			res->dir[0] ? "; files: " : "", res->dir);
	return res->verdict;
}
