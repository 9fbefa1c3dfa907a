/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel basics for the user-space build: types, compiler words, bit
 * operations, atomics.  Every access that the kernel marks (READ_ONCE, xchg,
 * cmpxchg, ...) is a yield point of the deterministic scheduler and checks
 * that page-table memory it touches is alive.
 *
 * Loads are acquire, not relaxed: the kernel relies on address dependencies,
 * which the race detectors cannot see.
 */
#ifndef MMU_USER_KERNEL_H
#define MMU_USER_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_64BIT 1
#define CONFIG_X86_64 1
#define CONFIG_SMP 1
#define CONFIG_PROVE_LOCKING 1
#define CONFIG_LOCKDEP 1
#define CONFIG_KVM_PROVE_MMU 1
#define KBUILD_MODNAME "kvm"

typedef uint8_t u8, __u8;
typedef uint16_t u16, __u16;
typedef uint32_t u32, __u32;
typedef unsigned long long u64, __u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64, __s64;
typedef unsigned int gfp_t, uint;
typedef unsigned long ulong;

/* compiler words */
#define __rcu
#define __force
#define __user
#define __iomem
#define __percpu
#define __init
#define __exit
#define __read_mostly
#define __ro_after_init
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __must_check __attribute__((__warn_unused_result__))
#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#define noinline __attribute__((__noinline__))
#define __maybe_unused __attribute__((__unused__))
#define __cold __attribute__((__cold__))
/* Touches nothing that another task does: no work for a race detector. */
#define unwatched __attribute__((__no_sanitize_thread__))
#define __packed __attribute__((__packed__))
#define __aligned(n) __attribute__((__aligned__(n)))
#define ____cacheline_aligned_in_smp __aligned(64)
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#define fallthrough __attribute__((__fallthrough__))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define typeof_member(t, m) typeof(((t *)0)->m)
#define sizeof_field(t, m) sizeof(((t *)0)->m)
#define offsetofend(t, m) (offsetof(t, m) + sizeof_field(t, m))
#define container_of(p, t, m) \
	((t *)((char *)(p) - offsetof(t, m)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define barrier() __asm__ __volatile__("" ::: "memory")
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define BUILD_BUG_ON_MSG(x, m) _Static_assert(!(x), m)
#define BUILD_BUG_ON_INVALID(x) ((void)sizeof((long)(x)))
#define ASSERT_EXCLUSIVE_WRITER(x) ((void)0)
#define data_race(x) (x)
#define __ARG_PLACEHOLDER_1 0,
#define __second(a, b, ...) b
#define __enabled3(junk) __second(junk 1, 0)
#define __enabled2(v) __enabled3(__ARG_PLACEHOLDER_##v)
#define __enabled1(v) __enabled2(v)
#define IS_ENABLED(opt) __enabled1(opt)
#define IS_BUILTIN(opt) IS_ENABLED(opt)
#define EXPORT_SYMBOL_GPL(s)
#define EXPORT_SYMBOL(s)
#define module_param_named(n, v, t, p)
#define module_param(n, t, p)
#define module_param_cb(n, o, a, p) \
	static const void *const param_##n __maybe_unused = (o)
#define MODULE_PARM_DESC(n, d)
#define MODULE_INFO(n, d)
#define THIS_MODULE NULL

/* arithmetic and bits */
#define min(a, b) \
	({ __auto_type __a = (a); __auto_type __b = (b); __a < __b ? __a : __b; })
#define max(a, b) \
	({ __auto_type __a = (a); __auto_type __b = (b); __a > __b ? __a : __b; })
#define min_t(t, a, b) min((t)(a), (t)(b))
#define max_t(t, a, b) max((t)(a), (t)(b))
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi) clamp((t)(v), (t)(lo), (t)(hi))
#define swap(a, b) \
	do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define __ALIGN_MASK(x, m) (((x) + (m)) & ~(m))
#define ALIGN(x, a) __ALIGN_MASK(x, (typeof(x))(a) - 1)
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
#define round_up(x, a) ALIGN(x, a)
#define round_down(x, a) ALIGN_DOWN(x, a)
#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(n, b) unsigned long n[BITS_TO_LONGS(b)]
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) (((~0ULL) << (l)) & (~0ULL >> (63 - (h))))
#define U64_MAX UINT64_MAX
#define S64_MAX INT64_MAX
#define U32_MAX UINT32_MAX
#define U16_MAX UINT16_MAX
#define lower_32_bits(n) ((u32)(n))
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
#define hweight_long(x) hweight64(x)
#define rounddown_pow_of_two(x) (1UL << ilog2(x))
#define ilog2(x) (63 - __builtin_clzll(x))

static inline unsigned long __ffs(unsigned long x)
{
	return (unsigned long)__builtin_ctzl(x);
}

