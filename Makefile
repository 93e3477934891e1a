# GNU make; no configure. `make help` lists the targets, HACKING.md explains them.

variant ?= release
build := build/$(variant)

CXX ?= g++
ifeq ($(origin CXX),default)
CXX := g++
endif
PKG_CONFIG ?= pkg-config

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=switch -Werror=unused-result
ifeq ($(werror),yes)
warnings += -Werror
endif
opt.release := -O2 -g
opt.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
opt.debug := -O0 -g
opt := $(or $(opt.$(variant)),-O2 -g)

version := 0.1.0
all_cxxflags = -std=c++20 $(opt) $(warnings) -Iinclude -Isrc $(CXXFLAGS)
simdjson_cflags = $$($(PKG_CONFIG) --cflags simdjson)
simdjson_libs = $$($(PKG_CONFIG) --libs simdjson)

library_sources := $(patsubst include/stdiogate/%.h,src/%.cc,$(wildcard include/stdiogate/*.h))
library_sources := $(wildcard $(library_sources) src/sys.cc src/json_text.cc src/json_walk.cc src/deadlines.cc src/units.cc src/names.cc src/methods.cc src/router_client.cc src/router_server.cc)
unit_tests := $(wildcard tests/*_test.cc)

objects = $(patsubst %.cc,$(build)/%.o,$(1))

.PHONY: check-unit clean
$(build)/tests/%.o: opt := $(opt) -O1

all: $(build)/libstdiogate.a

check-unit: $(build)/unit-tests
	$(WRAP) $(build)/unit-tests

$(build)/libstdiogate.a: $(call objects,$(library_sources))
	rm -f $@
	ar rcs $@ $^

$(build)/unit-tests: $(call objects,$(unit_tests) tests/main.cc) $(build)/libstdiogate.a
	$(CXX) $(all_cxxflags) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

$(build)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(all_cxxflags) $(simdjson_cflags) -Itests -MMD -MP -c -o $@ $<

clean:
	rm -rf build

-include $(wildcard build/$(variant)/*/*.d build/$(variant)/*/*/*.d)
