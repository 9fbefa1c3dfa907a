// SPDX-License-Identifier: GPL-2.0-only
/*
 * One picture: script, data, and gnuplot run on them as a process.
 *
 * Pictures are drawn into a temporary name, checked for their end and then
 * renamed: gnuplot does not tell when the disk was full.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fmt.h"
#include "base/outfile.h"
#include "internal.h"

extern char **environ;

/* Told apart by people with any colour vision, and each has its own dash. */
static const char style[] =
	"set linetype 1 lc rgb '#0072b2' lw 2 dt 1 pt 7\n"
	"set linetype 2 lc rgb '#d55e00' lw 2 dt 1 pt 5\n"
	"set linetype 3 lc rgb '#009e73' lw 2 dt 1 pt 9\n"
	"set linetype 4 lc rgb '#cc79a7' lw 2 dt 1 pt 11\n"
	"set linetype 5 lc rgb '#e69f00' lw 2 dt '_-' pt 13\n"
	"set linetype 6 lc rgb '#56b4e9' lw 2 dt '_.' pt 15\n"
	"set linetype 7 lc rgb '#000000' lw 2 dt '.' pt 3\n"
	"set border 3 lc rgb '#606060'\n"
	"set tics nomirror out\n"
	"set grid xtics ytics lc rgb '#d8d8d8' lw 1 dt 1\n"
	"set tmargin 5\n"
	"set rmargin 4\n";

const char *picture_quote(const char *text, char *buf, size_t size)
{
	static const char kept[] = " ._,;:()[]/%@+=<>-*";
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++) {
		char c = text[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || strchr(kept, c);

		buf[i] = ok ? c : ' ';
	}
	buf[i] = 0;
	return buf;
}

void picture_file_name(char *name)
{
	for (; *name; name++)
		if (!strchr("._-", *name) && !(*name >= '0' && *name <= '9') &&
		    !((*name | 32) >= 'a' && (*name | 32) <= 'z'))
			*name = *name == '*' ? 'N' : '_';
}

static const char *env_text(const struct record *r, const char *group,
			    const char *key)
{
	const json_t *j = json_object_get(json_object_get(r->env, group), key);

	return json_string_value(j) ?: "";
}

/* "host: Intel Xeon ..., Linux 6.12.117, 2026-11-21": what drew this. */
static void subtitle(const struct record *r, char *buf, size_t size)
{
	const char *cpu = env_text(r, "cpu", "model");
	const char *kernel = env_text(r, "kernel", "release");
	char text[240];

	snprintf(text, sizeof(text), "%s%s%s%.70s%s%.60s, %.10s", r->place,
		 r->clock == CLOCK_VIRTUAL ? " (virtual time)" : "",
		 *cpu ? ": " : "", cpu, *kernel ? ", Linux " : "", kernel,
		 r->time);
	picture_quote(text, buf, size);
}

int picture_begin(struct picture *p, const char *name, const char *title,
		  const struct record *r)
{
	char head[200], below[240];

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->gp = open_memstream(&p->gp_text, &p->gp_len);
	p->tsv = open_memstream(&p->tsv_text, &p->tsv_len);
	if (!p->gp || !p->tsv)
		return -ENOMEM;
	subtitle(r, below, sizeof(below));
	fprintf(p->gp,
		"# Draws one picture from %s.tsv and computes nothing.\n"
		"# usage: gnuplot -c %s.gp DATA.tsv OUTPUT png|svg\n"
		"if (ARGC != 3) exit message \"usage: gnuplot -c %s.gp DATA.tsv OUTPUT png|svg\"\n"
		"data = ARG1\n"
		"if (ARG3 eq 'svg') set terminal svg size 1000,640 dynamic noenhanced font 'sans,14' background rgb 'white'\n"
		"if (ARG3 ne 'svg') set terminal pngcairo size 1000,640 noenhanced font 'sans,11'\n"
		"set output ARG2\n"
		"set datafile separator tab\n"
		"%s"
		"set label 1 '%s' at screen 0.5, screen 0.965 center font ',14'\n"
		"set label 2 '%s' at screen 0.5, screen 0.925 center tc rgb '#606060'\n",
		p->name, p->name, p->name, style,
		picture_quote(title, head, sizeof(head)), below);
	return 0;
}