static inline unsigned long __fls(unsigned long x)
{
	return 63UL - (unsigned long)__builtin_clzl(x);
}

#define __ffs64(x) ((unsigned long)__builtin_ctzll(x))

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#define ffz(x) __ffs(~(x))

/* complaints: each one ends the run, see oracle.c */
void complain(const char *file, int line, const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4), __noreturn__));

#define WARN(c, ...) \
	({ bool __c = !!(c); \
	   if (unlikely(__c)) { \
		   complain(__FILE__, __LINE__, __VA_ARGS__); \
	   } \
	   __c; })
#define WARN_ONCE(c, ...) WARN(c, __VA_ARGS__)
#define WARN_ON(c) WARN(c, "WARN_ON(%s)", #c)
#define WARN_ON_ONCE(c) WARN_ON(c)
#define BUG() complain(__FILE__, __LINE__, "BUG()")
#define BUG_ON(c) \
	do { if (unlikely(c)) complain(__FILE__, __LINE__, "BUG_ON(%s)", #c); } \
	while (0)
#define VM_BUG_ON(c) BUG_ON(c)
#define VM_WARN_ON_ONCE(c) WARN_ON(c)
#define KVM_BUG_ON(c, kvm) ({ (void)(kvm); WARN(c, "KVM_BUG_ON(%s)", #c); })
#define pr_err(...) fprintf(stderr, __VA_ARGS__)
#define pr_warn(...) fprintf(stderr, __VA_ARGS__)
#define pr_warn_once(...) fprintf(stderr, __VA_ARGS__)
#define pr_warn_ratelimited(...) fprintf(stderr, __VA_ARGS__)
#define pr_info(...) fprintf(stderr, __VA_ARGS__)
#define pr_debug(...) ((void)0)

/* yield points, see task.c; memory life, see mem.c */
extern __thread long task_fuse;
void task_fuse_blown(void);
void mem_dead(const volatile void *p) __attribute__((__noreturn__));
extern char *mem_arena;
extern u8 *mem_alive;
#define MEM_PAGES 8192UL

/* A relaxed load that no race detector spends time on. */
static __always_inline u8 load_unwatched(const u8 *p)
{
	unsigned int v;

	__asm__ __volatile__("movzbl %1, %0" : "=r"(v) : "m"(*p));
	return (u8)v;
}

#ifdef MMU_COUNT
/* The engines alone, for counting their instructions: see count.c. */
#define yield_point(p) ((void)(p))
#else
static __always_inline void yield_point(const volatile void *p)
{
	unsigned long off = (unsigned long)((const char *)p - mem_arena);

	if (off < MEM_PAGES << 12 &&
	    unlikely(!load_unwatched(&mem_alive[off >> 12])))
		mem_dead(p);
	if (unlikely(--task_fuse < 0))
		task_fuse_blown();
}
#endif

#define READ_ONCE(x) \
	({ yield_point(&(x)); __atomic_load_n(&(x), __ATOMIC_ACQUIRE); })
#define WRITE_ONCE(x, v) \
	({ yield_point(&(x)); __atomic_store_n(&(x), (v), __ATOMIC_RELEASE); })
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, v) WRITE_ONCE(*(p), v)
/* Not C fences: the race detector knows none, and needs none here. */
#define smp_mb() __asm__ __volatile__("mfence" ::: "memory")
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_mb__before_atomic() ((void)0)
#define smp_mb__after_atomic() ((void)0)
#define smp_store_mb(x, v) \
	do { WRITE_ONCE(x, v); smp_mb(); } while (0)
#define xchg(p, v) \
	({ yield_point(p); __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); })
#define cmpxchg(p, o, n) \
	({ typeof(*(p)) __o = (o); yield_point(p); \
	   __atomic_compare_exchange_n(p, &__o, n, false, __ATOMIC_SEQ_CST, \
				       __ATOMIC_SEQ_CST); __o; })
#define cmpxchg64(p, o, n) cmpxchg(p, o, n)
#define try_cmpxchg(p, o, n) \
	({ yield_point(p); \
	   __atomic_compare_exchange_n(p, o, n, false, __ATOMIC_SEQ_CST, \
				       __ATOMIC_SEQ_CST); })
#define try_cmpxchg64(p, o, n) try_cmpxchg(p, o, n)
#define try_cmpxchg64_relaxed(p, o, n) try_cmpxchg(p, o, n)

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
typedef atomic64_t atomic_long_t;
typedef struct { atomic_t refs; } refcount_t;

