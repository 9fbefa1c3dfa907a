// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can this rig be built here?  Every size and every host resource is checked
 * before the selftests library is called, because the library's own answer to
 * bad input is an assertion.  What it cannot tell: memory that another
 * process takes between the check and its use.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "base/opt.h"
#include "internal.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

uint64_t rig_total_bytes(const struct rig_config *cfg)
{
	return cfg->vcpu_bytes * (cfg->overlap ? 1 : cfg->nr_vcpus);
}

/* So that it fits above mem_gva; far from what a host has. */
#define RIG_MAX_BYTES (64 * 1024 * GIB)

static bool is_power_of_2(uint64_t v)
{
	return v && !(v & (v - 1));
}

static int check_vcpus(const struct rig_config *cfg, struct reason *why)
{
	if (!cfg->nr_vcpus)
		return reason_usage(why, -EINVAL, "0 vCPUs measure nothing");
	return 0;
}

static int check_guest_page(const struct rig_config *cfg, struct reason *why)
{
	if (cfg->guest_page_bytes != 4 * KIB &&
	    cfg->guest_page_bytes != 2 * MIB && cfg->guest_page_bytes != GIB)
		return reason_usage(why, -EINVAL, "a guest page is 4K, 2M or 1G");
	return 0;
}

/* The larger of a page of the backing and a guest page. */
static uint64_t step_bytes(const struct rig_config *cfg)
{
	uint64_t backing = rig_backing_page_bytes(cfg->backing);

	return backing > cfg->guest_page_bytes ? backing :
						 cfg->guest_page_bytes;
}

static int check_bytes(const struct rig_config *cfg, struct reason *why)
{
	uint64_t regions = cfg->overlap ? 1 : cfg->nr_vcpus;
	char bytes[24], step[24];

	opt_format_bytes(cfg->vcpu_bytes, bytes, sizeof(bytes));
	opt_format_bytes(step_bytes(cfg), step, sizeof(step));
	if (!cfg->vcpu_bytes)
		return reason_usage(why, -EINVAL, "0 bytes measure nothing");
	if (cfg->vcpu_bytes % step_bytes(cfg))
		return reason_usage(why, -EINVAL,
				    "%s is not a multiple of %s, the page size of the %s backing and of the guest",
				    bytes, step, rig_backing_names[cfg->backing]);
	if (cfg->vcpu_bytes > RIG_MAX_BYTES / regions)
		return reason_usage(why, -EINVAL,
				    "%s for each of %" PRIu64 " vCPUs is more than the 64T that a guest can have",
				    bytes, regions);
	return 0;
}

static int check_unit(const struct rig_config *cfg, struct reason *why)
{
	unsigned int sharers = cfg->overlap ? cfg->nr_vcpus : 1;
	char unit[24], bytes[24];

	opt_format_bytes(cfg->unit_bytes, unit, sizeof(unit));
	opt_format_bytes(cfg->vcpu_bytes, bytes, sizeof(bytes));
	if (!is_power_of_2(cfg->unit_bytes) || cfg->unit_bytes < GUEST_UNIT_MIN)
		return reason_usage(why, -EINVAL,
				    "%s is not a power of two of at least %u", unit,
				    GUEST_UNIT_MIN);
	if (cfg->unit_bytes > cfg->vcpu_bytes)
		return reason_usage(why, -EINVAL,
				    "%s does not fit into the %s of a vCPU", unit,
				    bytes);
	if (cfg->vcpu_bytes / cfg->unit_bytes > ORDER_UNIT_MASK)
		return reason_usage(why, -EINVAL,
				    "the %s of a vCPU hold 2^30 units of %s or more; give a larger unit",
				    bytes, unit);
	if (GUEST_UNIT_WORD(sharers) > cfg->unit_bytes)
		return reason_usage(why, -EINVAL,
				    "%s has no room for the words of %u overlapping vCPUs; give a larger unit",
				    unit, sharers);
	return 0;
}

static int check_slots(const struct rig_config *cfg, struct reason *why)
{
	uint64_t total = rig_total_bytes(cfg);
	char bytes[24], step[24];

	if (cfg->nr_slots && total % cfg->nr_slots == 0 &&
	    total / cfg->nr_slots % rig_backing_page_bytes(cfg->backing) == 0 &&
	    total / cfg->nr_slots >= step_bytes(cfg))
		return 0;
	opt_format_bytes(total, bytes, sizeof(bytes));
	opt_format_bytes(step_bytes(cfg), step, sizeof(step));
	return reason_usage(why, -EINVAL,
			    "%s of memory cannot be cut into %u equal memslots of whole pages and at least %s",
			    bytes, cfg->nr_slots, step);
}

