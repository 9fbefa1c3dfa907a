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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lab/image/cpio.h"
#include "lab/lab.h"
#include "lab/run/store.h"

/* Where init looks for results, and a name that run_host() knows. */
#define GUEST_RUN_DIR "/results/run"

/* Every host gets these; a block of hosts.cfg adds its own. */
#define COMMON_APPEND "console=ttyS0,115200"
/* Behind all others: without a time stamp a line's begin is a guess. */
#define LAST_APPEND "printk.time=1"

char lab_label[40];

void lab_say(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "lab: %s", lab_label);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

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
		remove_tree(path);
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

int workdir_make(struct workdir *w, const struct lab_opts *o)
{
	char parent[600];
	int err;

	w->lock = -1;
	snprintf(parent, sizeof(parent), "%s/lab/run", o->build);
	err = make_dirs(parent);
	if (!err)
		err = make_locked(w, parent);
	if (err)
		lab_say("cannot make a directory for the run in %s: %s",
			parent, strerror(-err));
	return err ? -1 : 0;
}

void workdir_remove(struct workdir *w, const struct lab_opts *o)
{
	if (o->keep)
		lab_say("the run's files are kept in %s", w->path);
	else
		remove_tree(w->path);
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

static void write_command(FILE *f, const struct lab_opts *o)
{
	fputs("exec", f);
	if (o->command) {
		put_words(f, o->command);
	} else {
		fputs(" /mmubench/bin/mmubench run", f);
		put_words(f, o->run_args);
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
		      const struct lab_opts *o, const struct emu_ops *emu)
{
	put_env(f, "HOME", "/");
	put_env(f, "TERM", "dumb");
	put_env(f, "MMUBENCH_PLACE", job->host->name);
	put_env(f, "MMUBENCH_EMULATOR", emu->label);
	put_env(f, "MMUBENCH_CLOCK", emu->clock(job->deterministic));
	for (size_t i = 0; i < o->env.nr; i++) {
		const char *eq = strchr(o->env.v[i], '=');
		char name[128];

		snprintf(name, sizeof(name), "%.*s", (int)(eq - o->env.v[i]),
			 o->env.v[i]);
		put_env(f, name, eq + 1);
	}
	if (emu->takes_turns && job->deterministic && job->host->cpus > 1)
		fputs("LAB_TURNS=1\n", f);
	if (job->shell_tty)
		fputs("LAB_SHELL=1\n", f);
}

typedef void (*writer)(FILE *f, const struct emu_job *job,
		       const struct lab_opts *o, const struct emu_ops *emu);

static void write_cmd(FILE *f, const struct emu_job *job,
		      const struct lab_opts *o, const struct emu_ops *emu)
{
	(void)job;
	(void)emu;
	write_command(f, o);
}

static int add_text(int fd, const char *name, writer write_it,
		    const struct emu_job *job, const struct lab_opts *o,
		    const struct emu_ops *emu)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f;
	int err;

	f = open_memstream(&text, &n);
	if (!f)
		return -ENOMEM;
	write_it(f, job, o, emu);
	err = fclose(f) ? -ENOMEM : cpio_add(fd, name, text, n);
	free(text);
	return err;
}

static int write_initrd(const struct emu_job *job, const struct lab_opts *o,
			const struct image *img, const struct emu_ops *emu,
			const char *path)
{
	int fd, err;

	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = append_file(fd, img->initramfs);
	if (!err)
		err = cpio_add(fd, "lab", NULL, 0);
	if (!err)
		err = add_text(fd, "lab/env", write_env, job, o, emu);
	if (!err)
		err = add_text(fd, "lab/cmd", write_cmd, job, o, emu);
	if (!err)
		err = cpio_end(fd);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int job_prepare(struct emu_job *job, const struct lab_opts *o,
		const struct image *img, const struct emu_ops *emu,
		char *initrd, size_t size)
{
	char *append, words[128] = "";
	int err;

	job->deterministic = o->deterministic;
	job->kernel = img->kernel;
	job->extra = o->emulator_arg.v;
	job->nr_extra = o->emulator_arg.nr;
	snprintf(initrd, size, "%s/initrd", job->dir);
	job->initrd = initrd;
	if (emu->append)
		emu->append(o->deterministic, words, sizeof(words));
	if (asprintf(&append, COMMON_APPEND " %s%s%s%s " LAST_APPEND,
		     words, job->host->append, o->append ? " " : "",
		     o->append ? o->append : "") < 0)
		return -1;
	job->append = append;
	err = write_initrd(job, o, img, emu, initrd);
	if (err) {
		lab_say("%s: cannot write %s: %s", job->host->name, initrd,
			strerror(-err));
		free(append);
		job->append = NULL;
	}
	return err;
}