#define ATOMIC_INIT(i) { (i) }
#define __ATOMIC_OPS(pre, t, T) \
static inline t pre##_read(const T *v) \
{ return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); } \
static inline void pre##_set(T *v, t i) \
{ __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); } \
static inline void pre##_add(t i, T *v) \
{ yield_point(v); __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline void pre##_sub(t i, T *v) { pre##_add(-i, v); } \
static inline void pre##_inc(T *v) { pre##_add(1, v); } \
static inline void pre##_dec(T *v) { pre##_add(-1, v); } \
static inline t pre##_add_return(t i, T *v) \
{ yield_point(v); return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline t pre##_inc_return(T *v) { return pre##_add_return(1, v); } \
static inline t pre##_dec_return(T *v) { return pre##_add_return(-1, v); } \
static inline bool pre##_dec_and_test(T *v) \
{ return pre##_add_return(-1, v) == 0; } \
static inline t pre##_fetch_and(t i, T *v) \
{ yield_point(v); return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline t pre##_fetch_or(t i, T *v) \
{ yield_point(v); return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline t pre##_fetch_andnot(t i, T *v) { return pre##_fetch_and(~i, v); } \
static inline void pre##_and(t i, T *v) { (void)pre##_fetch_and(i, v); } \
static inline void pre##_andnot(t i, T *v) { (void)pre##_fetch_and(~i, v); } \
static inline void pre##_or(t i, T *v) { (void)pre##_fetch_or(i, v); } \
static inline t pre##_xchg(T *v, t i) \
{ yield_point(v); return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST); }

__ATOMIC_OPS(atomic, int, atomic_t)
__ATOMIC_OPS(atomic64, s64, atomic64_t)
#define atomic_long_read atomic64_read
#define atomic_long_add atomic64_add
#define atomic_long_inc atomic64_inc
#define atomic_long_or(i, v) atomic64_or((s64)(i), v)

static inline bool atomic64_try_cmpxchg(atomic64_t *v, s64 *old, s64 new)
{
	return try_cmpxchg(&v->counter, old, new);
}

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return (unsigned int)atomic_read(&r->refs);
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	int old = atomic_read(&r->refs);

	do {
		if (!old)
			return false;
	} while (!try_cmpxchg(&r->refs.counter, &old, old + 1));
	return true;
}

static inline void refcount_inc(refcount_t *r)
{
	BUG_ON(!refcount_inc_not_zero(r));
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	int now = atomic_dec_return(&r->refs);

	BUG_ON(now < 0);
	return now == 0;
}

/* bit operations, atomic unless they start with __ */
static inline void set_bit(long nr, volatile unsigned long *a)
{
	yield_point(a);
	__atomic_fetch_or(a + nr / 64, BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(long nr, volatile unsigned long *a)
{
	yield_point(a);
	__atomic_fetch_and(a + nr / 64, ~BIT_MASK(nr), __ATOMIC_SEQ_CST);
}

static inline bool test_and_set_bit(long nr, volatile unsigned long *a)
{
	yield_point(a);
	return __atomic_fetch_or(a + nr / 64, BIT_MASK(nr),
				 __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_and_clear_bit(long nr, volatile unsigned long *a)
{
	yield_point(a);
	return __atomic_fetch_and(a + nr / 64, ~BIT_MASK(nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_bit(long nr, const volatile unsigned long *a)
{
	return __atomic_load_n(a + nr / 64, __ATOMIC_ACQUIRE) & BIT_MASK(nr);
}

static inline void __set_bit(long nr, volatile unsigned long *a)
{
	a[nr / 64] |= BIT_MASK(nr);
}

static inline void __clear_bit(long nr, volatile unsigned long *a)
{
	a[nr / 64] &= ~BIT_MASK(nr);
}

#define set_bit_le(n, a) set_bit(n, (unsigned long *)(a))
#define clear_bit_le(n, a) clear_bit(n, (unsigned long *)(a))
#define test_bit_le(n, a) test_bit(n, (const unsigned long *)(a))
#define test_and_set_bit_le(n, a) test_and_set_bit(n, (unsigned long *)(a))
#define bitmap_zero(d, n) memset(d, 0, BITS_TO_LONGS(n) * sizeof(long))

static inline unsigned long find_next_bit(const unsigned long *a,
					  unsigned long n, unsigned long i)
{
	unsigned long word;

	for (; i < n; i = (i | 63) + 1) {
		word = __atomic_load_n(a + i / 64, __ATOMIC_ACQUIRE) >> i % 64;
		if (word)
			return min(i + __ffs(word), n);
	}
	return n;
}

#define find_next_bit_le(a, n, i) \
	find_next_bit((const unsigned long *)(a), n, i)
#define find_first_bit(a, n) find_next_bit(a, n, 0)
#define for_each_set_bit(b, a, n) \
	for ((b) = find_next_bit(a, n, 0); (b) < (n); \
	     (b) = find_next_bit(a, n, (b) + 1))

#endif
