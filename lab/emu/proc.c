// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How is an emulator started so that it can never be left behind?
 *
 * It leads a session of its own, so one kill reaches all that it started, and
 * asks the kernel for SIGKILL at its parent's death, so that not even a
 * kill -9 of this program leaves an emulator running.  A failed exec is
 * reported through a pipe that exec closes.  A child that moves itself into
 * another session escapes; no emulator does that.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/timing.h"
#include "lab/emu/proc.h"

double proc_now_s(void)
{
	return timing_now_ns() / 1e9;
}

static void child_signals(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

/*
 * Standard input is at its end.  Also on a terminal: Bochs waits there for a
 * key, a millisecond whenever the emulated CPU halts.
 */
static int no_input(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd < 0 || dup2(fd, 0) < 0 ? -errno : 0;
}

static int child_output(enum proc_output how, const char *file)
{
	int fd;

	if (how == PROC_TTY) {
		setenv("TERM", "xterm", 1);
		return no_input();
	}
	setsid();
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		return -errno;
	return no_input();
}

static void child(char *const argv[], enum proc_output how, const char *file,
		  pid_t parent, int report)
{
	int err;

	child_signals(parent);
	err = child_output(how, file);
	if (!err) {
		execvp(argv[0], argv);
		err = -errno;
	}
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int proc_start(struct proc *p, char *const argv[], enum proc_output how,
	       const char *file)
{
	struct winsize ws = { .ws_row = 50, .ws_col = 132 };
	pid_t parent = getpid();
	int report[2], err = 0;

	p->pty = -1;
	p->screen = 0;
	p->status = 0;
	p->nr_tail = 0;
	p->tail[0] = '\0';
	if (pipe2(report, O_CLOEXEC))
		return -errno;
	if (how == PROC_TTY)
		p->pid = forkpty(&p->pty, NULL, NULL, &ws);
	else
		p->pid = fork();
	if (p->pid < 0) {
		err = -errno;
		p->pid = 0;
		close(report[0]);
		close(report[1]);
		return err;
	}
	if (!p->pid)
		child(argv, how, file, parent, report[1]);
	close(report[1]);
	if (read(report[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(report[0]);
	if (p->pty >= 0) {
		fcntl(p->pty, F_SETFD, FD_CLOEXEC);
		fcntl(p->pty, F_SETFL, O_NONBLOCK);
	}
	if (err)
		proc_kill(p);
	return err;
}

/* Add to the end that is kept, without what draws instead of saying. */
static void keep_tail(struct proc *p, const char *buf, size_t n)
{
	size_t half = PROC_TAIL / 2;

	for (size_t i = 0; i < n; i++) {
		if (p->nr_tail == PROC_TAIL - 1) {
			memmove(p->tail, p->tail + half, p->nr_tail - half);
			p->nr_tail -= half;
		}
		if (buf[i] == '\n' || (buf[i] >= ' ' && buf[i] <= '~'))
			p->tail[p->nr_tail++] = buf[i];
	}
	p->tail[p->nr_tail] = '\0';
}

/* Of a child that is gone: what its terminal still holds. */
static void read_rest(struct proc *p)
{
	char buf[4096];
	ssize_t n;

	while (p->pty >= 0 && (n = read(p->pty, buf, sizeof(buf))) > 0)
		keep_tail(p, buf, n);
}

int proc_running(struct proc *p)
{
	pid_t got;

	if (!p->pid)
		return 0;
	got = waitpid(p->pid, &p->status, WNOHANG);
	if (!got || (got < 0 && errno == EINTR))
		return 1;
	/* The leader is gone; whatever it started goes too. */
	kill(-p->pid, SIGKILL);
	p->pid = 0;
	read_rest(p);
	if (p->pty >= 0)
		close(p->pty);
	p->pty = -1;
	if (p->screen > 0)
		close(p->screen);
	p->screen = 0;
	return 0;
}

/* Open the terminal whose quoted name follows @words in @text. */
static void open_screen(struct proc *p, const char *text, const char *words)
{
	const char *name = strstr(text, words);
	struct termios raw;
	char path[64];

	if (!name)
		return;
	name += strlen(words);
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(name, "\""), name);
	p->screen = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->screen < 0 || tcgetattr(p->screen, &raw))
		return;
	cfmakeraw(&raw);
	tcsetattr(p->screen, TCSANOW, &raw);
}

int proc_drain(struct proc *p, const char *screen, const char *stopped)
{
	char buf[4096];
	int found = 0;
	ssize_t n;

	while (p->pty >= 0 && (n = read(p->pty, buf, sizeof(buf) - 1)) > 0) {
		keep_tail(p, buf, n);
		for (ssize_t i = 0; i < n; i++)
			if (!buf[i])
				buf[i] = ' ';
		buf[n] = '\0';
		if (stopped && strstr(buf, stopped))
			found = 1;
		if (screen && !p->screen)
			open_screen(p, buf, screen);
	}
	while (p->screen > 0 && read(p->screen, buf, sizeof(buf)) > 0)
		;
	return found;
}

void proc_kill(struct proc *p)
{
	/* Chosen: half a second to go kindly; emulators need a few ms. */
	double give_up = proc_now_s() + 0.5;

	if (!p->pid)
		return;
	if (kill(-p->pid, SIGTERM))
		kill(p->pid, SIGTERM);
	while (proc_running(p)) {
		if (proc_now_s() > give_up) {
			if (kill(-p->pid, SIGKILL))
				kill(p->pid, SIGKILL);
		}
		usleep(10000);
	}
}

const char *proc_describe(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d", WTERMSIG(status));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
	return buf;
}
