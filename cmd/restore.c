// SPDX-License-Identifier: GPL-2.0-only
/* mmubench restore: undo what killed runs left changed on this host. */
#include <stdio.h>

#include "host/host.h"
#include "cmd.h"

static const struct opt no_opts[] = { OPT_END };

int cmd_restore(int argc, char **argv)
{
	struct opt_set set = { no_opts, NULL, NULL };
	char *operands[argc];
	struct reason why;
	int nr, ret;

	ret = cmd_parse(cmd_find("restore"), &set, 1, argc, argv, operands,
			&nr);
	if (ret)
		return ret - 1;
	if (nr)
		return cmd_error(EXIT_USAGE, "restore takes no arguments; got '%s'",
				 operands[0]);
	ret = host_restore_stale(&why);
	if (ret < 0)
		return cmd_failed(&why);
	if (ret)
		printf("%d setting%s restored\n", ret, ret == 1 ? "" : "s");
	else
		printf("nothing to restore\n");
	return EXIT_PASS;
}
