// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Did everything the host sent arrive?
 *
 * Takes apart the bytes of a host's second serial port: output lines are
 * handed on as they come, files, which come packed by gzip, are collected,
 * unpacked, checked against the length that precedes them and the CRC-32 that
 * gzip adds, and handed on whole.  The END record
 * says how many files there were, so a transfer that stops half-way or loses
 * a file cannot be taken for a complete one.  It cannot tell a command that
 * writes byte 1 itself from a record; such output is reported as damage.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "lab/run/stream.h"

/* Chosen: far above any result file, far below this machine's memory. */
#define MAX_FILE_BYTES (256u << 20)
/* zlib: what is added to the window bits to take gzip's format only. */
#define GZIP_HEADER 16

static void damaged(struct stream *s, const char *what)
{
	if (s->end == STREAM_DAMAGED)
		return;
	s->end = STREAM_DAMAGED;
	snprintf(s->damage, sizeof(s->damage), "%.127s", what);
}

/* A name stays below the directory that it is stored in. */
static int name_ok(const char *name)
{
	if (!*name || *name == '/' || strstr(name, "//"))
		return 0;
	return strcmp(name, "..") && strncmp(name, "../", 3) &&
	       !strstr(name, "/../") &&
	       (strlen(name) < 3 || strcmp(name + strlen(name) - 3, "/.."));
}

static void begin_file(struct stream *s, const char *args)
{
	int skip = 0;

	if (sscanf(args, "%zu %zu %n", &s->file_size, &s->data_size,
		   &skip) < 2 || !skip || !name_ok(args + skip) ||
	    s->file_size > MAX_FILE_BYTES || !s->data_size ||
	    s->data_size > MAX_FILE_BYTES ||
	    strlen(args + skip) >= sizeof(s->data_name)) {
		damaged(s, "a file record cannot be read");
		return;
	}
	snprintf(s->data_name, sizeof(s->data_name), "%s", args + skip);
	s->data = malloc(s->data_size);
	if (!s->data)
		damaged(s, "no memory for a file");
	s->data_len = 0;
}

/* Unpack s->data into @dst, which it must fill to the last byte; 0 or -1. */
static int unpack(const struct stream *s, char *dst)
{
	z_stream z = {
		.next_in = (unsigned char *)s->data, .avail_in = s->data_size,
		.next_out = (unsigned char *)dst, .avail_out = s->file_size,
	};
	int ret;

	if (inflateInit2(&z, MAX_WBITS + GZIP_HEADER) != Z_OK)
		return -1;
	ret = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return ret == Z_STREAM_END && !z.avail_in && !z.avail_out ? 0 : -1;
}

static void finish_file(struct stream *s)
{
	char *whole = malloc(s->file_size + 1);
	int err;

	if (!whole) {
		damaged(s, "no memory for a file");
	} else if (unpack(s, whole)) {
		snprintf(s->text, sizeof(s->text),
			 "the checksum or the length of %.64s is wrong",
			 s->data_name);
		damaged(s, s->text);
	} else {
		s->nr_files++;
		err = s->file(s->ctx, s->data_name, whole, s->file_size);
		if (err && !s->store_error)
			s->store_error = err;
	}
	free(whole);
	free(s->data);
	s->data = NULL;
}

static void finish_record(struct stream *s)
{
	const char *r = s->text;
	unsigned int nr;

	if (!strncmp(r, "LAB UP ", 7)) {
		s->up(s->ctx, r + 7);
	} else if (!strncmp(r, "LAB FILE ", 9)) {
		begin_file(s, r + 9);
	} else if (!strncmp(r, "LAB CANNOT ", 11)) {
		snprintf(s->cannot, sizeof(s->cannot), "%.255s", r + 11);
	} else if (!strncmp(r, "LAB BROKEN ", 11)) {
		snprintf(s->broken, sizeof(s->broken), "%.511s", r + 11);
	} else if (sscanf(r, "LAB END %u %d", &nr, &s->status) == 2) {
		if (nr != s->nr_files)
			damaged(s, "files are missing");
		else if (s->end == STREAM_OPEN)
			s->end = STREAM_COMPLETE;
	} else {
		damaged(s, "a record is unknown");
	}
}

static void finish_text(struct stream *s)
{
	while (s->text_len && s->text[s->text_len - 1] == '\r')
		s->text_len--;
	s->text[s->text_len] = '\0';
	s->text_len = 0;
	if (s->in_record)
		finish_record(s);
	else
		s->line(s->ctx, s->text);
	s->in_record = 0;
}

static void feed_text(struct stream *s, char c)
{
	if (c == '\n') {
		finish_text(s);
	} else if (c == 1) {
		if (s->text_len)
			finish_text(s);
		s->in_record = 1;
	} else {
		if (s->text_len == sizeof(s->text) - 1) {
			if (s->in_record)
				damaged(s, "a record is too long");
			finish_text(s);
		}
		s->text[s->text_len++] = c ? c : '?';
	}
}

void stream_feed(struct stream *s, const void *bytes, size_t n)
{
	const char *p = bytes;
	size_t part;

	while (n && s->end == STREAM_OPEN) {
		if (!s->data) {
			feed_text(s, *p++);
			n--;
		} else {
			part = s->data_size - s->data_len;
			part = part < n ? part : n;
			memcpy(s->data + s->data_len, p, part);
			s->data_len += part;
			p += part;
			n -= part;
		}
		if (s->data && s->data_len == s->data_size)
			finish_file(s);
	}
}

void stream_free(struct stream *s)
{
	free(s->data);
	s->data = NULL;
}
