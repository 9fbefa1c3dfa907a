// SPDX-License-Identifier: GPL-2.0-only
/*
 * In which environment were the numbers taken?
 *
 * Method: a table of small files, read as they are; module parameters and
 * mitigations by directory; a few lines of cpuinfo and meminfo.  What does
 * not exist on this host is left out of the record, never guessed.
 *
 * Cannot tell: what a hypervisor below does with any of these settings.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/utsname.h>

#include "internal.h"

enum env_kind { ENV_TEXT, ENV_CHOICE };

struct env_file {
	const char *group;
	const char *key;
	const char *path;
	enum env_kind kind;
};

#define THP "/sys/kernel/mm/transparent_hugepage/"
#define KSM "/sys/kernel/mm/ksm/"
#define CPU "/sys/devices/system/cpu/"

static const struct env_file env_files[] = {
	{ "kernel", "cmdline", "/proc/cmdline", ENV_TEXT },
	{ "kernel", "tainted", "/proc/sys/kernel/tainted", ENV_TEXT },
	{ "kernel", "boot_id", "/proc/sys/kernel/random/boot_id", ENV_TEXT },
	{ "kernel", "clocksource",
	  "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	  ENV_TEXT },
	{ "machine", "vendor", "/sys/class/dmi/id/sys_vendor", ENV_TEXT },
	{ "machine", "product", "/sys/class/dmi/id/product_name", ENV_TEXT },
	{ "machine", "firmware", "/sys/class/dmi/id/bios_version", ENV_TEXT },
	{ "machine", "hypervisor", "/sys/hypervisor/type", ENV_TEXT },
	{ "cpus", "online", CPU "online", ENV_TEXT },
	{ "cpus", "isolated", CPU "isolated", ENV_TEXT },
	{ "cpus", "nohz_full", CPU "nohz_full", ENV_TEXT },
	{ "cpus", "smt", CPU "smt/control", ENV_TEXT },
	{ "cpus", "governor", CPU "cpu0/cpufreq/scaling_governor", ENV_TEXT },
	{ "cpus", "freq_driver", CPU "cpu0/cpufreq/scaling_driver", ENV_TEXT },
	{ "cpus", "intel_no_turbo", CPU "intel_pstate/no_turbo", ENV_TEXT },
	{ "cpus", "boost", CPU "cpufreq/boost", ENV_TEXT },
	{ "cpus", "idle_driver", CPU "cpuidle/current_driver", ENV_TEXT },
	{ "cpus", "idle_governor", CPU "cpuidle/current_governor", ENV_TEXT },
	{ "mm", "nodes_online", "/sys/devices/system/node/online", ENV_TEXT },
	{ "mm", "numa_balancing", "/proc/sys/kernel/numa_balancing", ENV_TEXT },
	{ "mm", "lru_gen", "/sys/kernel/mm/lru_gen/enabled", ENV_TEXT },
	{ "mm", "thp_enabled", THP "enabled", ENV_CHOICE },
	{ "mm", "thp_defrag", THP "defrag", ENV_CHOICE },
	{ "mm", "thp_shmem", THP "shmem_enabled", ENV_CHOICE },
	{ "mm", "khugepaged_defrag", THP "khugepaged/defrag", ENV_TEXT },
	{ "mm", "khugepaged_sleep_ms", THP "khugepaged/scan_sleep_millisecs",
	  ENV_TEXT },
	{ "mm", "ksm_run", KSM "run", ENV_TEXT },
	{ "mm", "swappiness", "/proc/sys/vm/swappiness", ENV_TEXT },
	{ "mm", "overcommit", "/proc/sys/vm/overcommit_memory", ENV_TEXT },
};

/* Sets obj[group][key], making the group. */
static void put(json_t *env, const char *group, const char *key, json_t *v)
{
	json_t *g = json_object_get(env, group);

	if (!g) {
		g = json_object();
		json_object_set_new(env, group, g);
	}
	json_object_set_new(g, key, v);
}

static void put_text(json_t *env, const char *group, const char *key,
		     const char *text)
{
	json_t *v = json_string(text);

	/* A file may hold bytes that are no text; say so and go on. */
	put(env, group, key, v ? v : json_string("(not text)"));
}

static void add_files(json_t *env)
{
	char buf[2048];
	size_t i;
	int len;

	for (i = 0; i < sizeof(env_files) / sizeof(env_files[0]); i++) {
		const struct env_file *f = &env_files[i];

		len = f->kind == ENV_CHOICE ?
		      host_read_choice(f->path, buf, sizeof(buf)) :
		      host_read(f->path, buf, sizeof(buf));
		if (len >= 0)
			put_text(env, f->group, f->key, buf);
	}
	/* Not read: that would age pages. */
	put(env, "mm", "page_idle",
	    json_boolean(host_exists("/sys/kernel/mm/page_idle/bitmap")));
}

