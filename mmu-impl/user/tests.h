/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of the user-space build, one function each. */
#ifndef MMU_USER_TESTS_H
#define MMU_USER_TESTS_H

#include "hw.h"

struct test_args {
	enum hw_mode mode;
	u64 seed;
	u64 ops;
	bool threads;
};

int test_random(const struct test_args *a);
int test_states(const struct test_args *a);
int test_inter(const struct test_args *a);
int test_trace(const struct test_args *a);

#endif
