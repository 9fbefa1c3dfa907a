/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of the host, one by one or as an aligned block of HOST_REGION. */
#ifndef MMU_USER_PAGES_H
#define MMU_USER_PAGES_H

#include "shim/hostkvm.h"

void pages_init(void);
void pages_check_all_back(void);
unsigned long page_new(void);
/* 0 if there is none left. */
unsigned long block_new(void);
void page_put(unsigned long pfn);
void page_clean(unsigned long pfn);
bool page_is_of_block(unsigned long pfn);
bool host_page_dirty(const struct page *p);

#endif
