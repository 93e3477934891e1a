# GNU make, no configure step. `make help` lists the targets.

version := 0.1.0

# Variants do not invalidate each other: each has a directory of its own.
variant ?= release
build := build/$(variant)

ifeq ($(origin CXX),default)
CXX := g++
endif
PKG_CONFIG ?= pkg-config

opt.release := -O2 -g
opt.debug := -O0 -g
# A variant's tests may be told so.
check_env.asan := SANITIZED=yes
opt.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
opt := $(or $(opt.$(variant)),$(opt.release))

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=switch -Werror=unused-result
warnings += $(if $(filter yes,$(werror)),-Werror)

# Quoted includes have a path of their own, so that no system header is found there.
compile = $(CXX) -std=c++20 $(opt) $(warnings) -Iinclude -iquote src -iquote tests \
	-DSTDIOGATE_VERSION='"$(version)"' $(CPPFLAGS) $(CXXFLAGS)
# Asked in the recipe, not here: pkg-config may not be there before install-deps has run.
simdjson_cflags = $$($(PKG_CONFIG) --cflags simdjson)
simdjson_libs = $$($(PKG_CONFIG) --libs simdjson)

# The program is made of these; all else in src is the library, which knows no process, no terminal
# and no log.
program_parts := child_process command_path event_log io lane launcher log main options outlet \
	process_tree proxy server_stderr stats watcher
program_sources := $(program_parts:%=src/%.cc)
library_sources := $(filter-out $(program_sources),$(wildcard src/*.cc))
objects = $(patsubst %.cc,$(build)/%.o,$(1))

library := $(build)/libstdiogate.a
program := $(build)/stdiogate
tools := $(build)/stub_server

# `make V=1` shows whole commands.
say = @$(if $(V),:,echo '  $(1) $@');
quiet = $(if $(V),,@)

.PHONY: all check check-unit check-cli clean help
all: $(library) $(program) $(tools)

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

## all           build the program and the library (default)
## check-unit    run the unit tests
## check-cli     run the program against scripted servers (cases="tests/cli/X ..." for some)
## clean         remove build/

check-unit: $(build)/unit-tests
	$(WRAP) $(build)/unit-tests

cases = $(sort $(wildcard tests/cli/*))
check-cli: $(build)/cli-tests $(build)/scenarios $(program) $(tools)
	$(quiet)$(build)/cli-tests $(abspath $(program)) $(abspath $(build)/stub_server) $(cases)
	$(quiet)$(check_env.$(variant)) $(build)/scenarios $(abspath $(program)) $(abspath $(build)/stub_server)

$(library): $(call objects,$(library_sources))
	$(call say,AR )
	@rm -f $@
	$(quiet)ar rcs $@ $^

$(program): $(call objects,$(program_sources)) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

$(build)/stub_server: $(call objects,tools/stub_server.cc tools/peer.cc)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

$(build)/cli-tests: $(call objects,tests/cli.cc tools/peer.cc)
$(build)/scenarios: $(call objects,tests/scenarios.cc tools/peer.cc)
$(build)/cli-tests $(build)/scenarios:
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^

# The program's parts but main are tested, too.
$(build)/unit-tests: $(call objects,$(wildcard tests/*_test.cc) tests/main.cc \
		$(filter-out src/main.cc,$(program_sources))) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

# Tests are compiled for a quick build, and Catch2's own main without our warnings.
$(build)/tests/%.o: opt += -O1
$(build)/tests/main.o: warnings := -w

$(build)/%.o: %.cc
	$(call say,CXX)
	@mkdir -p $(@D)
	$(quiet)$(compile) $(simdjson_cflags) -MMD -MP -c -o $@ $<

clean:
	rm -rf build

-include $(wildcard build/$(variant)/*/*.d build/$(variant)/*/*/*.d)
