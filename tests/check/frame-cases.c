// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases that end in every way a case can end, for tests/check/frame.
 *
 * Answers nothing about KVM: the frame is what is tested with them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "host/host.h"
#include "rig/kvmcompat.h"

struct own {
	uint64_t size_bytes;
	const char *setting;
};

#define O(member) .offset = offsetof(struct own, member)

static const struct opt own_opts[] = {
	{ .name = "own-size", .letter = 'S', .type = OPT_BYTES, O(size_bytes),
	  .def = "1M", .min = 4096, .help = "an option of this program only" },
	{ .name = "setting", .type = OPT_STRING, O(setting),
	  .help = "a file that the cases change through host_push_write()" },
	OPT_END
};

static int push_setting(struct bench *b)
{
	struct own *own = b->own;

	if (!*own->setting)
		return 0;
	return host_push_write(own->setting, "changed", &b->why);
}

static int pass(struct bench *b, const struct bench_case *c)
{
	struct own *own = b->own;

	rec_count(b->rec, "own_size", own->size_bytes, "bytes", BETTER_NONE);
	return push_setting(b);
}

static int skip(struct bench *b, const struct bench_case *c)
{
	return reason_skip(&b->why, -EOPNOTSUPP, "no such thing here");
}

/*
 * The kernel's answer in mid-measurement, whatever errno it is: no skip
 * although the host cannot, no usage although an argument is not valid.
 */
static int mid_skip(struct bench *b, const struct bench_case *c)
{
	return reason_set(&b->why, -EOPNOTSUPP, "the ioctl failed: %s",
			  strerror(EOPNOTSUPP));
}

static int mid_usage(struct bench *b, const struct bench_case *c)
{
	return reason_set(&b->why, -EINVAL, "the ioctl failed: %s",
			  strerror(EINVAL));
}

/* Something was not there and done without; then a step fails wordlessly. */
static int after_probe(struct bench *b, const struct bench_case *c)
{
	reason_skip(&b->why, -ENODEV, "no such thing here");
	return -EIO;
}

static int untrusted(struct bench *b, const struct bench_case *c)
{
	return reason_invalid(&b->why, -EAGAIN, "too few samples");
}

static int fails(struct bench *b, const struct bench_case *c)
{
	return reason_set(&b->why, -EIO, "the thing broke");
}

static int usage(struct bench *b, const struct bench_case *c)
{
	return reason_usage(&b->why, -EINVAL,
			    "option --own-size: not like this");
}

static int check(struct bench *b, const struct bench_case *c)
{
	rec_check(b->rec, "sum", false, "2 + 2 was %d", 5);
	return 0;
}

static int invalid(struct bench *b, const struct bench_case *c)
{
	rec_invalid(b->rec, "the CPU was throttled");
	return 0;
}

static int asserts(struct bench *b, const struct bench_case *c)
{
	TEST_ASSERT(b->p.vcpus > 100000, "vCPUs: %u", b->p.vcpus);
	return 0;
}

/* For this errno the library ends with the status of a skip. */
static int denied(struct bench *b, const struct bench_case *c)
{
	errno = EACCES;
	TEST_ASSERT(b->p.vcpus > 100000, "vCPUs: %u", b->p.vcpus);
	return 0;
}

static int require(struct bench *b, const struct bench_case *c)
{
	TEST_REQUIRE(b->p.vcpus > 100000);
	return 0;
}

static int crash(struct bench *b, const struct bench_case *c)
{
	if (push_setting(b))
		return -EIO;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static int hang(struct bench *b, const struct bench_case *c)
{
	if (push_setting(b))
		return -EIO;
	fprintf(stderr, "hanging\n");
	for (;;)
		pause();
	return 0;
}

/* Ends at once, as the OOM killer would have it. */
static int killed(struct bench *b, const struct bench_case *c)
{
	if (push_setting(b))
		return -EIO;
	kill(getpid(), SIGKILL);
	return 0;
}

static const struct bench_case cases[] = {
	{ "frame.pass", "passes", pass },
	{ "frame.skip", "skips", skip },
	{ "frame.mid_skip", "an ioctl is not supported", mid_skip },
	{ "frame.mid_usage", "an ioctl finds an argument invalid", mid_usage },
	{ "frame.after_probe", "fails without a word", after_probe },
	{ "frame.untrusted", "ends early, not to be trusted", untrusted },
	{ "frame.fail", "fails", fails },
	{ "frame.usage", "was asked for nonsense", usage },
	{ "frame.check", "a check fails", check },
	{ "frame.invalid", "is not to be trusted", invalid },
	{ "frame.assert", "an assertion of the library fails", asserts },
	{ "frame.denied", "an assertion fails with EACCES", denied },
	{ "frame.require", "the library lacks something", require },
	{ "frame.crash", "crashes", crash },
	{ "frame.hang", "hangs", hang },
	{ "frame.killed", "is killed", killed },
	{ NULL }
};

static const struct bench_program program = {
	.name = "check/frame-cases",
	.question = "Does the frame survive every way in which a case can end?",
	.cases = cases,
	.opts = own_opts,
	.own_bytes = sizeof(struct own),
};

int main(int argc, char **argv)
{
	return bench_main(argc, argv, &program);
}
