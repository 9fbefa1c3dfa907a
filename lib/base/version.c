// SPDX-License-Identifier: GPL-2.0-only
/* The only file that is compiled again when the version changes. */
#include "base/version.h"
#include "version_text.h"

const char mmubench_version[] = MMUBENCH_VERSION_TEXT;
