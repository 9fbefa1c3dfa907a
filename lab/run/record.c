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

#include "lab/run/record.h"
#include "base/uuid.h"

#define FAILURE_CASE "lab.run"

void record_identify(struct identity *id, const struct emu_ops *emu,
		     const struct image *img)
{
	struct words w = { .nr = 0 };
	char line[512] = "";

	memset(id, 0, sizeof(*id));
	words_add(&w, "/bin/sh");
	words_add(&w, "-c");
	words_add(&w, "sum() { sha256sum <\"$1\" | cut -d ' ' -f 1; }; echo $(sum \"$0\") $(sum \"$1\") $(%s)",
		  emu->version);
	words_add(&w, "%s", img->kernel);
	words_add(&w, "%s", img->initramfs);
	if (!w.failed && !proc_capture(w.v, line, sizeof(line)))
		sscanf(line, "%71s %71s %159[^\n]", id->kernel_sha256,
		       id->initramfs_sha256, id->emulator);
	words_free(&w);
}

static void put_text(FILE *f, const char *val)
{
	fputc('"', f);
	for (; *val; val++) {
		if (*val == '"' || *val == '\\')
			fprintf(f, "\\%c", *val);
		else if ((unsigned char)*val < ' ')
			fprintf(f, "\\u%04x", *val);
		else
			fputc(*val, f);
	}
	fputc('"', f);
}

static void put_member(FILE *f, const char *key, const char *val)
{
	fprintf(f, "\t\"%s\": ", key);
	put_text(f, val ? val : "");
	fputs(",\n", f);
}

static void put_number(FILE *f, const char *key, unsigned int val)
{
	fprintf(f, "\t\"%s\": %u,\n", key, val);
}

static void put_flag(FILE *f, const char *key, int val)
{
	fprintf(f, "\t\"%s\": %s,\n", key, val ? "true" : "false");
}

static void put_words(FILE *f, const char *key, const char *const *words,
		      size_t nr)
{
	fprintf(f, "\t\"%s\": [", key);
	for (size_t i = 0; i < nr; i++) {
		fputs(i ? ", " : "", f);
		put_text(f, words[i]);
	}
	fputs("],\n", f);
}

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

static void put_host(FILE *f, const struct lab_record *rec)
{
	const struct host *h = rec->host;

	put_member(f, "host", h->name);
	put_member(f, "emulator", rec->emu->label);
	put_member(f, "emulator_version", rec->identity->emulator);
	put_words(f, "emulator_argv", (const char *const *)rec->command->v,
		  rec->command->nr);
	put_member(f, "clock", rec->emu->clock(rec->opts->deterministic));
	put_flag(f, "deterministic", rec->opts->deterministic);
	if (emu_uses(rec->emu, "machine"))
		put_member(f, "machine", h->machine);
	put_member(f, "cpu", h->cpu);
	put_number(f, "cpus", h->cpus);
	put_number(f, "memory_mib", h->memory_mib);
	put_number(f, "nodes", h->nodes);
	if (emu_uses(rec->emu, "ips"))
		put_number(f, "ips", h->ips);
}

static void put_image(FILE *f, const struct lab_record *rec)
{
	const struct lab_opts *o = rec->opts;

	put_member(f, "kernel", rec->res->release);
	put_member(f, "kernel_key", rec->img->key);
	put_member(f, "kernel_image", rec->img->kernel);
	put_member(f, "kernel_sha256", rec->identity->kernel_sha256);
	put_words(f, "kernel_config", o->config.v, o->config.nr);
	put_member(f, "modules", o->modules);
	put_member(f, "kvm_modules", o->kvm_modules);
	put_member(f, "initramfs", rec->img->initramfs);
	put_member(f, "initramfs_sha256", rec->identity->initramfs_sha256);
	put_member(f, "append", rec->append);
	put_words(f, "env", o->env.v, o->env.nr);
	put_words(f, "argv", (const char *const *)o->argv, count(o->argv));
}

static void put_result(FILE *f, const struct lab_record *rec)
{
	put_member(f, "verdict", verdict_name(rec->res->verdict));
	if (*rec->why)
		put_member(f, "why", rec->why);
	if (*rec->alarm)
		put_member(f, "kernel_alarm", rec->alarm);
	put_flag(f, "partial", rec->partial);
	put_number(f, "cases", rec->nr_cases);
	fprintf(f, "\t\"boot_wall_s\": %.3f,\n\t\"wall_s\": %.3f\n",
		rec->res->boot_s, rec->res->wall_s);
}

/* Take over the text of @f, which open_memstream() made. */
static int put_file(struct store *store, FILE *f, char **text, size_t *n,
		    const char *name)
{
	int err = fclose(f) ? -ENOMEM : store_put(store, name, *text, *n);

	free(*text);
	return err;
}

int record_write(struct store *store, const struct lab_record *rec)
{
	char *text = NULL, name[128];
	size_t n = 0;
	FILE *f;

	f = open_memstream(&text, &n);
	if (!f)
		return -ENOMEM;
	fputs("{\n", f);
	put_host(f, rec);
	put_image(f, rec);
	put_result(f, rec);
	fputs("}\n", f);
	snprintf(name, sizeof(name), "%s/lab.json", rec->host->name);
	return put_file(store, f, &text, &n, name);
}

void record_failure_name(const struct host *host, char *name, size_t size)
{
	snprintf(name, size, "%s/" FAILURE_CASE ".jsonl", host->name);
}

int record_failure(struct store *store, const struct lab_record *rec)
{
	char *text = NULL, name[128], uuid[UUID_TEXT];
	size_t n = 0;
	FILE *f;

	f = open_memstream(&text, &n);
	if (!f)
		return -ENOMEM;
	uuid_make(uuid);
	fprintf(f, "{\"type\":\"run\",\"schema\":1,\"case\":\"" FAILURE_CASE
		"\",\"uuid\":\"%s\",\"time\":\"%s\",\"place\":\"%s\",\"emulator\":\"%s\",\"clock\":\"%s\"}\n",
		uuid, rec->stamp->time, rec->host->name, rec->emu->label,
		rec->emu->clock(rec->opts->deterministic));
	fputs("{\"type\":\"verdict\",\"verdict\":\"fail\",\"valid\":true,\"text\":", f);
	put_text(f, rec->why);
	fputs("}\n", f);
	record_failure_name(rec->host, name, sizeof(name));
	return put_file(store, f, &text, &n, name);
}
