// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a run's files lie: a directory of its own, named so that it sorts by
 * date and tells the host, the kernel and the profile.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/uuid.h"
#include "base/version.h"
#include "host/host.h"
#include "record/place.h"
#include "sink/report.h"
#include "cmd.h"

/* File names stay portable: other characters become '_'. */
static void plain(char *text)
{
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr("._+", *text))
			*text = '_';
	}
}

/* False when the name does not fit. */
static bool name_run(struct rundir *rd, const char *parent,
		     const char *profile)
{
	struct utsname u;
	time_t now = time(NULL);
	char date[24];
	struct tm tm;

	uname(&u);
	plain(u.nodename);
	plain(u.release);
	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &tm);
	return snprintf(rd->path, sizeof(rd->path),
			"%s/%s-%.40s-%.40s-%s-%.8s", parent, date, u.nodename,
			u.release, profile, rd->uuid) < (int)sizeof(rd->path);
}

static int write_host_json(const struct rundir *rd, int argc, char **argv,
			   struct reason *why)
{
	json_t *j, *words = json_array();
	char *text;
	int i, err;

	for (i = 0; i < argc; i++)
		json_array_append_new(words, json_string(argv[i]));
	j = json_pack("{s:s, s:s, s:o, s:o, s:o}", "run_uuid", rd->uuid,
		      "version", mmubench_version, "argv", words, "env",
		      host_env_json(), "doctor", doctor_findings());
	text = json_dumps(j, JSON_INDENT(1));
	json_decref(j);
	if (!text)
		return reason_set(why, -ENOMEM, "no memory for host.json");
	err = outfile_write(rd->records, "host.json", text, strlen(text), why);
	free(text);
	return err;
}

void rundir_round(struct rundir *rd, unsigned int round)
{
	size_t len;

	snprintf(rd->records, sizeof(rd->records), "%s/%s", rd->path,
		 place_name());
	len = strlen(rd->records);
	if (round)
		snprintf(rd->records + len, sizeof(rd->records) - len, ".%u",
			 round + 1);
}

/* results/latest names the newest run; that it fails spoils nothing. */
static void point_latest(const struct rundir *rd)
{
	const char *name = strrchr(rd->path, '/') + 1;
	char link[1100], temp[1120];

	snprintf(link, sizeof(link), "%.*slatest", (int)(name - rd->path),
		 rd->path);
	snprintf(temp, sizeof(temp), "%s.%d", link, (int)getpid());
	if (symlink(name, temp))
		return;
	if (rename(temp, link))
		unlink(temp);
}

int rundir_open(struct rundir *rd, const char *parent, const char *exact,
		const char *profile, int argc, char **argv,
		struct reason *why)
{
	bool fits;
	int err;

	err = place_check(why);
	if (err)
		return err;
	uuid_make(rd->uuid);
	if (*exact)
		fits = snprintf(rd->path, sizeof(rd->path), "%s", exact) <
		       (int)sizeof(rd->path);
	else
		fits = name_run(rd, parent, profile);
	if (!fits)
		return reason_usage(why, -ENAMETOOLONG,
				    "the name of results directory '%.60s...' is too long; choose a shorter one",
				    *exact ? exact : parent);
	rundir_round(rd, 0);
	setenv("MMUBENCH_RUN", rd->uuid, 1);
	err = outfile_mkdirs(rd->records, why);
	if (err)
		return err;
	rd->is_new = !*exact;
	return write_host_json(rd, argc, argv, why);
}

void rundir_has_case(struct rundir *rd)
{
	if (rd->is_new)
		point_latest(rd);
	rd->is_new = false;
}

void rundir_discard(const struct rundir *rd)
{
	char file[1120];

	if (!rd->is_new)
		return;
	snprintf(file, sizeof(file), "%s/host.json", rd->records);
	unlink(file);
	rmdir(rd->records);
	rmdir(rd->path);
}

static int write_summary(const struct rundir *rd, struct reason *why)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	int err;

	out = open_memstream(&text, &size);
	if (!out)
		return reason_set(why, -ENOMEM, "no memory for the summary");
	err = report_run(rd->path, "summary", out, why);
	fclose(out);
	if (!err)
		err = outfile_write(rd->path, "summary.txt", text, size, why);
	free(text);
	return err;
}

int rundir_report(const struct rundir *rd, const char *format,
		  struct reason *why)
{
	int err = write_summary(rd, why);

	if (!strcmp(format, "none") || err)
		return err;
	return report_run(rd->path, format, stdout, why);
}
