// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty rings: how are entries given back, by one thread or by two?
 *
 * KVM takes back what is marked, from where it stopped last, and protects those
 * pages again.  Its answer is how many; the sum must become that of all
 * entries read.  Calls do not overlap in KVM, but what another thread's call took
 * back is added up a moment later.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dirty/kvm.h"
#include "dirty/ring.h"

/* Resets in a row that do nothing; more than one only under signals. */
#define RING_IDLE_RESETS 1000

/* One KVM_RESET_DIRTY_RINGS; the number of entries KVM took back, or -errno. */
static int ring_reset_once(struct dirty *d, struct reason *why)
{
	sigset_t all, old;
	int ret, err;

	sigfillset(&all);
	if (!(d->flags & DIRTY_RESET_SIGNALS))
		pthread_sigmask(SIG_BLOCK, &all, &old);
	ret = ioctl(d->rig->vm_fd, KVM_RESET_DIRTY_RINGS, 0);
	err = errno;
	if (!(d->flags & DIRTY_RESET_SIGNALS))
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret >= 0)
		return ret;
	if (err == EINTR)
		return 0;
	return reason_set(why, -err, "KVM_RESET_DIRTY_RINGS failed: %s",
			  strerror(err));
}

static bool is_beside(struct ring_priv *p)
{
	if (!__atomic_load_n(&p->nr_beside, __ATOMIC_SEQ_CST))
		return false;
	sched_yield();
	return true;
}

/* Without ->lock: KVM takes back whatever is marked at this moment. */
int ring_reset_beside(struct dirty *d, struct reason *why)
{
	struct ring_priv *p = d->priv;
	int ret;

	__atomic_add_fetch(&p->nr_beside, 1, __ATOMIC_SEQ_CST);
	ret = ring_reset_once(d, why);
	if (ret > 0)
		__atomic_add_fetch(&d->entries_reset, ret, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&p->nr_beside, 1, __ATOMIC_SEQ_CST);
	return ret < 0 ? ret : 0;
}

/*
 * Give the marked entries back; ->lock held.  Newer kernels (6.18, not
 * 6.12) break off when a signal is pending, without saying so, and forget to
 * write-protect the pages they were at (docs/findings/dirty-ring.md): signals are blocked,
 * unless the caller wants to see that, and the call is repeated.
 */
int ring_reset(struct dirty *d, struct reason *why)
{
	struct ring_priv *p = d->priv;
	unsigned int idle = 0;
	int ret;

	while (__atomic_load_n(&d->entries_reset, __ATOMIC_SEQ_CST) < d->entries) {
		ret = ring_reset_once(d, why);
		if (ret < 0)
			return ret;
		__atomic_add_fetch(&d->entries_reset, ret, __ATOMIC_SEQ_CST);
		idle = ret || is_beside(p) ? 0 : idle + 1;
		if (idle > RING_IDLE_RESETS)
			return reason_set(why, -EIO,
					  "KVM_RESET_DIRTY_RINGS took back no entry although %llu are marked",
					  (unsigned long long)(d->entries - d->entries_reset));
	}
	return 0;
}
