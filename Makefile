# GNU make, no configure step. `make help` lists the targets, HACKING.md explains them.

version := 0.2.0
.DEFAULT_GOAL := all

# Variants do not invalidate each other: each has a directory of its own.
variant ?= release
build := build/$(variant)

ifeq ($(origin CXX),default)
CXX := g++
endif
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man

opt.release := -O2 -g
opt.debug := -O0 -g
opt.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
opt.fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
opt := $(or $(opt.$(variant)),$(opt.release))
# What the checks of a variant are told.
check_env.asan := SANITIZED=yes SANITIZE=-fsanitize=address,undefined

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=switch -Werror=unused-result
warnings += $(if $(filter yes,$(werror)),-Werror)

# Quoted includes start at the top ("src/io/lane.h"), so that no system header is shadowed by ours.
compile = $(CXX) -std=c++20 $(opt) $(warnings) -Iinclude -iquote . \
	-DSTDIOGATE_VERSION='"$(version)"' $(CPPFLAGS) $(CXXFLAGS)
# Asked in the recipe, not here: pkg-config may not be there before install-deps has run.
simdjson_cflags = $$($(PKG_CONFIG) --cflags simdjson)
simdjson_libs = $$($(PKG_CONFIG) --libs simdjson)
catch2_libs = $$($(PKG_CONFIG) --libs catch2 2>/dev/null)

# The library knows no process, no terminal and no log. The program is everything else in src.
library_sources := src/text.cc $(wildcard src/json/*.cc src/requests/*.cc src/router/*.cc) \
	$(addprefix src/io/,line_reader.cc line_writer.cc reactor.cc)
program_sources := $(filter-out $(library_sources),$(wildcard src/*.cc src/*/*.cc))
headers := $(wildcard include/stdiogate/*.h src/*.h src/*/*.h)
objects = $(patsubst %.cc,$(build)/%.o,$(1))

library := $(build)/libstdiogate.a
program := $(build)/stdiogate
tools := $(build)/stub_server $(build)/demo_server $(build)/demo
checks := $(build)/unit-tests $(build)/cli-tests $(build)/scenarios $(build)/simulate \
	$(build)/lifecycle $(build)/fuzz-replay
benches := $(build)/bench $(build)/bench_server $(build)/bench_relay

# `make V=1` shows whole commands.
say = @$(if $(V),:,echo '  $(1) $@');
quiet = $(if $(V),,@)
# As many jobs as there are processors, unless the caller has said how many.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$$(nproc))

.PHONY: all demo check check-unit check-cli check-field check-docs check-asan check-orphans check-interop check-viewer check-valgrind \
	install uninstall format lint clean help check-simulation simulate check-lifecycle lifecycle check-corpus fuzz fuzzers \
	check-mutants soak check-faults differential bench bench-cpu

## all            build the program, the library and the tools (default)
all: $(library) $(program) $(tools)

help:
	@sed -n 's/^## //p' Makefile tools/packaging/package.mk
	@echo 'Variables: variant=release|asan|debug, CXX, PREFIX, MANDIR, DESTDIR, SIMDJSON, werror=yes, V=1'

## demo           show what it is for, with the bundled server (installs what is missing to build it)
demo:
	$(quiet)tools/install-deps build
	$(quiet)$(MAKE) --no-print-directory $(jobs) all
	$(quiet)$(build)/demo $(program) $(build)/demo_server build/demo-trace.jsonl

## check          build and run the tests (installs what is missing for it)
check:
	$(quiet)tools/install-deps build test
	$(quiet)$(MAKE) --no-print-directory $(jobs) all $(checks)
	$(quiet)$(MAKE) --no-print-directory check-unit
	$(quiet)$(MAKE) --no-print-directory check-simulation
	$(quiet)$(MAKE) --no-print-directory check-lifecycle
	$(quiet)$(MAKE) --no-print-directory check-corpus
	$(quiet)$(MAKE) --no-print-directory check-cli
	$(if $(filter asan,$(variant)),@:,$(quiet)$(MAKE) --no-print-directory check-field check-docs)

