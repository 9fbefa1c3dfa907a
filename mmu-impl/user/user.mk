# SPDX-License-Identifier: GPL-2.0-only
#
# The engine as an ordinary program.  Variants: our engine (own) or the stock one, built
# plain (p), with ASan and UBSan (a), with TSan (t), or bare, for counting
# instructions (n); defect-NAME is our engine with that deliberate defect.
#
# KSRC=     where the stock engine's sources are (tree or tarball; default:
#           the newest linux-source-6.12 of the machine); without them the
#           comparisons are skipped
# USER_CC=  compiler (default gcc)

USER_DIR := $(MMU_DIR)/user
USER_BUILD ?= $(abspath $(MMU_DIR)/..)/build/mmu-impl/user
USER_CC ?= gcc
USER_JOBS ?= 2
KSRC ?=

USER_WARN := -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers
USER_FLAGS := -std=gnu11 -g -fno-strict-aliasing -fno-omit-frame-pointer
USER_FLAGS_p := -O2
USER_FLAGS_a := -O2 -fsanitize=address,undefined -fno-sanitize-recover=all
USER_FLAGS_t := -O1 -fsanitize=thread
USER_FLAGS_n := -O2 -DMMU_COUNT
# Book-keeping of the model that shares nothing with an engine: what is built
# without the race detector costs it nothing.
USER_UNWATCHED := sim/host judge/oracle sim/pages judge/quiet judge/report \
	shim/task
USER_FLAGS_u = $(if $(filter $(1),$(USER_UNWATCHED)),-fno-sanitize=thread)

