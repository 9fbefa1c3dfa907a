// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/* What the files of this test share: its protocol, and hosts from a text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/emu/hosts.h"
#include "lab/test/unit.h"

static unsigned int nr_tests, nr_bad;

void ok(bool good, const char *name)
{
	nr_tests++;
	nr_bad += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", nr_tests, name);
}

int ok_all(void)
{
	printf("1..%u\n", nr_tests);
	return nr_bad != 0;
}

int load_text(const char *text, struct hosts *hosts, struct reason *why)
{
	char path[] = "/tmp/lab-unit-XXXXXX";
	int fd = mkstemp(path), ret = -EIO;

	memset(hosts, 0, sizeof(*hosts));
	why->text[0] = '\0';
	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		ret = hosts_load(hosts, path, why);
	/* Its name stands in every complaint. */
	if (ret && !strstr(why->text, path))
		ret = -EIO;
	close(fd);
	unlink(path);
	return ret;
}