## check-unit     the unit tests
check-unit: $(build)/unit-tests
	$(quiet)$(WRAP) $(build)/unit-tests

## check-simulation  20,000 short schedules and two long ones of the router against a model
schedules = $(if $(filter asan,$(variant)),2000,20000)
check-simulation: $(build)/simulate
	$(quiet)$< $(schedules) 1
	$(quiet)$< 2 1 100000

## check-lifecycle  3,000 lives of a gate: starts, ends, signals, reloads and restarts in any order
lives = $(if $(filter asan,$(variant)),500,3000)
check-lifecycle: $(build)/lifecycle
	$(quiet)$< $(lives) 1

## simulate       as many as you like (seeds=N, seed=S or seed=fresh, or replay=FILE)
seeds = 100000
seed = 1
simulate: $(build)/simulate
	$(quiet)$< $(if $(replay),--replay $(replay),$(seeds) $(seed))

## lifecycle      as many as you like (seeds=N, seed=S or seed=fresh, or tell=SEED)
lifecycle: $(build)/lifecycle
	$(quiet)$< $(if $(tell),--tell $(tell),$(seeds) $(seed))

## check-corpus   the fuzz targets over the inputs that are kept
check-corpus: $(build)/fuzz-replay
	$(quiet)$< tests/proof/corpus

## differential   the parser against Python's on lines made up (lines=N, seed=S)
lines = 100000
differential: $(build)/verdicts
	$(quiet)tools/install-deps python
	$(quiet)tests/proof/differential/run $< $(lines) $(seed)

## fuzz           libFuzzer on each target (seconds=N, targets="message lines router script")
seconds = 60
targets = message lines router script
fuzz:
	$(quiet)tools/install-deps build clang
	$(quiet)$(MAKE) --no-print-directory $(jobs) variant=fuzz CXX=clang++ fuzzers
	$(quiet)for target in $(targets); do \
		log=build/fuzz/$$target.log; \
		mkdir -p build/fuzz/found/$$target; \
		nice build/fuzz/fuzz-$$target -max_total_time=$(seconds) -max_len=8192 -timeout=10 \
			-dict=tests/proof/fuzz/json-rpc.dict -print_final_stats=1 -artifact_prefix=build/fuzz/$$target- \
			build/fuzz/found/$$target tests/proof/corpus/$$target >$$log 2>&1 || { tail -40 $$log; exit 1; }; \
		echo "fuzz: $$target: $$(sed -n 's/.*executed_units: *//p' $$log) inputs in $(seconds) s: nothing wrong"; \
	done

# For AFL++: make variant=fuzz-afl CXX=afl-clang-fast++ opt=-O2 fuzz_link=-fsanitize=fuzzer fuzzers
fuzzers: $(targets:%=$(build)/fuzz-%)

## check-mutants  operators and constants changed one at a time: most must be noticed (seconds=N, seed=S, files="...")
check-mutants:
	$(quiet)tools/install-deps build test python
	$(quiet)tests/proof/mutants/run $(if $(filter command%,$(origin seconds)),--seconds $(seconds)) \
		--seed $(if $(filter fresh,$(seed)),$$(date +%s),$(seed)) $(files)