# Sources by folder and name, without the suffix: base/op, sim/hw.
USER_FOLDERS := base format direct log seam
USER_PARTS := shim sim kvm judge tests
USER_ENGINE := $(filter-out direct/hostpt,$(patsubst $(MMU_DIR)/%.c,%,\
	$(wildcard $(USER_FOLDERS:%=$(MMU_DIR)/%/*.c))))
USER_MODEL := $(patsubst $(USER_DIR)/%.c,%,\
	$(wildcard $(USER_PARTS:%=$(USER_DIR)/%/*.c)))
USER_STOCK := spte tdp_iter tdp_mmu
USER_HEADERS := $(wildcard $(MMU_DIR)/*.h $(USER_FOLDERS:%=$(MMU_DIR)/%/*.h) \
	$(USER_PARTS:%=$(USER_DIR)/%/*.h) $(USER_DIR)/shim/*/*.h \
	$(USER_DIR)/shim/*/*/*.h)
USER_DEFECTS := $(shell $(USER_DIR)/tests/plant-defect --list)

USER_INC_model := -include $(USER_DIR)/shim/internal.h -I$(USER_DIR) \
	-I$(USER_DIR)/shim
USER_INC_own := $(USER_INC_model) -I$(MMU_DIR)
USER_SHIM_stock := -include $(USER_DIR)/shim/stock.h -I$(USER_DIR) \
	-I$(USER_DIR)/shim -I$(USER_BUILD)/stock-src -I$(MMU_DIR)
USER_CFLAGS = $(USER_FLAGS) $(EXTRA_USER_FLAGS)

# $(1) flavour: p, a, t or n
define user_flavour
$(USER_BUILD)/own-$(1)/engine/%.o: $(MMU_DIR)/%.c $(USER_HEADERS)
	@mkdir -p $$(@D)
	$$(USER_CC) $$(USER_CFLAGS) $(USER_FLAGS_$(1)) $(USER_WARN) \
		$(USER_INC_own) -c $$< -o $$@

$(USER_BUILD)/own-$(1)/user/%.o: $(USER_DIR)/%.c $(USER_HEADERS)
	@mkdir -p $$(@D)
	$$(USER_CC) $$(USER_CFLAGS) $(USER_FLAGS_$(1)) \
		$$(call USER_FLAGS_u,$$*) $(USER_WARN) $(USER_INC_own) -c $$< -o $$@

$(USER_BUILD)/own-$(1)/mmu-user: \
		$(USER_MODEL:%=$(USER_BUILD)/own-$(1)/user/%.o) \
		$(USER_ENGINE:%=$(USER_BUILD)/own-$(1)/engine/%.o)
	$$(USER_CC) $(USER_FLAGS_$(1)) $$^ -o $$@ -lpthread

$(USER_BUILD)/stock-$(1)/engine/%.o: $(USER_BUILD)/stock-src/%.c $(USER_HEADERS)
	@mkdir -p $$(@D)
	$$(USER_CC) $$(USER_CFLAGS) $(USER_FLAGS_$(1)) -w $(USER_SHIM_stock) \
		-c $$< -o $$@

$(USER_BUILD)/stock-$(1)/user/%.o: $(USER_DIR)/%.c $(USER_HEADERS) \
		$(USER_BUILD)/stock-src/tdp_mmu.c
	@mkdir -p $$(@D)
	$$(USER_CC) $$(USER_CFLAGS) $(USER_FLAGS_$(1)) \
		$$(call USER_FLAGS_u,$$*) $(USER_WARN) $(USER_SHIM_stock) -c $$< -o $$@

$(USER_BUILD)/stock-$(1)/mmu-user: \
		$(USER_MODEL:%=$(USER_BUILD)/stock-$(1)/user/%.o) \
		$(USER_STOCK:%=$(USER_BUILD)/stock-$(1)/engine/%.o)
	$$(USER_CC) $(USER_FLAGS_$(1)) $$^ -o $$@ -lpthread
endef
$(foreach f,p a t n,$(eval $(call user_flavour,$(f))))

# The stock sources are borrowed at test time, never kept in the project.
$(USER_BUILD)/stock-src/tdp_mmu.c:
	@$(USER_DIR)/tests/borrow-stock "$(KSRC)" $(USER_BUILD)/stock-src
$(USER_BUILD)/stock-src/spte.c $(USER_BUILD)/stock-src/tdp_iter.c: $(USER_BUILD)/stock-src/tdp_mmu.c

# A defect: only the engine is built again, from a copy that has it.
$(USER_BUILD)/defect-%/mmu-user: $(USER_ENGINE:%=$(MMU_DIR)/%.c) \
		$(USER_HEADERS) $(wildcard $(USER_DIR)/defects/*.edit) \
		$(USER_BUILD)/own-p/mmu-user
	@$(USER_DIR)/tests/plant-defect $* $(@D)/src
	@for f in $(USER_ENGINE); do \
		mkdir -p $(@D)/engine/$${f%/*}; \
		$(USER_CC) $(USER_CFLAGS) $(USER_FLAGS_p) $(USER_WARN) \
			$(USER_INC_model) -I$(@D)/src -c $(@D)/src/$$f.c \
			-o $(@D)/engine/$$f.o || exit 1; \
	done
	@$(USER_CC) $(USER_FLAGS_p) $(USER_ENGINE:%=$(@D)/engine/%.o) \
		$(USER_MODEL:%=$(USER_BUILD)/own-p/user/%.o) -o $@ -lpthread

.PHONY: user-own user-stock user-defects
user-own: $(foreach f,p a t,$(USER_BUILD)/own-$(f)/mmu-user)
user-stock: $(foreach f,p a t,$(USER_BUILD)/stock-$(f)/mmu-user)
user-defects: $(USER_DEFECTS:%=$(USER_BUILD)/defect-%/mmu-user)

USER_RUN = USER_BUILD=$(USER_BUILD) USER_DEFECTS="$(USER_DEFECTS)" \
	$(USER_DIR)/tests/run-tests
USER_SUBMAKE = $(MAKE) --no-print-directory -s -j$(USER_JOBS) \
	-f $(MMU_DIR)/Makefile KSRC="$(KSRC)"

.PHONY: check check-quick check-random
check: ## run all user-space tests: schedules, sanitizers, defects (TAP)
	@$(USER_SUBMAKE) user-own user-defects
	@$(USER_SUBMAKE) user-stock || echo "# no stock engine to compare with"
	@$(USER_RUN) full

check-random: ## run the random schedules only: 10 million operations per format and sanitizer
	@$(USER_SUBMAKE) user-own
	@$(USER_RUN) random

check-quick: ## run a part of "check" in about a minute (TAP)
	@$(USER_SUBMAKE) $(USER_BUILD)/own-a/mmu-user
	@$(USER_RUN) quick

.PHONY: count
count: ## count instructions per page of each operation, in our engine and in stock (valgrind)
	@$(USER_SUBMAKE) $(USER_BUILD)/own-n/mmu-user
	@$(USER_SUBMAKE) $(USER_BUILD)/stock-n/mmu-user || \
		echo "# no stock engine to compare with"
	@USER_BUILD=$(USER_BUILD) $(USER_DIR)/tests/count-instructions
