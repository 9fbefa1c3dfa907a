// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a child to whatever end it comes to.
 *
 * Method: one poll loop over the child's output, its pidfd and a signalfd.
 * The child is killed with the parent (PR_SET_PDEATHSIG), and its process
 * group with the child, so nothing survives.  A grandchild that makes a
 * session of its own escapes; no scenario does that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/launch.h"
#include "base/timing.h"

/* Chosen: the slowest clean-up seen takes well under a second. */
#define GRACE_NS	5000000000ull

struct child {
	const struct launch *l;
	struct launch_end *end;
	pid_t pid;
	int pid_fd, out_fd, sig_fd;
	uint64_t start_ns, kill_ns;	/* kill_ns: when SIGKILL is due, or 0 */
	bool gone;
	size_t tail_len;
};

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void watched_set(sigset_t *set)
{
	unsigned int i;

	sigemptyset(set);
	for (i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		sigaddset(set, watched[i]);
}

void launch_hold_signals(sigset_t *old)
{
	sigset_t set;

	watched_set(&set);
	sigprocmask(SIG_BLOCK, &set, old);
}

/* Never returns. */
static void be_child(const struct launch *l, int out, pid_t parent)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	dup2(l->out_fd ? l->out_fd : out, STDOUT_FILENO);
	if (!l->out_fd)
		dup2(out, STDERR_FILENO);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(l->argv[0], l->argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", l->argv[0],
		strerror(errno));
	_exit(127);
}

static int start(struct child *c, struct reason *why)
{
	pid_t parent = getpid();
	int out[2], err;

	if (pipe2(out, O_CLOEXEC))
		return reason_set(why, -errno, "cannot make a pipe: %s",
				  strerror(errno));
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0)
		be_child(c->l, out[1], parent);
	err = errno;
	close(out[1]);
	if (c->pid < 0) {
		close(out[0]);
		return reason_set(why, -err, "cannot start a process: %s",
				  strerror(err));
	}
	setpgid(c->pid, c->pid);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	c->out_fd = out[0];
	c->pid_fd = syscall(SYS_pidfd_open, c->pid, 0);
	return 0;
}

static void keep_tail(struct child *c, const char *buf, size_t len)
{
	char *tail = c->end->tail;
	size_t drop;

	if (len > LAUNCH_TAIL) {
		buf += len - LAUNCH_TAIL;
		len = LAUNCH_TAIL;
	}
	if (c->tail_len + len > LAUNCH_TAIL) {
		drop = c->tail_len + len - LAUNCH_TAIL;
		memmove(tail, tail + drop, c->tail_len - drop);
		c->tail_len -= drop;
	}
	memcpy(tail + c->tail_len, buf, len);
	c->tail_len += len;
	tail[c->tail_len] = '\0';
}

static void drain(struct child *c)
{
	char buf[4096];
	ssize_t len;

	while ((len = read(c->out_fd, buf, sizeof(buf))) > 0) {
		keep_tail(c, buf, len);
		if (c->l->echo && write(STDERR_FILENO, buf, len) < 0)
			continue;
	}
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR)) {
		close(c->out_fd);
		c->out_fd = -1;
	}
}

/* End the child: politely now, for good after the grace. */
static void ask_to_end(struct child *c, enum launch_how how, int code)
{
	if (c->kill_ns)
		return;
	c->end->how = how;
	c->end->code = code;
	c->kill_ns = timing_now_ns() + GRACE_NS;
	kill(-c->pid, SIGTERM);
	kill(-c->pid, SIGCONT);
}

static void check_times(struct child *c)
{
	uint64_t now = timing_now_ns();

	if (c->l->timeout_s && !c->kill_ns &&
	    now - c->start_ns >= c->l->timeout_s * 1000000000ull)
		ask_to_end(c, LAUNCH_TIMED_OUT, 0);
	if (c->kill_ns && now >= c->kill_ns)
		kill(-c->pid, SIGKILL);
	if (c->l->tick)
		c->l->tick(c->l->arg, now - c->start_ns);
}

static void take_signal(struct child *c)
{
	struct signalfd_siginfo info;

	if (read(c->sig_fd, &info, sizeof(info)) == sizeof(info))
		ask_to_end(c, LAUNCH_INTERRUPTED, info.ssi_signo);
}