/* Every readable file of directory @dir by its name; NULL if none. */
static json_t *dir_json(const char *dir)
{
	char full[HOST_PATH_BYTES], path[HOST_PATH_BYTES + 256], buf[256];
	json_t *obj = NULL, *v;
	struct dirent *e;
	DIR *d;

	if (host_path(dir, full) || !(d = opendir(full)))
		return NULL;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		/* Lists of counters are no settings. */
		if (host_read(path, buf, sizeof(buf)) < 0 || strchr(buf, '\n'))
			continue;
		v = json_string(buf);
		if (!obj)
			obj = json_object();
		json_object_set_new(obj, e->d_name,
				    v ? v : json_string("(not text)"));
	}
	closedir(d);
	return obj;
}

static void add_kvm_params(json_t *env)
{
	char full[HOST_PATH_BYTES], dir[HOST_PATH_BYTES + 300];
	struct dirent *e;
	json_t *params;
	DIR *d;

	if (host_path("/sys/module", full) || !(d = opendir(full)))
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, "kvm", 3))
			continue;
		snprintf(dir, sizeof(dir), "/sys/module/%s/parameters",
			 e->d_name);
		params = dir_json(dir);
		if (params)
			put(env, "kvm", e->d_name, params);
	}
	closedir(d);
}

static const struct {
	const char *line, *key;
} cpuinfo_keys[] = {
	{ "vendor_id", "vendor" }, { "model name", "model" },
	{ "cpu family", "family" }, { "model\t", "model_number" },
	{ "stepping", "stepping" }, { "microcode", "microcode" },
	{ "cpu MHz", "mhz" }, { "address sizes", "address_sizes" },
};

/* What matters of the first CPU's flags to an MMU. */
static const char *const cpu_flags[] = {
	"hypervisor", "vmx", "svm", "ept", "ept_ad", "vpid", "npt", "la57",
	"pcid", "invpcid", "pdpe1gb", "constant_tsc", "nonstop_tsc", "smep",
	"smap", "pku", "pml", "ept_1gb", "ept_5level",
};

/* Intel's are in two lines: "flags" and "vmx flags". */
static void add_cpu_flags(json_t *env, const char *line)
{
	json_t *list = json_object_get(json_object_get(env, "cpu"), "flags");
	size_t i;

	list = list ? json_incref(list) : json_array();

	for (i = 0; i < sizeof(cpu_flags) / sizeof(cpu_flags[0]); i++) {
		size_t len = strlen(cpu_flags[i]);
		const char *p = line;

		while ((p = strstr(p, cpu_flags[i]))) {
			if (p[-1] == ' ' && (p[len] == ' ' || p[len] == '\n')) {
				json_array_append_new(
					list, json_string(cpu_flags[i]));
				break;
			}
			p += len;
		}
	}
	put(env, "cpu", "flags", list);
}

static void add_cpuinfo_line(json_t *env, char *line)
{
	char *value = strchr(line, ':');
	size_t i;

	if (!value || !value[1])
		return;
	if (!strncmp(line, "flags", 5) || !strncmp(line, "vmx flags", 9)) {
		add_cpu_flags(env, value);
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i < sizeof(cpuinfo_keys) / sizeof(cpuinfo_keys[0]); i++)
		if (!strncmp(line, cpuinfo_keys[i].line,
			     strlen(cpuinfo_keys[i].line)))
			put_text(env, "cpu", cpuinfo_keys[i].key, value + 2);
}

static void add_cpuinfo(json_t *env)
{
	char full[HOST_PATH_BYTES], *line = NULL;
	size_t size = 0;
	FILE *f = host_path("/proc/cpuinfo", full) ? NULL : fopen(full, "re");

	if (!f)
		return;
	/* The first CPU's block ends at an empty line. */
	while (getline(&line, &size, f) > 1)
		add_cpuinfo_line(env, line);
	free(line);
	fclose(f);
}

static void add_meminfo(json_t *env)
{
	static const char *const keys[] = {
		"MemTotal", "MemAvailable", "SwapTotal", "HugePages_Total",
		"HugePages_Free", "Hugepagesize",
	};
	char full[HOST_PATH_BYTES], line[128], key[64];
	unsigned long long value;
	FILE *f = host_path("/proc/meminfo", full) ? NULL : fopen(full, "re");
	size_t i;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %llu", key, &value) != 2)
			continue;
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (!strcmp(key, keys[i]))
				put(env, "memory", key, json_integer(value));
	}
	fclose(f);
}

static void add_uname(json_t *env)
{
	char stamp[32];
	struct utsname u;
	time_t now = time(NULL);
	struct tm tm;

	if (!uname(&u)) {
		put_text(env, "kernel", "release", u.release);
		put_text(env, "kernel", "version", u.version);
		put_text(env, "machine", "hostname", u.nodename);
	}
	if (gmtime_r(&now, &tm) &&
	    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm))
		json_object_set_new(env, "time", json_string(stamp));
}

json_t *host_env_json(void)
{
	json_t *env = json_object(), *mitigations;

	add_uname(env);
	add_files(env);
	add_cpuinfo(env);
	add_meminfo(env);
	add_kvm_params(env);
	host_add_kvm_caps(env);
	mitigations = dir_json(CPU "vulnerabilities");
	if (mitigations)
		json_object_set_new(env, "mitigations", mitigations);
	return env;
}
