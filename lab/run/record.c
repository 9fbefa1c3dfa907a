// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What was run, so that it can be made again, and did it break?
 *
 * Writes two files beside a host's results: lab.json, which names the host's
 * keys, the command line, the emulator's version and words, and the checksums
 * of what was booted; and, for a run that broke, a record of a case of its
 * own, because reports are made of records and a run that lost cases must not
 * look whole.  It cannot tell a changed library of the emulator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/uuid.h"
#include "lab/base/tool.h"
#include "lab/run/record.h"
#include "record/rec.h"

#define FAILURE_CASE "lab.run"

void record_identify(struct identity *id, const struct emu_ops *emu,
		     const struct image *img)
{
	struct words w = { .nr = 0 };
	struct reason why;
	char line[512];

	memset(id, 0, sizeof(*id));
	words_add_all(&w, "/bin/sh", "-c", NULL);
	words_add(&w, "sum() { sha256sum <\"$1\" | cut -d ' ' -f 1; }; echo $(sum \"$0\") $(sum \"$1\") $(%s)",
		  emu->version);
	words_add_all(&w, img->kernel, img->initramfs, NULL);
	if (!tool_line(&w, line, sizeof(line), &why))
		sscanf(line, "%71s %71s %159[^\n]", id->kernel_sha256,
		       id->initramfs_sha256, id->emulator);
}

static json_t *array_of(const char *const *words, size_t nr)
{
	json_t *all = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(all, json_string(words[i]));
	return all;
}

static json_t *array_of_argv(char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return array_of((const char *const *)argv, n);
}

static void set_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void set_number(json_t *o, const char *key, unsigned int n)
{
	json_object_set_new(o, key, json_integer(n));
}

static void set_flag(json_t *o, const char *key, bool on)
{
	json_object_set_new(o, key, json_boolean(on));
}

static void set_host(json_t *o, const struct lab_record *rec)
{
	const struct host *h = rec->job->host;
	bool deterministic = rec->job->opts->deterministic;

	set_text(o, "host", h->name);
	set_text(o, "emulator", rec->emu->label);
	set_text(o, "emulator_version", rec->identity->emulator);
	json_object_set_new(o, "emulator_argv",
			    array_of((const char *const *)rec->command->v,
				     rec->command->nr));
	set_text(o, "clock", rec->emu->clock(deterministic));
	set_flag(o, "deterministic", deterministic);
	if (emu_uses(rec->emu, "machine"))
		set_text(o, "machine", h->machine);
	set_text(o, "cpu", h->cpu);
	set_number(o, "cpus", h->cpus);
	set_number(o, "memory_mib", h->memory_mib);
	set_number(o, "nodes", h->nodes);
	if (emu_uses(rec->emu, "ips"))
		set_number(o, "ips", h->ips);
}

static void set_image(json_t *o, const struct lab_record *rec)
{
	const struct image *img = rec->job->img;
	const struct image_opts *from = img->opts;
	const struct opt_list *env = &rec->job->opts->env;

	set_text(o, "kernel", rec->res->release);
	set_text(o, "kernel_key", img->key);
	set_text(o, "kernel_image", img->kernel);
	set_text(o, "kernel_sha256", rec->identity->kernel_sha256);
	json_object_set_new(o, "kernel_config",
			    array_of(from->config.v, from->config.nr));
	set_text(o, "modules", from->modules);
	set_text(o, "kvm_modules", from->kvm_modules);
	set_text(o, "initramfs", img->initramfs);
	set_text(o, "initramfs_sha256", rec->identity->initramfs_sha256);
	set_text(o, "append", rec->append);
	json_object_set_new(o, "env", array_of(env->v, env->nr));
	json_object_set_new(o, "argv", array_of_argv(rec->job->task->argv));
}

/* To a millisecond: what is behind it says nothing. */
static void set_seconds(json_t *o, const char *key, double s)
{
	json_object_set_new(o, key, json_real((long long)(s * 1000 + .5) / 1e3));
}

const char *record_verdict_word(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "PASS";
	case VERDICT_SKIP:
		return "SKIP";
	case VERDICT_USAGE:
		return "USAGE";
	default:
		return "FAIL";
	}
}

static void set_result(json_t *o, const struct lab_record *rec)
{
	set_text(o, "verdict", record_verdict_word(rec->res->verdict));
	if (*rec->why)
		set_text(o, "why", rec->why);
	if (*rec->alarm)
		set_text(o, "kernel_alarm", rec->alarm);
	set_flag(o, "partial", rec->partial);
	set_number(o, "cases", rec->nr_cases);
	set_seconds(o, "boot_wall_s", rec->res->boot_s);
	set_seconds(o, "wall_s", rec->res->wall_s);
}

int record_write(struct store *store, const struct lab_record *rec,
		 struct reason *why)
{
	json_t *o = json_object();
	char name[128], *text;
	int err;

	set_host(o, rec);
	set_image(o, rec);
	set_result(o, rec);
	text = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	json_decref(o);
	snprintf(name, sizeof(name), "%s/lab.json", rec->job->host->name);
	if (!text)
		return reason_set(why, -ENOMEM, "no memory for %s", name);
	err = store_put(store, name, text, strlen(text), why);
	free(text);
	return err;
}

void record_failure_name(const struct host *host, char *name, size_t size)
{
	snprintf(name, size, "%s/" FAILURE_CASE ".jsonl", host->name);
}

/* Print a line of a record; takes over @line. */
static void put_line(FILE *f, json_t *line)
{
	if (line)
		json_dumpf(line, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(line);
}

int record_failure(struct store *store, const struct lab_record *rec,
		   struct reason *why)
{
	const struct host *h = rec->job->host;
	char *text = NULL, name[128], uuid[UUID_TEXT];
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int err;

	record_failure_name(h, name, sizeof(name));
	if (!f)
		return reason_set(why, -ENOMEM, "no memory for %s", name);
	uuid_make(uuid);
	put_line(f, json_pack("{sssissssssssssss}", "type", "run", "schema",
			      REC_SCHEMA, "case", FAILURE_CASE, "uuid", uuid,
			      "time", rec->stamp->time, "place", h->name,
			      "emulator", rec->emu->label, "clock",
			      rec->emu->clock(rec->job->opts->deterministic)));
	put_line(f, json_pack("{sssssbss}", "type", "verdict", "verdict",
			      verdict_name(VERDICT_FAIL), "valid", 1, "text",
			      rec->why));
	err = fclose(f) ? reason_set(why, -ENOMEM, "no memory for %s", name) :
			  store_put(store, name, text, n, why);
	free(text);
	return err;
}