/* Below the x axis, a line for each of @nr entries. */
void picture_legend(struct picture *p, unsigned int nr)
{
	fprintf(p->gp, "set bmargin %.1f\n"
		"set key at screen 0.05, screen 0.01 left bottom Left reverse maxcols 1 samplen 3 spacing 1.1\n",
		4.5 + 1.25 * nr);
}

/* Tics at 1, 10, 100 ... with their unit, between them unlabelled ones. */
void picture_time_axis(struct picture *p, char axis, const char *label,
		       double low, double high)
{
	double from, to, at;
	char text[40];
	const char *sep = "";
	bool few;

	low = fmin(fmax(low, 1 / PICTURE_MOST), PICTURE_MOST / 10);
	high = fmax(fmin(high, PICTURE_MOST), low * 10);
	from = pow(10, floor(log10(low) + 1e-9));
	to = pow(10, ceil(log10(high) - 1e-9));
	few = to / from < 1500;
	fprintf(p->gp, "set logscale %c 10\nset %crange [%g:%g]\nset %clabel '%s'\nset %ctics (",
		axis, axis, low, high, axis, label, axis);
	for (at = from; at <= to * 1.001; at *= 10) {
		static const double steps[] = { 1, 2, 5 };
		unsigned int i;

		for (i = 0; i < 3; i += few ? 1 : 3) {
			fprintf(p->gp, "%s'%s' %g", sep,
				fmt_cell(text, sizeof(text), at * steps[i],
					 "ns"), at * steps[i]);
			sep = ", ";
		}
	}
	fputs(")\n", p->gp);
}

static int spawn_gnuplot(const char *gp, const char *tsv, const char *out,
			 const char *kind, int err_fd, pid_t *pid)
{
	char *argv[] = {
		"gnuplot", "-c", (char *)gp, (char *)tsv, (char *)out,
		(char *)kind, NULL
	};
	posix_spawn_file_actions_t actions;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, err_fd, 2);
	posix_spawn_file_actions_adddup2(&actions, err_fd, 1);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	ret = -posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

/* All that comes from @fd, its line ends as blanks, until it is closed. */
static void read_complaint(int fd, char *buf, size_t size)
{
	size_t len = 0, i;
	char rest[256];
	ssize_t got;

	while ((got = read(fd, rest, sizeof(rest))) > 0)
		for (i = 0; i < (size_t)got && len + 1 < size; i++)
			buf[len++] = rest[i] < ' ' ? ' ' : rest[i];
	buf[len] = 0;
}

/* A gnuplot at work on one picture file. */
struct drawing {
	const char *kind;
	char tmp[PATH_MAX], final[PATH_MAX];
	int fd;			/* what it complains of */
	pid_t pid;
};

static int start_drawing(struct drawing *d, const char *gp, const char *tsv,
			 struct reason *why)
{
	int fds[2], ret;

	if (pipe2(fds, O_CLOEXEC))
		return reason_set(why, -errno, "cannot run gnuplot: %s",
				  strerror(errno));
	ret = spawn_gnuplot(gp, tsv, d->tmp, d->kind, fds[1], &d->pid);
	close(fds[1]);
	d->fd = fds[0];
	if (!ret)
		return 0;
	close(fds[0]);
	d->pid = 0;
	if (ret == -ENOENT)
		return reason_skip(why, -EOPNOTSUPP,
				   "gnuplot is not installed; install it with: apt-get install gnuplot-nox");
	return reason_set(why, ret, "cannot run gnuplot: %s", strerror(-ret));
}

