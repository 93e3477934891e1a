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
$(build)/stdiogate: $(build)/simdjson.o
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
