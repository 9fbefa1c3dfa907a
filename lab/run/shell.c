// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How does one look around inside a lab host?
 *
 * The emulator's first serial port becomes a pseudo terminal, and bytes are
 * carried between it and this terminal (or pipe) until the host ends, or
 * Ctrl-] is typed, which counts from the first moment.  Other keys wait for
 * the first prompt: a terminal that nobody has set up yet would lose them, or
 * give them to the kernel.  At the end of a pipe's input the host is given
 * time to finish what it was told.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "lab/lab.h"

#define ESCAPE_KEY 0x1d		/* Ctrl-] */

struct relay {
	int master;
	int in_open;
	int tty;		/* input is a terminal */
	int up;			/* the host has shown its first prompt */
	char prompt[80];
	char seen[80];		/* the end of what the host wrote */
	char held[4096];	/* typed before the prompt */
	size_t nr_held;
};

/* What Enter gives is a line's end in the shell, wherever it is read. */
static void hold(struct relay *r, const char *buf, ssize_t n)
{
	for (ssize_t i = 0; i < n && r->nr_held < sizeof(r->held); i++)
		r->held[r->nr_held++] = buf[i] == '\r' ? '\n' : buf[i];
}

/* Returns 0 when the escape key was typed. */
static int carry_in(struct relay *r)
{
	char buf[256];
	ssize_t n;

	n = read(0, buf, sizeof(buf));
	if (n <= 0) {
		r->in_open = 0;
		return 1;
	}
	if (r->tty && memchr(buf, ESCAPE_KEY, n))
		return 0;
	if (!r->up) {
		hold(r, buf, n);
		return 1;
	}
	return write(r->master, buf, n) == n;
}

/* Is the prompt in what was written, now or across the last two pieces? */
static void look_for_prompt(struct relay *r, const char *buf, size_t n)
{
	char text[sizeof(r->seen) + 4096];
	size_t have = strlen(r->seen), keep;

	memcpy(text, r->seen, have);
	for (size_t i = 0; i < n; i++)
		text[have + i] = buf[i] ? buf[i] : ' ';
	have += n;
	text[have] = '\0';
	if (strstr(text, r->prompt)) {
		r->up = 1;
		if (write(r->master, r->held, r->nr_held) < 0)
			r->in_open = 0;
	}
	keep = have < sizeof(r->seen) ? have : sizeof(r->seen) - 1;
	memcpy(r->seen, text + have - keep, keep + 1);
}

static void carry_out(struct relay *r)
{
	char buf[4000];
	ssize_t n;

	n = read(r->master, buf, sizeof(buf));
	if (n <= 0)
		return;
	if (write(1, buf, n) != n)
		r->in_open = 0;
	if (!r->up)
		look_for_prompt(r, buf, n);
}

static void relay(struct relay *r, struct proc *p, const struct host *h,
		  const char *screen, unsigned int limit_s)
{
	double start = proc_now_s();
	char drain[4096];

	while (!lab_stop && proc_running(p)) {
		/* A pipe waits by itself; a terminal may say Ctrl-]. */
		int listen = r->in_open && (r->up || r->tty);
		struct pollfd fds[] = {
			{ .fd = r->master, .events = POLLIN },
			{ .fd = listen ? 0 : -1, .events = POLLIN },
		};

		poll(fds, 2, 100);
		if (fds[0].revents & POLLIN)
			carry_out(r);
		if ((fds[1].revents & (POLLIN | POLLHUP)) && !carry_in(r))
			return;
		proc_drain(p, screen, NULL);
		if (!r->up && proc_now_s() - start > h->boot_timeout_s) {
			lab_say("%s: not up after %u s", h->name,
				h->boot_timeout_s);
			return;
		}
		if (limit_s && proc_now_s() - start > limit_s) {
			lab_say("%s: ended after %u s (--limit)", h->name,
				limit_s);
			return;
		}
	}
	while (poll(&(struct pollfd){ .fd = r->master, .events = POLLIN }, 1,
		    0) > 0 && read(r->master, drain, 1) > 0)
		if (write(1, drain, 1) != 1)
			return;
}

static enum verdict run_shell(const struct host *host,
			      const struct lab_opts *o,
			      const struct image *img,
			      const struct emu_ops *emu, struct workdir *work)
{
	struct emu_job job = { .host = host, .dir = work->path };
	struct relay r = { .in_open = 1, .tty = isatty(0) };
	struct proc p = { .pty = -1 };
	struct words w = { .nr = 0 };
	char initrd[900], log[900], tty[128];
	enum verdict v = FAIL;
	struct termios raw;
	int slave, err;

	if (openpty(&r.master, &slave, tty, NULL, NULL)) {
		lab_say("no pseudo terminal is free: %s", strerror(errno));
		return FAIL;
	}
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	fcntl(r.master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	job.shell_tty = tty;
	snprintf(r.prompt, sizeof(r.prompt), "%s# ", host->name);
	snprintf(log, sizeof(log), "%s/" EMU_LOG, work->path);
	if (!job_prepare(&job, o, img, emu, initrd, sizeof(initrd)) &&
	    !(emu->prepare && emu->prepare(&job))) {
		emu_command(emu, &job, &w);
		lab_say("%s: starting %s; Ctrl-] ends it", host->name,
			emu->name);
		err = w.failed ? -E2BIG : proc_start(&p, w.v, emu->output, log);
		if (err)
			lab_say("cannot start %s: %s", emu->program,
				strerror(-err));
		else
			relay(&r, &p, host, emu->screen, o->limit_s);
		v = !err && r.up ? PASS : FAIL;
		proc_kill(&p);
	}
	words_free(&w);
	free((void *)job.append);
	close(slave);
	close(r.master);
	return v;
}

enum verdict shell_host(const struct host *host, const struct lab_opts *o,
			const struct image *img)
{
	const struct emu_ops *emu = emu_find(host->emulator);
	struct termios saved, raw;
	struct workdir work;
	enum verdict v = FAIL;
	char why[512];
	int tty = isatty(0);

	if (!emu || emu_probe(emu, why, sizeof(why))) {
		lab_say("%s: SKIP, %s", host->name,
			emu ? why : "its emulator is unknown");
		return CANNOT;
	}
	if (tty) {
		tcgetattr(0, &saved);
		raw = saved;
		cfmakeraw(&raw);
		raw.c_oflag = saved.c_oflag;
		tcsetattr(0, TCSANOW, &raw);
	}
	if (!workdir_make(&work, o)) {
		v = run_shell(host, o, img, emu, &work);
		workdir_remove(&work, o);
	}
	if (tty)
		tcsetattr(0, TCSANOW, &saved);
	return v;
}
