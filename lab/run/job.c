// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What does one run consist of, in files?
 *
 * Makes the run's private directory, and in it the initial file system: the
 * cached archive followed by a small one that holds the command and the
 * environment it is to see.  The directory is locked while its run lives, so
 * directories left behind by a killed run are recognised and removed by the
 * next.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/base/say.h"
#include "lab/image/cpio.h"
#include "lab/run/job.h"
#include "lab/run/store.h"

/* Where init looks for results, and a name that put_result() knows. */
#define GUEST_RUN_DIR "/results/run"

/* Every host gets these; a block of hosts.cfg adds its own. */
#define COMMON_APPEND "console=ttyS0,115200"
/* Behind all others: without a time stamp a line's begin is a guess. */
#define LAST_APPEND "printk.time=1"

/* The directory's lock, if nobody has it; else -1. */
static int take_lock(const char *dir)
{
	char path[900];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void remove_stale(const char *parent)
{
	char path[900];
	struct dirent *d;
	DIR *dir;
	int lock;

	dir = opendir(parent);
	while (dir && (d = readdir(dir))) {
		if (strncmp(d->d_name, "run-", 4))
			continue;
		snprintf(path, sizeof(path), "%s/%s", parent, d->d_name);
		lock = take_lock(path);
		if (lock < 0)
			continue;
		store_remove_tree(path);
		close(lock);
	}
	if (dir)
		closedir(dir);
}

/* Make and lock a directory; one at a time, or one looks stale to the next. */
static int make_locked(struct workdir *w, const char *parent)
{
	int fd, err = 0;

	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		err = -errno;
	} else {
		remove_stale(parent);
		snprintf(w->path, sizeof(w->path), "%s/run-XXXXXX", parent);
		if (!mkdtemp(w->path) || (w->lock = take_lock(w->path)) < 0)
			err = -errno;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

int workdir_make(struct workdir *w, const char *build, struct reason *why)
{
	char parent[600];
	int err;

	w->lock = -1;
	snprintf(parent, sizeof(parent), "%s/lab/run", build);
	err = outfile_mkdirs(parent, NULL);
	if (!err)
		err = make_locked(w, parent);
	if (err)
		return reason_set(why, err,
				  "cannot make a directory for the run in %s: %s",
				  parent, strerror(-err));
	return 0;
}

void workdir_remove(struct workdir *w, bool keep)
{
	if (keep)
		lab_say("the run's files are kept in %s", w->path);
	else
		store_remove_tree(w->path);
	if (w->lock >= 0)
		close(w->lock);
	w->lock = -1;
}

/* Write @word so that a shell reads it back unchanged. */
static void put_quoted(FILE *f, const char *word)
{
	fputc('\'', f);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	}
	fputc('\'', f);
}

static void put_words(FILE *f, char *const *words)
{
	for (; *words; words++) {
		fputc(' ', f);
		put_quoted(f, *words);
	}
}

static void write_command(FILE *f, const struct task *t)
{
	fputs("exec", f);
	if (t->command) {
		put_words(f, t->command);
	} else {
		fputs(" /mmubench/bin/mmubench run", f);
		put_words(f, t->run_args);
		fputs(" --run-dir=" GUEST_RUN_DIR " --format=none", f);
		fputs(" --after-case=/lab/send", f);
	}
	fputc('\n', f);
}

static void put_env(FILE *f, const char *name, const char *val)
{
	fprintf(f, "export %s=", name);
	put_quoted(f, val);
	fputc('\n', f);
}

/* Nothing here may differ from run to run: a branch taken on it would. */
static void write_env(FILE *f, const struct emu_job *job,
		      const struct opt_list *env, const struct emu_ops *emu)
{
	put_env(f, "HOME", "/");
	put_env(f, "TERM", "dumb");
	put_env(f, "MMUBENCH_PLACE", job->host->name);
	put_env(f, "MMUBENCH_EMULATOR", emu->label);
	put_env(f, "MMUBENCH_CLOCK", emu->clock(job->deterministic));
	for (unsigned int i = 0; i < env->nr; i++) {
		const char *eq = strchr(env->v[i], '=');
		char name[128];

		snprintf(name, sizeof(name), "%.*s", (int)(eq - env->v[i]),
			 env->v[i]);
		put_env(f, name, eq + 1);
	}
	if (emu->takes_turns && job->deterministic && job->host->cpus > 1)
		fputs("LAB_TURNS=1\n", f);
	if (job->shell_tty)
		fputs("LAB_SHELL=1\n", f);
}

/* The small archive with the text files lab/env and lab/cmd. */
static int add_texts(int fd, const struct emu_job *boot,
		     const struct run_job *job, const struct emu_ops *emu)
{
	char *text[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 };
	FILE *env = open_memstream(&text[0], &len[0]);
	FILE *cmd = open_memstream(&text[1], &len[1]);
	int err = env && cmd ? 0 : -ENOMEM;

	if (!err) {
		write_env(env, boot, &job->opts->env, emu);
		write_command(cmd, job->task);
	}
	if ((env && fclose(env)) || (cmd && fclose(cmd)))
		err = -ENOMEM;
	if (!err)
		err = cpio_add(fd, "lab", NULL, 0);
	if (!err)
		err = cpio_add(fd, "lab/env", text[0], len[0]);
	if (!err)
		err = cpio_add(fd, "lab/cmd", text[1], len[1]);
	free(text[0]);
	free(text[1]);
	return err ? err : cpio_end(fd);
}

static int write_initrd(const struct emu_job *boot, const struct run_job *job,
			const struct emu_ops *emu)
{
	int fd, err;

	fd = open(boot->initrd, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = store_append(fd, job->img->initramfs);
	if (!err)
		err = add_texts(fd, boot, job, emu);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int job_prepare(struct boot *boot, const struct run_job *job,
		const struct emu_ops *emu, const struct workdir *work,
		const char *shell_tty, struct reason *why)
{
	const struct run_opts *o = job->opts;
	char words[128] = "";
	int err;

	boot->emu = (struct emu_job){
		.host = job->host, .dir = work->path,
		.kernel = job->img->kernel, .initrd = boot->initrd,
		.append = boot->append, .shell_tty = shell_tty,
		.deterministic = o->deterministic,
		.extra = o->emulator_arg.v, .nr_extra = o->emulator_arg.nr,
	};
	snprintf(boot->initrd, sizeof(boot->initrd), "%s/initrd", work->path);
	if (emu->append)
		emu->append(o->deterministic, words, sizeof(words));
	if ((size_t)snprintf(boot->append, sizeof(boot->append),
			     COMMON_APPEND " %s%s%s%s " LAST_APPEND, words,
			     job->host->append, *o->append ? " " : "",
			     o->append) >= sizeof(boot->append))
		return reason_set(why, -E2BIG,
				  "the kernel command line is longer than %zu bytes",
				  sizeof(boot->append) - 1);
	err = write_initrd(&boot->emu, job, emu);
	if (err)
		return reason_set(why, err, "cannot write %s: %s",
				  boot->initrd, strerror(-err));
	return 0;
}