/* Without a pidfd (kernels before 5.3) the child is polled for. */
static bool has_ended(struct child *c)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, c->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid == c->pid;
}

static void watch(struct child *c)
{
	int tick = c->l->tick_ms ? (int)c->l->tick_ms : 200;
	struct pollfd fds[3];

	while (!has_ended(c)) {
		fds[0] = (struct pollfd){ c->out_fd, POLLIN, 0 };
		fds[1] = (struct pollfd){ c->sig_fd, POLLIN, 0 };
		fds[2] = (struct pollfd){ c->pid_fd, POLLIN, 0 };
		poll(fds, 3, tick);
		if (fds[1].revents)
			take_signal(c);
		if (c->out_fd >= 0 && fds[0].revents)
			drain(c);
		check_times(c);
	}
}

static void reap(struct child *c)
{
	siginfo_t info = { 0 };

	/* The unreaped leader keeps the group's number from being reused. */
	kill(-c->pid, SIGKILL);
	if (c->out_fd >= 0)
		drain(c);
	waitid(P_PID, c->pid, &info, WEXITED);
	c->end->elapsed_ns = timing_now_ns() - c->start_ns;
	if (c->kill_ns)
		return;
	c->end->how = info.si_code == CLD_EXITED ? LAUNCH_EXITED :
						   LAUNCH_KILLED;
	c->end->code = info.si_status;
}

int launch_run(const struct launch *l, struct launch_end *end,
	       struct reason *why)
{
	struct child c = { .l = l, .end = end, .out_fd = -1, .pid_fd = -1 };
	sigset_t set, old;
	int err;

	memset(end, 0, sizeof(*end));
	watched_set(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	c.sig_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	c.start_ns = timing_now_ns();
	err = start(&c, why);
	if (!err) {
		watch(&c);
		reap(&c);
	}
	if (c.out_fd >= 0)
		close(c.out_fd);
	if (c.pid_fd >= 0)
		close(c.pid_fd);
	if (c.sig_fd >= 0)
		close(c.sig_fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

/* ---- telling about it ---------------------------------------------------- */

static bool is_noise(const char *line, size_t len)
{
	size_t i = strspn(line, " \t");

	/* Stack frames of the selftests library: "     1  0x...: main at ?" */
	return i >= len ||
	       (line[0] == ' ' && strspn(line + i, "0123456789") &&
		memmem(line, len, "0x", 2)) ||
	       !strncmp(line + i, "(stack trace empty)", 19);
}

static void add_line(char *buf, size_t size, const char *line, size_t len)
{
	size_t used = strlen(buf), skip = strspn(line, " \t");

	if (is_noise(line, len) || used + 4 > size)
		return;
	snprintf(buf + used, size - used, "%s%.*s", used ? " | " : "",
		 (int)(len - skip), line + skip);
}

/* Start of the last @nr lines of @text. */
static const char *last_lines(const char *text, unsigned int nr)
{
	const char *p = text + strlen(text);

	while (p > text && p[-1] == '\n')
		p--;
	while (p > text) {
		if (p[-1] == '\n' && !--nr)
			break;
		p--;
	}
	return p;
}

static const char assertion[] = "==== Test Assertion Failure ====";

bool launch_asserted(const char *tail)
{
	return strstr(tail, assertion);
}

void launch_quote(const char *tail, char *buf, size_t size)
{
	const char *from = strstr(tail, assertion), *end;

	buf[0] = '\0';
	from = from ? from + strlen(assertion) : last_lines(tail, 3);
	while (*from) {
		end = strchrnul(from, '\n');
		add_line(buf, size, from, end - from);
		from = *end ? end + 1 : end;
	}
}

void launch_describe(const struct launch_end *end, char *buf, size_t size)
{
	switch (end->how) {
	case LAUNCH_EXITED:
		snprintf(buf, size, "ended with exit status %d", end->code);
		break;
	case LAUNCH_KILLED:
		snprintf(buf, size, "was killed by signal %d (%s)", end->code,
			 strsignal(end->code));
		break;
	case LAUNCH_TIMED_OUT:
		snprintf(buf, size, "did not end within %.0f s",
			 end->elapsed_ns / 1e9);
		break;
	case LAUNCH_INTERRUPTED:
		snprintf(buf, size, "was interrupted by %s",
			 strsignal(end->code));
		break;
	}
}
