# kmeans, a loadable extension for SQLite. `make help` lists what can be made.
#
# CC, CFLAGS, LDFLAGS, PREFIX, LIBDIR, DESTDIR and SQLITE3 are the user's; what the code needs to be
# built rightly is kept apart from them. BUILD is where the objects go: every set of flags has its
# own folder, and only the default one puts the extension at the root.

CFLAGS ?= -O2 -g
LDFLAGS ?=
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
SQLITE3 ?= sqlite3
BUILD ?= build

# What the platform asks for.
PLATFORM := $(shell uname -s)
ifneq (,$(findstring mingw,$(CC))$(filter MINGW% MSYS% CYGWIN%,$(PLATFORM)))
  SUFFIX := dll
  INSTALLED := kmeans.dll
  SHARED := -shared
else ifeq ($(PLATFORM),Darwin)
  SUFFIX := dylib
  INSTALLED := kmeans.dylib
  SHARED := -dynamiclib
  POSITION := -fPIC
  # The system's own SQLite loads no extensions: Homebrew's does.
  HOMEBREW := $(shell brew --prefix 2>/dev/null)
  SYSTEM_INCLUDE := $(if $(HOMEBREW),-I$(HOMEBREW)/opt/sqlite/include -I$(HOMEBREW)/include)
  SYSTEM_LIB := $(if $(HOMEBREW),-L$(HOMEBREW)/opt/sqlite/lib -L$(HOMEBREW)/lib)
  ifneq (,$(HOMEBREW))
    ifeq ($(SQLITE3),sqlite3)
      SQLITE3 := $(HOMEBREW)/opt/sqlite/bin/sqlite3
    endif
  endif
else
  SUFFIX := so
  # `.load kmeans` asks the dynamic linker for kmeans.so. Under /usr/local that is found through the
  # linker's cache, which holds only files named lib*, each by its SONAME.
  INSTALLED := libkmeans.so
  SHARED := -shared -Wl,-soname,kmeans.so
  POSITION := -fPIC
endif

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
REQUIRED := -std=c11 $(POSITION) -fvisibility=hidden -ffp-contract=off -pthread \
  -D_POSIX_C_SOURCE=200809L -Iext $(SYSTEM_INCLUDE)
DEPENDENCIES := -MMD -MP

