// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take pages away and deliver them late: a thread answers missing faults of
 * userfaultfd, so that a guest's fault lasts long enough for everything else
 * to fall into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "mapping.h"

#define MAX_DELAY_NS 300000u
#define MAX_HOLD_NS 2000000u
#define MAX_PAGES 64u

struct uffd_priv {
	struct world *w;
	int fd;
	pthread_t thread;
	bool has_thread;
	volatile bool stop;
	uint64_t rng;
	/* A page is delivered by its state, so not while that is changed. */
	pthread_mutex_t lock;
	char page[4096] __attribute__((aligned(64)));
};

static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int uffd_probe(const struct world *w, struct reason *why)
{
	int err = mapping_is_private(w, why), fd;

	if (err)
		return err;
	fd = open_uffd();
	if (fd < 0)
		return reason_skip(why, -EOPNOTSUPP,
				  "userfaultfd does not open (%s); run as root or set vm.unprivileged_userfaultfd",
				  strerror(errno));
	close(fd);
	return 0;
}

/* The pages are held, so their stamps are those of now. */
static void deliver(struct uffd_priv *p, uint32_t page)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)world_hva(p->w, page), .len = 4096,
		.src = (uintptr_t)p->page,
	};

	pthread_mutex_lock(&p->lock);
	world_stamp(p->w, page, world_epoch(p->w, page), p->page);
	/* EEXIST: it was delivered already; ENOENT: it is not awaited any more. */
	ioctl(p->fd, UFFDIO_COPY, &copy);
	pthread_mutex_unlock(&p->lock);
}

static void *uffd_main(void *arg)
{
	struct uffd_priv *p = arg;
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	struct uffd_msg msg;

	while (!p->stop) {
		if (poll(&pfd, 1, 20) <= 0 ||
		    read(p->fd, &msg, sizeof(msg)) != sizeof(msg) ||
		    msg.event != UFFD_EVENT_PAGEFAULT)
			continue;
		timing_sleep_ns(rng_next(&p->rng) % MAX_DELAY_NS);
		deliver(p, (msg.arg.pagefault.address -
			    (uintptr_t)p->w->view.mem) / 4096);
	}
	return NULL;
}

static int uffd_open(struct world *w, void *priv, struct reason *why)
{
	struct uffd_priv *p = priv;
	int err;

	pthread_mutex_init(&p->lock, NULL);
	p->w = w;
	p->rng = w->view.seed;
	p->fd = open_uffd();
	if (p->fd < 0)
		return reason_set(why, -errno, "userfaultfd does not open: %s",
				  strerror(errno));
	err = pthread_create(&p->thread, NULL, uffd_main, p);
	p->has_thread = !err;
	return err ? reason_set(why, -err, "no thread for userfaultfd") : 0;
}

static void uffd_close(struct world *w, void *priv)
{
	struct uffd_priv *p = priv;

	p->stop = true;
	if (p->has_thread)
		pthread_join(p->thread, NULL);
	if (p->w && p->fd >= 0)
		close(p->fd);
}

/* From now on the pages are missing, and come with the stamp of their epoch. */
static int take_away(struct uffd_priv *p, struct world_span *s,
		     struct uffdio_register *reg, struct reason *why)
{
	struct world *w = p->w;
	int err = 0;

	s->nr = world_claim(w, s->first, s->nr);
	if (!s->nr)
		return 0;
	reg->range.start = (uintptr_t)world_hva(w, s->first);
	reg->range.len = s->nr * 4096ull;
	if (ioctl(p->fd, UFFDIO_REGISTER, reg))
		err = reason_set(why, -errno, "UFFDIO_REGISTER failed: %s",
				 strerror(errno));
	if (!err && madvise(world_hva(w, s->first), reg->range.len,
			    MADV_DONTNEED))
		err = reason_set(why, -errno, "madvise(DONTNEED) failed: %s",
				 strerror(errno));
	world_release(w, s->first, s->nr, err ? WORLD_KEPT : WORLD_STAMPED,
		      err ? WORLD_FREE : WORLD_HOLD);
	return err;
}

static int let_go(struct uffd_priv *p, const struct world_span *s,
		  struct uffdio_register *reg, struct reason *why)
{
	int err = 0;

	if (ioctl(p->fd, UFFDIO_UNREGISTER, &reg->range))
		err = reason_set(why, -errno, "UFFDIO_UNREGISTER failed: %s",
				 strerror(errno));
	world_reclaim(p->w, s->first, s->nr);
	world_release(p->w, s->first, s->nr, WORLD_KEPT, WORLD_FREE);
	return err;
}

static int uffd_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	struct uffd_priv *p = priv;
	struct world_span s = world_pick(w->view.first_steady, MAX_PAGES, rng);
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	uint64_t begin = timing_now_ns();
	uint32_t i;
	int err;

	pthread_mutex_lock(&p->lock);
	err = take_away(p, &s, &reg, why);
	pthread_mutex_unlock(&p->lock);
	if (err || !s.nr)
		return err;
	timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
	/* A page that nobody asked for would come as zeroes later. */
	for (i = 0; i < s.nr; i++)
		(void)*(volatile char *)world_hva(w, s.first + i);
	pthread_mutex_lock(&p->lock);
	err = let_go(p, &s, &reg, why);
	pthread_mutex_unlock(&p->lock);
	world_did(w, "uffd", "delivered late", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_uffd = {
	.name = "uffd",
	.summary = "take pages away, deliver them late by userfaultfd",
	.weight = 6,
	.priv_bytes = sizeof(struct uffd_priv),
	.probe = uffd_probe,
	.open = uffd_open,
	.step = uffd_step,
	.close = uffd_close,
};
