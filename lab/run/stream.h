/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_STREAM_H
#define LAB_STREAM_H

#include <stddef.h>

enum stream_end {
	STREAM_OPEN,		/* no END record yet */
	STREAM_COMPLETE,	/* END came and every file is whole */
	STREAM_DAMAGED,		/* a record or a checksum is wrong */
};

/*
 * What comes out of a host's second serial port (lab/image/init has the format):
 * lines, and records between them.  Feed bytes as they arrive, in any cut.
 */
struct stream {
	/* One line of the command's own output, without its newline. */
	void (*line)(void *ctx, const char *text);
	/* A whole file with the right checksum; returns 0 or -errno. */
	int (*file)(void *ctx, const char *name, const void *data, size_t n);
	void (*up)(void *ctx, const char *release);
	void *ctx;

	/* Read by the caller. */
	enum stream_end end;
	int status;		/* exit status of the command, after END */
	int store_error;	/* first error of file(), as -errno, or 0 */
	unsigned int nr_files;
	char cannot[256];	/* why this kernel cannot, or empty */
	char broken[512];	/* why it does not though it should, or empty */
	char damage[128];	/* what is wrong, if damaged */

	/* Private. */
	char text[4096];	/* the line or record being collected */
	size_t text_len;
	int in_record;
	char *data;		/* the packed file being collected */
	size_t data_len, data_size;
	size_t file_size;	/* unpacked */
	char data_name[512];
};

void stream_feed(struct stream *s, const void *bytes, size_t n);
void stream_free(struct stream *s);

#endif
