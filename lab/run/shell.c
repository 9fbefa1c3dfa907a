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

#include "lab/base/say.h"
#include "lab/emu/emu.h"
#include "lab/run/job.h"

#define ESCAPE_KEY 0x1d		/* Ctrl-] */

struct relay {
	int master;
	bool in_open;
	bool tty;		/* input is a terminal */
	bool up;		/* the host has shown its first prompt */
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
		r->in_open = false;
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
		r->up = true;
		if (write(r->master, r->held, r->nr_held) < 0)
			r->in_open = false;
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
		r->in_open = false;
	if (!r->up)
		look_for_prompt(r, buf, n);
}

/* What the host wrote last. */
static void carry_rest(struct relay *r)
{
	struct pollfd fd = { .fd = r->master, .events = POLLIN };
	char c;

	while (poll(&fd, 1, 0) > 0 && read(r->master, &c, 1) > 0)
		if (write(1, &c, 1) != 1)
			return;
}

/* Must a host that has run for @spent_s seconds end?  0, or -errno and @why. */
static int check_time(const struct relay *r, const struct run_job *job,
		      double spent_s, struct reason *why)
{
	unsigned int boot_s = job->host->boot_timeout_s;
	int limit_s = job->opts->limit_s;

	if (!r->up && spent_s > boot_s)
		return reason_set(why, -ETIMEDOUT, "%s: not up after %u s",
				  job->host->name, boot_s);
	if (limit_s >= 0 && spent_s > limit_s)
		return reason_set(why, -ETIMEDOUT,
				  "%s: ended after %d s (--limit)",
				  job->host->name, limit_s);
	return 0;
}

/*
 * Carry until the host ends, the user leaves, or its time is up.  0, or -errno
 * with @why if it never showed its prompt or ran out of time.
 */
static int relay(struct relay *r, struct proc *p, const struct run_job *job,
		 const char *screen, struct reason *why)
{
	double start = proc_now_s();
	bool leave = false;
	int err = 0;

	while (!lab_stop && !leave && !err && proc_running(p)) {
		/* A pipe waits by itself; a terminal may say Ctrl-]. */
		bool listen = r->in_open && (r->up || r->tty);
		struct pollfd fds[] = {
			{ .fd = r->master, .events = POLLIN },
			{ .fd = listen ? 0 : -1, .events = POLLIN },
		};

		poll(fds, 2, 100);
		if (fds[0].revents & POLLIN)
			carry_out(r);
		if (fds[1].revents & (POLLIN | POLLHUP))
			leave = !carry_in(r);
		proc_drain(p, screen, NULL);
		err = check_time(r, job, proc_now_s() - start, why);
	}
	if (!leave && !err)
		carry_rest(r);
	if (!err && !r->up)
		err = reason_set(why, -ECANCELED,
				 "%s: ended before its first prompt",
				 job->host->name);
	return err;
}

/* A pseudo terminal for the console; its name in @tty.  0 or -errno. */
static int open_console(struct relay *r, int *slave, char *tty)
{
	struct termios raw;

	if (openpty(&r->master, slave, tty, NULL, NULL))
		return -errno;
	tcgetattr(*slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(*slave, TCSANOW, &raw);
	fcntl(r->master, F_SETFD, FD_CLOEXEC);
	fcntl(*slave, F_SETFD, FD_CLOEXEC);
	return 0;
}

static int run_shell(const struct run_job *job, const struct emu_ops *emu,
		     const struct workdir *work, struct reason *why)
{
	struct relay r = { .in_open = true, .tty = isatty(0) };
	const char *name = job->host->name;
	struct proc p = { .pty = -1 };
	struct words w = { .nr = 0 };
	struct boot boot;
	char tty[128];
	int slave, err;

	err = open_console(&r, &slave, tty);
	if (err)
		return reason_set(why, err, "no pseudo terminal is free: %s",
				  strerror(-err));
	snprintf(r.prompt, sizeof(r.prompt), "%s# ", name);
	err = job_prepare(&boot, job, emu, work, tty, why);
	if (!err) {
		lab_say("%s: starting %s; Ctrl-] ends it", name, emu->name);
		err = emu_start(emu, &boot.emu, &w, &p, why);
	}
	if (!err)
		err = relay(&r, &p, job, emu->screen, why);
	proc_kill(&p);
	words_free(&w);
	close(slave);
	close(r.master);
	return err;
}

/* This terminal hands on every key while @raw, and is as it was after that. */
static void set_raw(bool raw, struct termios *saved)
{
	struct termios t;

	if (!isatty(0))
		return;
	if (!raw) {
		tcsetattr(0, TCSANOW, saved);
		return;
	}
	tcgetattr(0, saved);
	t = *saved;
	cfmakeraw(&t);
	t.c_oflag = saved->c_oflag;
	tcsetattr(0, TCSANOW, &t);
}

int shell_host(const struct run_job *job, struct reason *why)
{
	const struct emu_ops *emu = emu_find(job->host->emulator);
	struct termios saved;
	struct workdir work;
	int err;

	err = emu_probe(emu, why);
	if (err)
		return err;
	set_raw(true, &saved);
	err = workdir_make(&work, job->build, why);
	if (!err) {
		err = run_shell(job, emu, &work, why);
		workdir_remove(&work, job->opts->keep);
	}
	set_raw(false, &saved);
	return err;
}
