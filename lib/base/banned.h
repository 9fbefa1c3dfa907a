/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that must not be used, and what to use instead.  "make lint"
 * compiles every C file with this header in front, so that a use is an error
 * which names the replacement.  Nothing else includes it.
 */
#ifndef MMUBENCH_BANNED_H
#define MMUBENCH_BANNED_H

/* The declarations must come before the names are poisoned. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <jansson.h>

#define BANNED(func, instead) func##_is_banned_use_##instead

#undef strcat
#define strcat(...) BANNED(strcat, snprintf)
#undef strncpy
#define strncpy(...) BANNED(strncpy, snprintf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef gets
#define gets(...) BANNED(gets, fgets)
#undef strtok
#define strtok(...) BANNED(strtok, strtok_r)
#undef atoi
#define atoi(...) BANNED(atoi, opt_set_or_strtoull)
#undef atol
#define atol(...) BANNED(atol, opt_set_or_strtoull)
#undef atof
#define atof(...) BANNED(atof, opt_set_or_strtod)
#undef getopt
#define getopt(...) BANNED(getopt, opt_parse)
#undef getopt_long
#define getopt_long(...) BANNED(getopt_long, opt_parse)
#undef gettimeofday
#define gettimeofday(...) BANNED(gettimeofday, timing_now_ns)
#undef ctime
#define ctime(...) BANNED(ctime, strftime)
#undef asctime
#define asctime(...) BANNED(asctime, strftime)
#undef gmtime
#define gmtime(...) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(...) BANNED(localtime, localtime_r)
#undef tmpnam
#define tmpnam(...) BANNED(tmpnam, mkdtemp)
#undef mktemp
#define mktemp(...) BANNED(mktemp, mkdtemp)
#undef alloca
#define alloca(...) BANNED(alloca, malloc)

#endif