static int check_gpa(const struct rig_config *cfg, struct reason *why)
{
	char step[24];

	if (!cfg->gpa || (cfg->gpa >= RIG_AUX_GPA + 4 * GIB &&
			  cfg->gpa % step_bytes(cfg) == 0))
		return 0;
	opt_format_bytes(step_bytes(cfg), step, sizeof(step));
	return reason_usage(why, -EINVAL,
			    "0x%" PRIx64 " is below 8G or not a multiple of %s, the page size of the backing and of the guest",
			    cfg->gpa, step);
}

/* In this order: a rule may take for granted what the rules above it check. */
static const struct {
	const char *name;	/* for a sentence that knows no better one */
	int (*check)(const struct rig_config *cfg, struct reason *why);
} rules[NR_RIG_SIZES] = {
	[RIG_VCPUS] = { "vCPUs", check_vcpus },
	[RIG_GUEST_PAGE] = { "guest page", check_guest_page },
	[RIG_VCPU_BYTES] = { "memory per vCPU", check_bytes },
	[RIG_UNIT] = { "unit", check_unit },
	[RIG_SLOTS] = { "memslots", check_slots },
	[RIG_GPA] = { "guest physical address", check_gpa },
};

int rig_check_sizes(const struct rig_config *cfg, const char *const *names,
		    struct reason *why)
{
	struct reason bad;
	unsigned int i;
	int err;

	for (i = 0; i < NR_RIG_SIZES; i++) {
		err = rules[i].check(cfg, &bad);
		if (err)
			return reason_pass_on(why, &bad,
					      names ? names[i] : rules[i].name);
	}
	return 0;
}

static uint64_t meminfo_bytes(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	uint64_t kib, found = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^:]: %" SCNu64, name, &kib) == 2 &&
		    !strcmp(name, key))
			found = kib * KIB;
	if (f)
		fclose(f);
	return found;
}

static uint64_t free_hugepages(uint64_t page_bytes)
{
	char path[96];
	uint64_t nr = 0;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages",
		 page_bytes / KIB);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%" SCNu64, &nr) != 1)
		nr = 0;
	fclose(f);
	return nr;
}

static int check_hugepages(uint64_t need, uint64_t page, struct reason *why)
{
	uint64_t have = free_hugepages(page);

	if (have >= need / page)
		return 0;
	return reason_skip(why, -EOPNOTSUPP,
			   "this needs %" PRIu64 " free huge pages of %" PRIu64 "kB and there are %" PRIu64 "; echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			   need / page, page / KIB, have, need / page,
			   page / KIB);
}

static int check_memory(const struct rig_config *cfg, struct reason *why)
{
	uint64_t guest = rig_total_bytes(cfg), need = cfg->host_bytes, have;
	char a[24], b[24];
	int err;

	if (cfg->backing == BACKING_HUGETLB_2M ||
	    cfg->backing == BACKING_HUGETLB_1G) {
		err = check_hugepages(guest,
				      rig_backing_page_bytes(cfg->backing), why);
		if (err)
			return err;
	} else {
		need += guest;
	}
	have = meminfo_bytes("MemAvailable");
	/* Page tables, order tables and oracles take up to a tenth more. */
	if (!have || need + guest / 10 + 16 * MIB <= have)
		return 0;
	opt_format_bytes(need, a, sizeof(a));
	opt_format_bytes(have / MIB * MIB, b, sizeof(b));
	return reason_skip(why, -EOPNOTSUPP,
			   "this needs %s of memory and %s is available; use fewer --vcpus or less --bytes",
			   a, b);
}

static int check_kvm(const struct rig_config *cfg, struct reason *why)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), max, version;

	if (fd < 0) {
		if (errno == EACCES || errno == EPERM)
			return reason_skip(why, -EOPNOTSUPP,
					   "no permission to open /dev/kvm; run as root or join the group kvm");
		return reason_skip(why, -EOPNOTSUPP,
				   "cannot open /dev/kvm (%s); load kvm_amd or kvm_intel, or use the lab",
				   strerror(errno));
	}
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	max = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	close(fd);
	if (version != KVM_API_VERSION)
		return reason_skip(why, -EOPNOTSUPP,
				   "/dev/kvm speaks API version %d, not %d",
				   version, KVM_API_VERSION);
	if (max > 0 && cfg->nr_vcpus > (unsigned int)max)
		return reason_usage(why, -EINVAL,
				    "%u vCPUs are more than this KVM allows (%d)",
				    cfg->nr_vcpus, max);
	return 0;
}

int rig_check_host(const struct rig_config *cfg, struct reason *why)
{
	int ret = check_kvm(cfg, why);

	return ret ? ret : check_memory(cfg, why);
}
