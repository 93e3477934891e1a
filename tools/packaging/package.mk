# What a release is made of. Part of the Makefile; `make help` lists the targets.

.PHONY: static check-reproducible

# simdjson's amalgamated source: the folder of simdjson.cpp.
SIMDJSON ?= $(CURDIR)/build/simdjson
simdjson_source = $(abspath $(SIMDJSON))
static := build/static/stdiogate

# The date in all that is made: of the last commit, or where there is no git of this file, which comes
# from a tarball.
ifeq ($(origin SOURCE_DATE_EPOCH),undefined)
SOURCE_DATE_EPOCH := $(shell { [ -e .git ] && git log -1 --format=%ct; } 2>/dev/null || stat -c %Y Makefile)
endif
export SOURCE_DATE_EPOCH

# The variant `static` has simdjson and all libraries inside, and no path of the machine that built it.
ifeq ($(variant),static)
opt.static = -O2 -ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=. \
	-ffile-prefix-map=$(simdjson_source)=simdjson
opt = $(opt.static)
simdjson_cflags = -isystem $(simdjson_source)
simdjson_libs = -static -s -Wl,--gc-sections
$(build)/stdiogate $(build)/demo_server $(build)/completion-rows: $(build)/simdjson.o
$(build)/simdjson.o: $(simdjson_source)/simdjson.cpp
	$(call say,CXX)
	@mkdir -p $(@D)
	$(quiet)$(compile) -w -c -o $@ $<
endif

## static         build/static/stdiogate, which needs no library (SIMDJSON=DIR: its amalgamated source)
static:
	$(quiet)tools/install-deps build $(if $(filter file,$(origin SIMDJSON)),simdjson)
	$(quiet)$(MAKE) --no-print-directory $(jobs) variant=static $(static)

## check-reproducible  two builds in two folders give the same bytes
check-reproducible: static
	$(quiet)SIMDJSON='$(simdjson_source)' tools/packaging/check-reproducible $(static)

## dist           build/dist: tarballs of the program and of the source, what is inside, checksums
## npm wheel deb  packages of build/dist's program, the last of a dynamic build
.PHONY: dist npm wheel deb check-dist check-completions check-remote
dist := build/dist
machine = $(shell $(CXX) -dumpmachine | sed 's/-.*//')
release := stdiogate-$(version)-linux-$(machine)
# What a release puts in: where its files can be had, as far as a name of one.
RELEASE_URL ?= @RELEASE_URL@
package = VERSION=$(version) RELEASE_URL='$(RELEASE_URL)' tools/packaging/$(1) $(dist)
dist: static
	$(quiet)mkdir -p $(dist)
	$(quiet)find $(dist) -type f ! -name '*[_-]$(version)[-_.]*' -delete
	$(quiet)$(MAKE) -s $(jobs) variant=static install-program DESTDIR=$(dist)/$(release) PREFIX= >/dev/null
	$(quiet)SIMDJSON='$(simdjson_source)' CXX='$(CXX)' $(call package,dist) $(release)
npm: dist
	$(quiet)$(call package,npm)
wheel: dist
	$(quiet)tools/install-deps python
	$(quiet)$(call package,wheel)
deb: dist
	$(quiet)tools/install-deps build packages
	$(quiet)$(call package,deb)

## check-dist     each package, installed into a scratch place, holds the demo's conversation
check-dist: npm wheel deb
	$(quiet)tools/install-deps node python packages shells
	$(quiet)$(MAKE) --no-print-directory $(jobs) build/release/demo build/release/demo_server
	$(quiet)tests/program/package/installs $(dist) $(version) build/release/demo build/release/demo_server

## check-completions  bash, zsh and fish, completing what is typed
check-completions: $(completions) $(program)
	$(quiet)tools/install-deps shells python
	$(quiet)rm -rf build/completed
	$(quiet)$(MAKE) -s install-program DESTDIR=$(CURDIR)/build/completed PREFIX= >/dev/null
	$(quiet)tests/program/package/completions build/completed

## check-remote   a server on another machine or in a container: sshd, namespaces, sockets (cases="NAME ...")
check-remote: static $(program) $(tools)
	$(quiet)tools/install-deps remote python
	$(quiet)$(MAKE) --no-print-directory variant=static build/static/demo_server
	$(quiet)tests/program/remote/run $(program) $(static) $(build)/demo_server build/static/demo_server \
		$(filter-out tests/%,$(cases))
	$(quiet)GATE=$(abspath $(program)) STDIOGATE_LENGTH=500 tests/interop/run \
		$(CURDIR)/tests/program/remote/two-gates $(abspath $(build)) transparency.test.mjs
