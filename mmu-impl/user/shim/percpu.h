/* SPDX-License-Identifier: GPL-2.0-only */
/* One CPU as far as counters are concerned; parameters are variables. */
#ifndef MMU_USER_PERCPU_H
#define MMU_USER_PERCPU_H

#include "shim/kernel.h"

#define DECLARE_PER_CPU(t, n) extern t n
#define DEFINE_PER_CPU(t, n) t n
#define this_cpu_add(v, n) \
	((void)__atomic_fetch_add(&(v), n, __ATOMIC_RELAXED))
#define this_cpu_inc(v) this_cpu_add(v, 1)
#define per_cpu(v, cpu) (*((void)(cpu), &(v)))
#define per_cpu_ptr(p, cpu) ((void)(cpu), (p))
#define this_cpu_ptr(p) (p)
#define for_each_possible_cpu(c) for ((c) = 0; (c) < 1; (c)++)

struct kernel_param {
	void *arg;
};

struct kernel_param_ops {
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
};

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4)));
#define sysfs_emit(buf, ...) sysfs_emit_at(buf, 0, __VA_ARGS__)

#endif
