// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How does one look around inside a lab host?
 *
 * The emulator's first serial port becomes a pseudo terminal, and bytes are
 * carried between it and this terminal (or pipe) until the host ends, or
 * Ctrl-] is typed.  At the end of a pipe's input the host is given time to
 * finish what it was told.
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

#include "lab.h"

#define ESCAPE_KEY 0x1d		/* Ctrl-] */

struct relay {
	int master;
	int in_open;
	int up;			/* the host has printed its prompt's line */
};

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
	if (isatty(0) && memchr(buf, ESCAPE_KEY, n))
		return 0;
	return write(r->master, buf, n) == n;
}

static void carry_out(struct relay *r)
{
	char buf[4096];
	ssize_t n;

	n = read(r->master, buf, sizeof(buf));
	if (n <= 0)
		return;
	if (memmem(buf, n, "'exit' ends", 11))
		r->up = 1;
	if (write(1, buf, n) != n)
		r->in_open = 0;
}

static void relay(struct relay *r, struct proc *p, const struct host *h,
		  const char *screen, unsigned int limit_s)
{
	double start = proc_now_s();
	char drain[4096];

	while (!lab_stop && proc_running(p)) {
		/* What is typed before the host is up would be lost. */
		struct pollfd fds[] = {
			{ .fd = r->master, .events = POLLIN },
			{ .fd = r->in_open && r->up ? 0 : -1,
			  .events = POLLIN },
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
	struct relay r = { .in_open = 1 };
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