EXTENSION := $(if $(filter build,$(BUILD)),,$(BUILD)/)kmeans.$(SUFFIX)
SOURCES := $(wildcard ext/*.c ext/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)

# Core, kernels and plot know nothing of SQLite: the tests link them directly.
NUMERIC := $(BUILD)/libnumeric.a
NUMERIC_OBJECTS := $(filter $(BUILD)/ext/core/% $(BUILD)/ext/simd/% $(BUILD)/ext/plot/%,$(OBJECTS))

# Test programs: some use the numeric objects alone, others load the extension into SQLite.
SUPPORT := $(wildcard tests/support/*.c)
SQLITE_SUPPORT := $(filter tests/support/sqlite_%,$(SUPPORT))
PLAIN_SUPPORT := $(filter-out $(SQLITE_SUPPORT),$(SUPPORT))
PLAIN_TESTS := $(wildcard tests/core/test_*.c tests/simd/test_*.c tests/plot/test_*.c)
SQLITE_TESTS := $(wildcard tests/bridge/test_*.c tests/surface/test_*.c tests/safety/test_*.c \
  tests/reference/test_*.c)
PLAIN_PROGRAMS := $(PLAIN_TESTS:%.c=$(BUILD)/%)
SQLITE_PROGRAMS := $(SQLITE_TESTS:%.c=$(BUILD)/%)

# Fuzzing: a program of each target that runs the inputs that are kept; with libFuzzer, one that makes
# up more of them.
FUZZ_TESTS := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_PROGRAMS := $(FUZZ_TESTS:%.c=$(BUILD)/%)
FUZZERS := $(FUZZ_TESTS:tests/fuzz/fuzz_%.c=$(BUILD)/tests/fuzz/fuzzer_%)
FUZZ_PARTS := $(BUILD)/tests/fuzz/guard.o $(PLAIN_SUPPORT:%.c=$(BUILD)/%.o)
FUZZ_FLAGS := -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all
CLANG ?= clang

# Long tests: what takes minutes, and what is measured.
TORTURE_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/torture/*.c))
SECONDS ?= 60

PROGRAMS := $(PLAIN_PROGRAMS) $(SQLITE_PROGRAMS) $(FUZZ_PROGRAMS)
TEST_OBJECTS := $(SUPPORT:%.c=$(BUILD)/%.o) $(PROGRAMS:%=%.o) $(TORTURE_PROGRAMS:%=%.o) \
  $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/*.c))
TEST_WARNINGS := -Wall -Wextra -Wshadow

# Part of the tests to run, by a piece of their names; a tool to run them under; the run time of a
# sanitizer, which has to be in the process before the extension is; seconds that a test may take.
TESTS ?=
WRAPPER ?=
PRELOAD ?=
TIMEOUT ?=

# `make -j deps test` installs before it builds.
FIRST := $(filter deps,$(MAKECMDGOALS))

.PHONY: all help deps demo pictures programs fuzzers test install uninstall asan ubsan tsan msan \
  integers valgrind fuzz torture coverage lint format bench clean

all: $(EXTENSION)

help:
	@echo 'make             build the extension, $(EXTENSION)'
	@echo 'make deps        install what is missing to build and test it'
	@echo 'make demo        cluster real data and show it'
	@echo 'make test        run all tests, or those that TESTS names: make test TESTS="predict names"'
	@echo 'make install     to $$(DESTDIR)$$(LIBDIR): $(DESTDIR)$(LIBDIR); `make uninstall` undoes it'
	@echo 'make asan, ubsan, tsan, msan, integers, valgrind   the tests under a sanitizer; msan and'
	@echo '                 integers need clang'
	@echo 'make fuzz        make up inputs, SECONDS=60 for each target; needs clang'
	@echo 'make torture     long tests: scale, latency, mutants, sanitizers, fuzzing'
	@echo 'make coverage    the tests, then what of the code they did not run; fails if that is too much'
	@echo 'make lint        warnings as errors, formatting, and the rules of the layout'
	@echo 'make format      format the sources'
	@echo 'make pictures    draw the pictures of the README anew'
	@echo 'make bench       measure speed and memory'
	@echo 'make clean       remove what was built'

$(EXTENSION): $(OBJECTS)
	$(CC) $(SHARED) -pthread $(CFLAGS) -o $@ $(OBJECTS) $(SYSTEM_LIB) $(LDFLAGS) -lm

$(NUMERIC): $(NUMERIC_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $(NUMERIC_OBJECTS)

$(BUILD)/ext/%.o: ext/%.c | $(FIRST)
	@mkdir -p $(@D)
	$(CC) $(REQUIRED) $(WARNINGS) $(DEPENDENCIES) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/tests/%.o: tests/%.c | $(FIRST)
	@mkdir -p $(@D)
	$(CC) $(REQUIRED) -Itests/support $(TEST_WARNINGS) $(DEPENDENCIES) $(CPPFLAGS) $(CFLAGS) \
	  -c -o $@ $<

$(PLAIN_PROGRAMS): %: %.o $(PLAIN_SUPPORT:%.c=$(BUILD)/%.o) $(NUMERIC)
	$(CC) -pthread $(CFLAGS) -o $@ $^ $(SYSTEM_LIB) $(LDFLAGS) -lcmocka -lm

$(SQLITE_PROGRAMS) $(TORTURE_PROGRAMS): %: %.o $(SUPPORT:%.c=$(BUILD)/%.o) $(NUMERIC)
	$(CC) -pthread $(CFLAGS) -o $@ $^ $(SYSTEM_LIB) $(LDFLAGS) -lcmocka -lsqlite3 -lm

$(FUZZ_PROGRAMS): %: %.o $(BUILD)/tests/fuzz/replay.o $(FUZZ_PARTS) $(OBJECTS)
	$(CC) -pthread $(CFLAGS) -o $@ $^ $(SYSTEM_LIB) $(LDFLAGS) -lcmocka -lsqlite3 -lm

$(FUZZERS): $(BUILD)/tests/fuzz/fuzzer_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/mutate.o \
    $(FUZZ_PARTS) $(OBJECTS)
	$(CC) -pthread $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(SYSTEM_LIB) $(LDFLAGS) -lcmocka -lsqlite3 -lm

.SECONDARY: $(TEST_OBJECTS)

-include $(OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d)

programs: $(PROGRAMS)

fuzzers: $(FUZZERS)

deps:
	@CC='$(CC)' SQLITE3='$(SQLITE3)' tests/deps

demo: $(EXTENSION)
	@$(SQLITE3) -batch -init /dev/null :memory: < sql/demo.sql

# The pictures of the README.
pictures: $(EXTENSION)
	@$(SQLITE3) -batch -init /dev/null :memory: < sql/pictures.sql
	@mv faithful.svg iris.svg lloyd.svg sql/pictures/

test: $(EXTENSION) $(PROGRAMS)
	@BUILD='$(BUILD)' KMEANS_EXTENSION='$(abspath $(EXTENSION))' SQLITE3='$(SQLITE3)' \
	  WRAPPER='$(WRAPPER)' TIMEOUT='$(TIMEOUT)' \
	  PRELOAD='$(if $(PRELOAD),$(shell $(CC) -print-file-name=$(PRELOAD)))' tests/run $(TESTS)

# The linker's cache is brought up to date only where the installation is for this system.
install: $(EXTENSION)
	install -d '$(DESTDIR)$(LIBDIR)'
	install -m 755 $(EXTENSION) '$(DESTDIR)$(LIBDIR)/$(INSTALLED)'
ifeq ($(INSTALLED),libkmeans.so)
	ln -sf libkmeans.so '$(DESTDIR)$(LIBDIR)/kmeans.so'
	@$(REFRESH)
endif

uninstall:
	rm -f '$(DESTDIR)$(LIBDIR)/$(INSTALLED)' '$(DESTDIR)$(LIBDIR)/kmeans.$(SUFFIX)'
ifeq ($(INSTALLED),libkmeans.so)
	@$(REFRESH)
endif

REFRESH = test -n '$(DESTDIR)' || { PATH="$$PATH:/usr/sbin:/sbin"; \
  if command -v ldconfig >/dev/null && ! ldconfig 2>/dev/null; then \
    echo 'ldconfig could not be run: load the extension by its path, .load $(LIBDIR)/kmeans'; fi; }

# Each sanitizer is the same tests, built with other flags in another folder. The + before it lets make build in
# parallel there, too.
SANITIZED = $(MAKE) --no-print-directory test BUILD='$(BUILD)/$@'

VALGRIND := valgrind -q --error-exitcode=9 --leak-check=full --keep-debuginfo=yes \
  --errors-for-leak-kinds=definite,indirect,possible

UNDEFINED := undefined,float-cast-overflow
asan: FLAGS := -fsanitize=address,leak,$(UNDEFINED) -fno-sanitize-recover=$(UNDEFINED)
ubsan: FLAGS := -fsanitize=$(UNDEFINED) -fno-sanitize-recover=$(UNDEFINED)
tsan: FLAGS := -fsanitize=thread

asan ubsan tsan:
	+$(SANITIZED) CFLAGS='-O1 -g -fno-omit-frame-pointer $(FLAGS)' LDFLAGS='$(LDFLAGS) $(FLAGS)' \
	  PRELOAD=lib$@.so

# MemorySanitizer must see every store: so it takes the programs that need no SQLite, and the others
# where the source of one is given to be built likewise, SQLITE_SOURCE=path/to/sqlite3.c.
MSAN := -O1 -g -fno-omit-frame-pointer -fsanitize=memory
MSAN_TESTS := $(PLAIN_TESTS) $(if $(SQLITE_SOURCE),$(SQLITE_TESTS) $(FUZZ_TESTS))

msan: $(if $(SQLITE_SOURCE),$(BUILD)/msan/libsqlite3.a)
	+$(SANITIZED) CC='$(CLANG)' CFLAGS='$(MSAN)' WRAPPER=env TESTS='$(or $(TESTS),$(MSAN_TESTS))' \
	  LDFLAGS='$(LDFLAGS) -fsanitize=memory $(if $(SQLITE_SOURCE),$(MSAN_SQLITE))'

MSAN_WRAPPED := stat lstat fstat stat64 lstat64 fstat64
MSAN_SQLITE := -L$(BUILD)/msan -ldl $(MSAN_WRAPPED:%=-Wl,--wrap=%)

$(BUILD)/msan/libsqlite3.a: $(SQLITE_SOURCE) tests/support/msan/stat.c
	@mkdir -p $(@D)
	$(CLANG) $(MSAN) -fPIC -c -o $(@D)/sqlite3.o $<
	$(CLANG) $(MSAN) -fPIC -c -o $(@D)/stat.o tests/support/msan/stat.c
	$(AR) rcs $@ $(@D)/sqlite3.o $(@D)/stat.o

# What C allows but is seldom meant: a conversion that changes the value, a division by 0.0, an unsigned
# number that wraps around where nothing says KM_WRAPS. Needs clang, whose RUNTIME the shell is given: the
# programs have it in them.
INTEGERS := -fsanitize=undefined,unsigned-integer-overflow,implicit-conversion,nullability \
  -fsanitize=float-cast-overflow,float-divide-by-zero -fno-sanitize-recover=all
RUNTIME := libclang_rt.ubsan_standalone-$(shell uname -m).so

integers:
	+$(SANITIZED) CC='$(CLANG)' CFLAGS='-O1 -g $(INTEGERS)' LDFLAGS='$(LDFLAGS) $(INTEGERS)' \
	  PRELOAD='$(RUNTIME)'

valgrind:
	+$(SANITIZED) CFLAGS='-O1 -g' WRAPPER='$(VALGRIND)'

# Needs clang: libFuzzer is part of it.
fuzz:
	@$(MAKE) --no-print-directory fuzzers BUILD='$(BUILD)/fuzz' CC='$(CLANG)' \
	  CFLAGS='-O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(FUZZ_FLAGS)' \
	  LDFLAGS='$(LDFLAGS) $(FUZZ_FLAGS)'
	@BUILD='$(BUILD)/fuzz' tests/fuzz/run '$(SECONDS)' $(TESTS)

# What takes minutes or an hour; FUZZ_SECONDS for each target of fuzzing.
torture: $(EXTENSION) $(PROGRAMS) $(TORTURE_PROGRAMS)
	@BUILD='$(BUILD)' KMEANS_EXTENSION='$(abspath $(EXTENSION))' tests/torture/run $(TESTS)

COVERED := $(SOURCES:%.c=$(BUILD)/coverage/%.gcno)

coverage:
	@find '$(BUILD)/coverage' -name '*.gcda' -exec rm -f {} + 2>/dev/null || true
	+$(SANITIZED) TIMEOUT=1800 CFLAGS='-O0 -g --coverage' LDFLAGS='$(LDFLAGS) --coverage'
	@{ gcov -b -n $(COVERED); gcov -t $(COVERED); } 2>/dev/null | awk -f tests/coverage.awk

lint: $(EXTENSION)
	@EXTENSION='$(EXTENSION)' FLAGS='$(REQUIRED)' WARNINGS='$(WARNINGS)' \
	  TEST_WARNINGS='$(TEST_WARNINGS)' tests/lint.sh

format:
	find ext tests -name '*.[ch]' -exec clang-format -i {} +

bench: $(EXTENSION)
	@BUILD='$(BUILD)' CC='$(CC)' CFLAGS='$(REQUIRED) $(CFLAGS)' SQLITE3='$(SQLITE3)' \
	  KMEANS_EXTENSION='$(abspath $(EXTENSION))' tests/bench/run

clean:
	rm -rf '$(BUILD)' kmeans.so kmeans.dylib kmeans.dll
