// SPDX-License-Identifier: GPL-2.0-only
/* mmubench lab: hand over to the lab's own program beside this one. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

int cmd_lab(int argc, char **argv)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/mmubench-lab", cmd_bin_dir());
	if (access(path, X_OK))
		return cmd_error(EXIT_USAGE,
				 "there is no %s; build the lab with make in the source tree",
				 path);
	argv[0] = path;
	execv(path, argv);
	return cmd_error(EXIT_FAIL, "cannot run %s: %s", path,
			 strerror(errno));
}