## check-cli      the program against scripted servers (cases="tests/program/cli/X ...", program=FILE)
cases = $(sort $(wildcard tests/program/cli/*))
some_cases := $(filter command%,$(origin cases))
check-cli: $(build)/cli-tests $(program) $(build)/stub_server $(if $(some_cases),,$(build)/scenarios)
	$(quiet)$(check_env.$(variant)) $(build)/cli-tests $(abspath $(program)) $(abspath $(build)/stub_server) $(cases)
	$(if $(some_cases),@:,$(quiet)$(check_env.$(variant)) $(build)/scenarios $(abspath $(program)) \
		$(abspath $(build)/stub_server))

## check-field    what users of MCP servers have met, each with a verdict (situations="PART-OF-A-NAME ...")
check-field: $(program)
	$(quiet)tools/install-deps python
	$(quiet)tests/program/field/run $(program) $(situations)

## check-docs     the man page says what --help does, commands in it and README work; each header stands alone
check-docs: $(program) $(library) $(build)/demo_server $(headers:%=$(build)/%.alone)
	$(quiet)tools/check-headers
	$(quiet)CXX='$(CXX)' $(check_env.$(variant)) tools/check-docs $(program) $(library)
	$(quiet)tools/install-deps python
	$(quiet)tools/check-commands $(program) $(build)/demo_server

## check-asan     all of check under AddressSanitizer and UndefinedBehaviorSanitizer
check-asan:
	$(quiet)$(MAKE) --no-print-directory variant=asan check

## check-valgrind the unit tests and the program under valgrind
check-valgrind: all $(checks)
	$(quiet)tools/install-deps valgrind
	$(quiet)WRAP='valgrind -q --error-exitcode=99' $(MAKE) --no-print-directory check-unit check-cli

## check-orphans  500 trees of processes, ended in every way: nothing is left (runs=N, seed=N)
check-orphans: $(program) $(tools) $(build)/orphans
	$(quiet)$(build)/orphans $(abspath $(program)) $(abspath $(build)/stub_server) $(or $(runs),500) $(if $(filter command%,$(origin seed)),$(seed))

## check-faults   each system call fails once, each allocation of the start, and all is done a byte at a time
# Byte by byte but where a line on stderr is looked for: there the server's and the gate's mix.
check-faults: $(build)/stdiogate-faults $(build)/cli-tests $(build)/stub_server
	$(quiet)tools/install-deps python
	$(quiet)STDIOGATE_FAULTS=short $(build)/cli-tests $(abspath $<) $(abspath $(build)/stub_server) \
		$$(grep -L '^stderr-like' $(wildcard tests/program/cli/*/client) | xargs -n 1 dirname)
	$(quiet)tests/program/faults/run $(abspath $(build)/cli-tests $<) $(abspath $(build)/stub_server) tests/program/cli

## soak           random faults for N seconds, every outcome counted (seconds=N, seed=S)
soak: $(program)
	$(quiet)tools/install-deps python
	$(quiet)nice tests/program/soak/run $(abspath $(program)) $(seconds) $(seed)

## check-interop   real clients and servers from the npm registry (skipped where there is no Node.js)
check-interop: $(program) $(tools)
	$(quiet)tests/interop/run $(abspath $(program)) $(abspath $(build))

## check-viewer    the page that shows a trace, in headless Chromium, and the jq recipes (skipped where missing)
check-viewer: $(program) $(tools)
	$(quiet)tests/viewer/run $(abspath $(program)) $(abspath $(build))

## bench          what it costs against no gate, cat, a byte relay and socat (quick=yes, points=A,B, other=PROGRAM)
bench: $(program) $(benches)
	$(quiet)$(build)/bench $(if $(filter yes,$(quick)),--quick) $(if $(points),--points $(points)) \
		$(if $(other),--other $(other)) \
		$(abspath $(program))

## bench-cpu      instructions and system calls a request, none of them grown by more than 5 %
bench-cpu: $(program) $(benches)
	$(quiet)tools/install-deps valgrind
	$(quiet)CXX='$(CXX)' tools/bench-cpu $(build)

$(library): $(call objects,$(library_sources))
	$(call say,AR )
	@rm -f $@
	$(quiet)ar rcs $@ $^

$(build)/stdiogate: $(call objects,$(program_sources)) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

# The program with system calls and memory that can be made to fail.
wrapped := main malloc realloc read write preadv2 pwritev2 recv send epoll_create1 \
	epoll_ctl epoll_wait open pipe2 socketpair fork signalfd poll
$(build)/stdiogate-faults: $(call objects,$(program_sources) tests/program/faults/calls.cc) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(wrapped:%=-Wl,--wrap=%) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

$(build)/completion-rows: $(call objects,tools/completions/rows.cc \
		$(filter-out src/main.cc,$(program_sources))) $(library)
