/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stressors share that answer page faults by userfaultfd: a thread that
 * waits a while with each.
 */
#ifndef MMUBENCH_STRESS_FAULTS_H
#define MMUBENCH_STRESS_FAULTS_H

#include "stressor.h"

struct faults {
	struct world *w;
	int fd;
	pthread_t thread;
	bool has_thread;
	volatile bool stop;
	uint64_t rng;
	/* Resolve the fault on @page; in the thread. */
	void (*answer)(struct faults *f, uint32_t page);
};

/* Can a userfaultfd with UFFD_FEATURE_* @features be opened?  0 or a skip. */
int faults_probe(uint64_t features, struct reason *why);
int faults_open(struct faults *f, struct world *w, uint64_t features,
		void (*answer)(struct faults *f, uint32_t page),
		struct reason *why);
/* From now on faults on @s are ours; @mode is a UFFDIO_REGISTER_MODE_*. */
int faults_watch(struct faults *f, const struct world_span *s, uint64_t mode,
		 struct reason *why);
int faults_unwatch(struct faults *f, const struct world_span *s,
		   struct reason *why);
/* Also after open failed or was not called. */
void faults_close(struct faults *f);

#endif