static int wait_drawing(struct drawing *d, const char *gp, struct reason *why)
{
	char complaint[200];
	int status;

	read_complaint(d->fd, complaint, sizeof(complaint));
	close(d->fd);
	while (waitpid(d->pid, &status, 0) < 0)
		if (errno != EINTR)
			return reason_set(why, -errno,
					  "cannot wait for gnuplot: %s",
					  strerror(errno));
	if (!status)
		return 0;
	return reason_set(why, -EIO, "gnuplot failed on '%s': %s", gp,
			  *complaint ? complaint : "it gave no reason");
}

/* Does the picture end as a whole one does? */
static bool is_whole(const char *path, const char *kind)
{
	const char *end = strcmp(kind, "svg") ? "IEND" : "</svg>";
	char tail[65] = "";
	FILE *f = fopen(path, "re");
	size_t len = 0;

	if (!f)
		return false;
	if (fseek(f, -64, SEEK_END) || !(len = fread(tail, 1, 64, f))) {
		fclose(f);
		return false;
	}
	fclose(f);
	return memmem(tail, len, end, strlen(end));
}

static int finish_drawing(struct drawing *d, const char *gp,
			  struct reason *why)
{
	int ret = wait_drawing(d, gp, why);

	if (!ret && !is_whole(d->tmp, d->kind))
		ret = reason_set(why, -ENOSPC,
				 "gnuplot could not write all of '%s'; free space there or choose another directory",
				 d->final);
	if (!ret && rename(d->tmp, d->final))
		ret = reason_set(why, -errno, "cannot write '%s': %s", d->final,
				 strerror(errno));
	if (ret)
		unlink(d->tmp);
	return ret;
}

/* PNG and SVG at the same time: each takes a processor for a moment. */
static int draw(const struct picture *p, struct plot_out *o)
{
	struct drawing d[2] = { { .kind = "png" }, { .kind = "svg" } };
	char gp[PATH_MAX], tsv[PATH_MAX];
	int ret = 0, one;
	unsigned int i;

	snprintf(gp, sizeof(gp), "%s/%s.gp", o->dir, p->name);
	snprintf(tsv, sizeof(tsv), "%s/%s.tsv", o->dir, p->name);
	for (i = 0; i < 2 && !ret; i++) {
		snprintf(d[i].tmp, PATH_MAX, "%s/.%s.%s.%d.tmp", o->dir,
			 p->name, d[i].kind, (int)getpid());
		if (snprintf(d[i].final, PATH_MAX, "%s/%s.%s", o->dir, p->name,
			     d[i].kind) >= PATH_MAX)
			ret = reason_set(o->why, -ENAMETOOLONG,
					 "the name of picture '%s' is too long",
					 p->name);
		ret = ret ?: start_drawing(&d[i], gp, tsv, o->why);
	}
	for (i = 0; i < 2; i++) {
		one = d[i].pid ? finish_drawing(&d[i], gp, o->why) : 0;
		ret = ret ?: one;
	}
	return ret;
}

static int write_file(const struct picture *p, struct plot_out *o,
		      const char *ending, const char *text, size_t len)
{
	char name[NAME_MAX];

	snprintf(name, sizeof(name), "%s.%s", p->name, ending);
	return outfile_write(o->dir, name, text, len, o->why);
}

int picture_end(struct picture *p, struct plot_out *o)
{
	int ret = 0;

	if (!p->gp || fclose(p->gp) || !p->tsv || fclose(p->tsv))
		ret = reason_set(o->why, -ENOMEM, "no memory for picture '%s'",
				 p->name);
	if (!ret)
		ret = write_file(p, o, "gp", p->gp_text, p->gp_len);
	if (!ret)
		ret = write_file(p, o, "tsv", p->tsv_text, p->tsv_len);
	if (!ret)
		ret = draw(p, o);
	free(p->gp_text);
	free(p->tsv_text);
	if (ret)
		return ret;
	o->nr++;
	if (o->log)
		fprintf(o->log, "wrote %s/%s.png .svg .gp .tsv\n", o->dir,
			p->name);
	return 0;
}
