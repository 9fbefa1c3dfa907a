/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of the user-space build, one function each. */
#ifndef MMU_USER_TESTS_H
#define MMU_USER_TESTS_H

#include "sim/hw.h"

/* How guest writes are logged, where the format leaves a choice. */
enum test_log { LOG_ANY, LOG_BY_D, LOG_BY_W };

struct test_args {
	enum hw_mode mode;
	u64 seed;
	u64 ops;
	bool threads;
	enum test_log log;
};

int test_cases(const struct test_args *a);
int test_codec(const struct test_args *a);
int test_count(const struct test_args *a);
int test_random(const struct test_args *a);
int test_states(const struct test_args *a);
int test_inter(const struct test_args *a);
int test_trace(const struct test_args *a);

#endif
