// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's own counters through the binary stats fds, see kstat.h.
 *
 * Answers "what did the MMU do between two points".  It cannot split a
 * counter by cause, and flushes that the CPU broadcasts itself, or that an
 * architecture hook handles by range, are not counted by KVM at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "probe/kstat.h"
#include "record/rec.h"

/* One stats fd: its descriptors and where its data lies. */
struct source {
	int fd;
	struct kvm_stats_header header;
	char *descs;
	size_t data_bytes;
};

struct kstat {
	struct source vm;
	struct source *vcpu;
	unsigned int nr_vcpus;
	int err;	/* of the first snapshot that failed */
};

struct kstat_snap {
	const struct kstat *k;
	uint64_t *vm;
	uint64_t **vcpu;
};

static const struct kvm_stats_desc *desc_at(const struct source *s,
					    unsigned int i)
{
	size_t size = sizeof(struct kvm_stats_desc) + s->header.name_size;

	return (const void *)(s->descs + i * size);
}

static int read_fully(int fd, void *buf, size_t size, off_t at)
{
	ssize_t got = pread(fd, buf, size, at);

	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EIO;
}

static int source_open(struct source *s, int kvm_fd, struct reason *why)
{
	size_t bytes;
	unsigned int i;
	int ret;

	s->fd = ioctl(kvm_fd, KVM_GET_STATS_FD, NULL);
	if (s->fd < 0)
		return reason_set(why, -errno, "this KVM has no binary statistics: %s",
				  strerror(errno));
	ret = read_fully(s->fd, &s->header, sizeof(s->header), 0);
	if (ret)
		goto bad;
	bytes = s->header.num_desc *
		(sizeof(struct kvm_stats_desc) + s->header.name_size);
	s->descs = malloc(bytes);
	if (!s->descs)
		return reason_set(why, -ENOMEM, "no memory for KVM statistics");
	ret = read_fully(s->fd, s->descs, bytes, s->header.desc_offset);
	if (ret)
		goto bad;
	for (i = 0; i < s->header.num_desc; i++) {
		const struct kvm_stats_desc *d = desc_at(s, i);
		size_t end = d->offset + d->size * sizeof(uint64_t);

		if (end > s->data_bytes)
			s->data_bytes = end;
	}
	return 0;
bad:
	return reason_set(why, ret, "cannot read KVM statistics: %s",
			  strerror(-ret));
}

static void source_close(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->descs);
}

struct kstat *kstat_open(int vm_fd, const int *vcpu_fds, unsigned int nr_vcpus,
			 struct reason *why)
{
	struct kstat *k = calloc(1, sizeof(*k));
	unsigned int i;

	if (k)
		k->vcpu = calloc(nr_vcpus, sizeof(*k->vcpu));
	if (!k || !k->vcpu) {
		free(k);
		reason_set(why, -ENOMEM, "no memory for KVM statistics");
		return NULL;
	}
	k->nr_vcpus = nr_vcpus;
	k->vm.fd = -1;
	for (i = 0; i < nr_vcpus; i++)
		k->vcpu[i].fd = -1;
	if (source_open(&k->vm, vm_fd, why))
		goto bad;
	for (i = 0; i < nr_vcpus; i++)
		if (source_open(&k->vcpu[i], vcpu_fds[i], why))
			goto bad;
	return k;
bad:
	kstat_close(k);
	return NULL;
}

void kstat_close(struct kstat *k)
{
	unsigned int i;

	if (!k)
		return;
	source_close(&k->vm);
	for (i = 0; i < k->nr_vcpus; i++)
		source_close(&k->vcpu[i]);
	free(k->vcpu);
	free(k);
}

static int source_read(const struct source *s, uint64_t **data)
{
	*data = calloc(1, s->data_bytes ? s->data_bytes : 1);
	if (!*data)
		return -ENOMEM;
	return read_fully(s->fd, *data, s->data_bytes, s->header.data_offset);
}

static int snap_read(struct kstat_snap *s, const struct kstat *k)
{
	unsigned int i;
	int err;

	s->k = k;
	s->vcpu = calloc(k->nr_vcpus, sizeof(*s->vcpu));
	if (!s->vcpu)
		return -ENOMEM;
	err = source_read(&k->vm, &s->vm);
	for (i = 0; !err && i < k->nr_vcpus; i++)
		err = source_read(&k->vcpu[i], &s->vcpu[i]);
	return err;
}

struct kstat_snap *kstat_snap(struct kstat *k)
{
	struct kstat_snap *s;
	int err;

