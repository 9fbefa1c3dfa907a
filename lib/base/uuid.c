// SPDX-License-Identifier: GPL-2.0-only
/*
 * What names a run, so that two copies of one record are known as such?
 *
 * The kernel's random UUID.  A host that repeats gives the same ones in every
 * run; the lab changes them in what comes back (lab/run/stamp.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "base/uuid.h"

void uuid_make(char uuid[UUID_TEXT])
{
	FILE *f = fopen("/proc/sys/kernel/random/uuid", "re");

	if (!f || !fgets(uuid, UUID_TEXT, f))
		snprintf(uuid, UUID_TEXT, "%016llx-%08x",
			 (unsigned long long)timing_now_ns(), rand());
	if (f)
		fclose(f);
}
