// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that answers page faults late, see faults.h: a guest's fault lasts
 * long enough for everything else to fall into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "faults.h"

#define MAX_DELAY_NS 300000u

static int open_fd(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int faults_probe(uint64_t features, struct reason *why)
{
	int fd = open_fd(features);

	if (fd < 0)
		return reason_skip(why, -EOPNOTSUPP,
				  "userfaultfd does not open, or lacks a feature (%s); run as root or set vm.unprivileged_userfaultfd",
				  strerror(errno));
	close(fd);
	return 0;
}

static void *faults_main(void *arg)
{
	struct faults *f = arg;
	struct pollfd pfd = { .fd = f->fd, .events = POLLIN };
	struct uffd_msg msg;

	while (!f->stop) {
		if (poll(&pfd, 1, 20) <= 0 ||
		    read(f->fd, &msg, sizeof(msg)) != sizeof(msg) ||
		    msg.event != UFFD_EVENT_PAGEFAULT)
			continue;
		timing_sleep_ns(rng_next(&f->rng) % MAX_DELAY_NS);
		f->answer(f, (msg.arg.pagefault.address -
			      (uintptr_t)f->w->view.mem) / 4096);
	}
	return NULL;
}

int faults_open(struct faults *f, struct world *w, uint64_t features,
		void (*answer)(struct faults *f, uint32_t page),
		struct reason *why)
{
	int err;

	f->w = w;
	f->rng = w->view.seed;
	f->answer = answer;
	f->fd = open_fd(features);
	if (f->fd < 0)
		return reason_set(why, -errno, "userfaultfd does not open: %s",
				  strerror(errno));
	err = pthread_create(&f->thread, NULL, faults_main, f);
	f->has_thread = !err;
	return err ? reason_set(why, -err, "no thread for userfaultfd") : 0;
}

void faults_close(struct faults *f)
{
	f->stop = true;
	if (f->has_thread)
		pthread_join(f->thread, NULL);
	if (f->w && f->fd >= 0)
		close(f->fd);
}

static struct uffdio_range range_of(const struct faults *f,
				    const struct world_span *s)
{
	return (struct uffdio_range){
		.start = (uintptr_t)world_hva(f->w, s->first),
		.len = s->nr * 4096ull,
	};
}

int faults_watch(struct faults *f, const struct world_span *s, uint64_t mode,
		 struct reason *why)
{
	struct uffdio_register reg = {
		.range = range_of(f, s), .mode = mode,
	};

	if (!ioctl(f->fd, UFFDIO_REGISTER, &reg))
		return 0;
	return reason_set(why, -errno, "UFFDIO_REGISTER failed: %s",
			  strerror(errno));
}

int faults_unwatch(struct faults *f, const struct world_span *s,
		   struct reason *why)
{
	struct uffdio_range range = range_of(f, s);

	if (!ioctl(f->fd, UFFDIO_UNREGISTER, &range))
		return 0;
	return reason_set(why, -errno, "UFFDIO_UNREGISTER failed: %s",
			  strerror(errno));
}