$(build)/stub_server: $(call objects,tools/stub_server.cc tools/peer.cc)
$(build)/demo: $(call objects,tools/demo.cc tools/peer.cc)
$(build)/demo_server: $(call objects,tools/demo_server.cc) $(library)
$(build)/bench: $(call objects,$(addprefix tools/bench,.cc _lag.cc _load.cc _exchange.cc _path.cc))
$(build)/bench_server: $(call objects,tools/bench_server.cc)
$(build)/bench_relay: $(call objects,tools/bench_relay.cc)
$(build)/cli-tests: $(call objects,tests/program/cli.cc tools/peer.cc)
$(build)/scenarios: $(call objects,$(wildcard tests/program/scenario*.cc) tools/peer.cc)
$(build)/orphans: $(call objects,tests/program/orphans.cc tools/peer.cc)
$(tools) $(benches) $(build)/completion-rows $(build)/cli-tests $(build)/scenarios $(build)/orphans:
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

# The program's parts but main are tested, too.
$(build)/unit-tests: $(call objects,$(wildcard tests/unit/*_test.cc tests/unit/*/*_test.cc) tests/unit/main.cc \
		$(addprefix tests/proof/simulation/,simulation_test.cc script.cc shrink.cc) \
		$(filter-out src/main.cc,$(program_sources))) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs) $(catch2_libs)

