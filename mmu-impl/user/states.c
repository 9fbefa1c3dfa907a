// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"
#include "tests.h"

int test_states(const struct test_args *a)
{
	(void)a;
	return 0;
}