	if (!k)
		return NULL;
	s = calloc(1, sizeof(*s));
	err = s ? snap_read(s, k) : -ENOMEM;
	if (!err)
		return s;
	if (!k->err)
		k->err = err;
	kstat_snap_free(s);
	return NULL;
}

int kstat_error(const struct kstat *k)
{
	return k ? k->err : 0;
}

void kstat_snap_free(struct kstat_snap *s)
{
	unsigned int i;

	if (!s)
		return;
	for (i = 0; s->vcpu && i < s->k->nr_vcpus; i++)
		free(s->vcpu[i]);
	free(s->vcpu);
	free(s->vm);
	free(s);
}

static const struct kvm_stats_desc *find(const struct source *s,
					 const char *name)
{
	unsigned int i;

	for (i = 0; i < s->header.num_desc; i++)
		if (!strcmp(desc_at(s, i)->name, name))
			return desc_at(s, i);
	return NULL;
}

bool kstat_has(const struct kstat *k, const char *name)
{
	return k && (find(&k->vm, name) ||
		     (k->nr_vcpus && find(&k->vcpu[0], name)));
}

static int64_t value_of(const struct kvm_stats_desc *d, const uint64_t *data)
{
	return d && data ? (int64_t)data[d->offset / sizeof(*data)] : 0;
}

static int64_t vcpu_value(const struct kstat_snap *s, unsigned int vcpu,
			  const char *name)
{
	if (!s || !s->vcpu || vcpu >= s->k->nr_vcpus)
		return 0;
	return value_of(find(&s->k->vcpu[vcpu], name), s->vcpu[vcpu]);
}

int64_t kstat_value(const struct kstat_snap *s, const char *name)
{
	const struct kvm_stats_desc *d;
	int64_t sum = 0;
	unsigned int i;

	if (!s)
		return 0;
	d = find(&s->k->vm, name);
	if (d)
		return value_of(d, s->vm);
	for (i = 0; i < s->k->nr_vcpus; i++)
		sum += vcpu_value(s, i, name);
	return sum;
}

void kstat_sum_fail(struct kstat_sum *sum, int err)
{
	if (!sum->err)
		sum->err = err;
}

void kstat_sum_count(struct kstat_sum *sum, const char *name, int64_t value)
{
	struct kstat_count *grown;
	unsigned int i;

	for (i = 0; i < sum->nr; i++) {
		if (!strcmp(sum->counts[i].name, name)) {
			sum->counts[i].value += value;
			return;
		}
	}
	grown = realloc(sum->counts, (sum->nr + 1) * sizeof(*grown));
	if (!grown) {
		kstat_sum_fail(sum, -ENOMEM);
		return;
	}
	sum->counts = grown;
	snprintf(grown[sum->nr].name, sizeof(grown->name), "%s", name);
	grown[sum->nr++].value = value;
}

static void sum_source(struct kstat_sum *sum, const struct source *src,
		       const struct kstat_snap *before,
		       const struct kstat_snap *after)
{
	unsigned int i;
	int64_t delta;

	for (i = 0; i < src->header.num_desc; i++) {
		const struct kvm_stats_desc *d = desc_at(src, i);

		/* Histograms, time and sizes are no counts of events. */
		if (d->size != 1 ||
		    (d->flags & KVM_STATS_UNIT_MASK) != KVM_STATS_UNIT_NONE)
			continue;
		delta = kstat_delta(before, after, d->name);
		if (delta)
			kstat_sum_count(sum, d->name, delta);
	}
}

void kstat_sum_add(struct kstat_sum *sum, const struct kstat_snap *before,
		   const struct kstat_snap *after)
{
	if (!before || !after)
		return;
	sum_source(sum, &after->k->vm, before, after);
	if (after->k->nr_vcpus)
		sum_source(sum, &after->k->vcpu[0], before, after);
}

void kstat_sum_free(struct kstat_sum *sum)
{
	free(sum->counts);
	memset(sum, 0, sizeof(*sum));
}

void kstat_sum_record(struct rec *r, const char *prefix,
		      const struct kstat_sum *sum)
{
	char name[128];
	unsigned int i;

	if (sum->err)
		rec_invalid(r, "the counters %s.* are incomplete and left out: %s",
			    prefix, strerror(-sum->err));
	for (i = 0; !sum->err && i < sum->nr; i++) {
		if (!sum->counts[i].value)
			continue;
		snprintf(name, sizeof(name), "%s.%s", prefix,
			 sum->counts[i].name);
		rec_count(r, name, sum->counts[i].value, "events",
			  BETTER_NONE);
	}
}