simulation := $(filter-out %_test.cc,$(wildcard tests/proof/simulation/*.cc))
$(build)/simulate: $(call objects,$(simulation) src/report/stats.cc) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

# The gate without processes: its launcher and epoll_wait are the schedule's.
lifecycle := $(wildcard tests/proof/lifecycle/*.cc)
$(build)/lifecycle: $(call objects,$(lifecycle) $(addprefix tests/proof/simulation/,shrink.cc script.cc) $(filter-out src/main.cc src/process/launcher.cc \
		$(wildcard src/process/watch*.cc),$(program_sources))) $(library)
	$(call say,LD )
	$(quiet)$(compile) -Wl,--wrap=epoll_wait $(LDFLAGS) -o $@ $^ $(simdjson_libs)

$(build)/verdicts: $(call objects,tests/proof/differential/verdicts.cc) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)

fuzz_parts := $(filter-out %/libfuzzer.cc %/replay.cc,$(wildcard tests/proof/fuzz/*.cc)) \
	$(filter-out %/simulate.cc,$(simulation)) src/report/stats.cc
fuzz_link = -fsanitize=fuzzer
$(build)/fuzz-replay: $(call objects,$(fuzz_parts) tests/proof/fuzz/replay.cc) $(library)
	$(call say,LD )
	$(quiet)$(compile) $(LDFLAGS) -o $@ $^ $(simdjson_libs)
$(build)/fuzz-message $(build)/fuzz-lines $(build)/fuzz-router $(build)/fuzz-script: \
		$(build)/fuzz-%: $(call objects,$(fuzz_parts)) tests/proof/fuzz/libfuzzer.cc $(library)
	$(call say,LD )
	$(quiet)$(compile) $(fuzz_link) -DFUZZ_TARGET=$* $(LDFLAGS) -o $@ $^ $(simdjson_libs)

# Tests are compiled for a quick build, and Catch2's own main without our warnings.
$(build)/tests/%.o: opt += -O1
$(build)/tests/unit/main.o: warnings := -w
$(call objects,$(simulation)): opt := $(opt)

# --help trace names the folder.
$(build)/src/gate/help.o: CPPFLAGS += -DSTDIOGATE_PREFIX='"$(PREFIX)"'

$(build)/%.o: %.cc
	$(call say,CXX)
	@mkdir -p $(@D)
	$(quiet)$(compile) $(simdjson_cflags) -MMD -MP -c -o $@ $<

$(build)/%.h.alone: %.h
	@mkdir -p $(@D)
	$(quiet)$(compile) $(simdjson_cflags) -Werror -MMD -MP -MF $@.d -MT $@ -fsyntax-only -include $< -x c++ /dev/null
	@touch $@

# Options as the program's table has them, in the place that a shell's script names.
completions := $(patsubst tools/completions/%,$(build)/completions/%,$(wildcard tools/completions/stdiogate.*))
$(completions): $(build)/completions/stdiogate.%: tools/completions/stdiogate.% $(build)/completion-rows
	@mkdir -p $(@D)
	$(quiet)$(EMULATOR) $(build)/completion-rows $* >$@.rows
	$(quiet)sed -e '/@OPTIONS@/{r $@.rows' -e 'd}' $< >$@

## install        install into PREFIX (/usr/local), below DESTDIR if it is given
## install-strip  the same without debug information
bindir = $(DESTDIR)$(PREFIX)/bin
libdir = $(DESTDIR)$(PREFIX)/lib
includedir = $(DESTDIR)$(PREFIX)/include/stdiogate
mandir = $(DESTDIR)$(MANDIR)
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(or $(ZSHDIR),$(PREFIX)/share/zsh/site-functions)
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
sharedir = $(DESTDIR)$(PREFIX)/share/stdiogate
shared := $(wildcard tools/viewer/*.html tools/viewer/*.jq)
.PHONY: install-strip install-program install-library
install: install-program install-library
install-strip: strip := -s
install-strip: install

install-program: $(program) $(completions)
	install -d $(bindir) $(mandir)/man1 $(mandir)/man5 $(bashdir) $(zshdir) $(fishdir) $(if $(shared),$(sharedir))
	install $(strip) -m 755 $(program) $(bindir)/stdiogate
	install -m 644 $(wildcard man/*.1) $(mandir)/man1
	install -m 644 $(wildcard man/*.5) $(mandir)/man5
	install -m 644 $(build)/completions/stdiogate.bash $(bashdir)/stdiogate
	install -m 644 $(build)/completions/stdiogate.zsh $(zshdir)/_stdiogate
	install -m 644 $(build)/completions/stdiogate.fish $(fishdir)
	$(if $(shared),install -m 644 $(shared) $(sharedir))

install-library: $(library)
	install -d $(libdir)/pkgconfig $(includedir) $(mandir)/man3
	install -m 644 $(library) $(libdir)/libstdiogate.a
	install -m 644 $(wildcard include/stdiogate/*.h) $(includedir)
	install -m 644 $(wildcard man/*.3) $(mandir)/man3
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(version)|' tools/stdiogate.pc.in >$(libdir)/pkgconfig/stdiogate.pc

## uninstall      remove what install has put there
uninstall:
	rm -f $(bindir)/stdiogate $(libdir)/libstdiogate.a $(libdir)/pkgconfig/stdiogate.pc
	rm -f $(bashdir)/stdiogate $(zshdir)/_stdiogate $(fishdir)/stdiogate.fish
	rm -f $(patsubst man/%,$(mandir)/man1/%,$(wildcard man/*.1))
	rm -f $(patsubst man/%,$(mandir)/man3/%,$(wildcard man/*.3))
	rm -f $(patsubst man/%,$(mandir)/man5/%,$(wildcard man/*.5))
	rm -rf $(includedir) $(sharedir)

formatted = $(shell git ls-files '*.h' '*.cc')
## format         lay out all sources as clang-format has it
format:
	clang-format -i $(formatted)

## lint           clang-format, clang-tidy and cppcheck have nothing to say
lint:
	$(quiet)tools/install-deps build lint
	$(quiet)clang-format --dry-run -Werror $(formatted)
	$(quiet)cppcheck --std=c++20 --enable=warning,style,performance,portability --quiet \
		--error-exitcode=1 --suppress=missingIncludeSystem --suppress=useStlAlgorithm \
		--suppress=unusedStructMember --suppress=shadowFunction --suppress=noExplicitConstructor \
		-Iinclude src tools
	$(quiet)printf '%s\n' $(wildcard src/*.cc src/*/*.cc tools/*.cc) | xargs -P "$$(nproc)" -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- -std=c++20 -Iinclude -iquote . \
		"-DSTDIOGATE_VERSION=\"0\"" 2>/dev/null' tidy
	@echo 'lint: nothing to say'

include tools/packaging/package.mk

## clean          remove build/
clean:
	rm -rf build

-include $(wildcard $(addprefix $(build)/,*/*.d */*/*.d */*/*/*.d */*/*/*/*.d))
