#!/bin/sh
# What a reviewer should not have to look for. Prints every fault and fails if there is one.
#
# From make, by the environment: FLAGS, WARNINGS, TEST_WARNINGS, EXTENSION.
set -u

cd "$(dirname "$0")/.." || exit 1
faults=0

# check TITLE OUTPUT: output is a fault.
check() {
  if [ -n "$2" ]; then
    faults=$((faults + 1))
    echo "FAIL $1"
    echo "$2" | sed 's/^/    /'
  else
    echo "ok   $1"
  fi
}

without() {
  echo "skip $1: no $2 here"
}

has() {
  command -v "$1" >/dev/null
}

sources=$(find ext -name '*.c' | sort)
headers=$(find ext -name '*.h' | sort)
tests=$(find tests -name '*.c' | sort)
test_headers=$(find tests -name '*.h' | sort)

# Every compiler at hand, warnings as errors.
for compiler in gcc clang; do
  if ! has $compiler; then
    without "warnings of $compiler" $compiler
    continue
  fi
  check "warnings of $compiler" "$(
    for file in $sources; do
      $compiler $FLAGS $WARNINGS -O2 -Werror -fsyntax-only "$file" 2>&1
    done
    for file in $tests; do
      $compiler $FLAGS -Itests/support $TEST_WARNINGS -O2 -Werror -fsyntax-only "$file" 2>&1
    done
  )"
done

# A header that needs another one includes it.
check "every header stands alone" "$(
  for file in $headers; do
    echo "#include \"${file#ext/}\"" |
      ${CC:-cc} $FLAGS $WARNINGS -Wno-unused-function -Werror -fsyntax-only -x c - 2>&1
  done
)"

if has clang-format; then
  check "formatting (make format mends it)" "$(
    clang-format --dry-run -Werror $sources $headers $tests $test_headers 2>&1 | grep 'error:')"
else
  without formatting clang-format
fi

# Data flows one way: surface -> bridge -> core -> simd, and surface -> plot -> core. Each folder, and whose headers it may use.
check "includes go downward" "$(
  while read -r folder allowed; do
    [ -d "ext/$folder" ] || continue
    find "ext/$folder" -name '*.[ch]' | sort | while read -r file; do
      awk -v file="$file" -v allowed=" $allowed " '
        /^[ \t]*#[ \t]*include[ \t]*"/ {
          split($0, part, "\"")
          from = part[2]
          if (from == "sqlite3ext.h" || from == "sqlite3.h") next
          if (sub(/\/.*/, "", from) == 0 || index(allowed, " " from " ") == 0)
            print file ":" FNR ": includes \"" part[2] "\""
        }' "$file"
    done
  done <<RULES
simd simd
core core simd
plot plot core
bridge bridge core
surface surface bridge core plot
RULES
)"

numeric=$(find ext/core ext/simd ext/plot -name '*.[ch]' 2>/dev/null | sort)

check "core, simd and plot know no SQLite" "$(
  grep -n -i -E '#[[:space:]]*include.*sqlite|[^a-z_]sqlite3_[a-z]' $numeric /dev/null |
    grep -v -E ':[[:space:]]*(/?\*|//)')"

# Comments and strings blanked out, memory of the C library is not asked for by name.
allocators='malloc|calloc|realloc|free|strdup|strndup|aligned_alloc|posix_memalign'
check "memory comes from the host's allocator" "$(
  for file in $sources $headers; do
    awk -v file="$file" -v names="(^|[^A-Za-z0-9_.>])($allocators)[ \t]*[(]" '
      { line = $0
        gsub(/\\./, "", line)
        gsub(/"[^"]*"/, "\"\"", line)
        if (inside && !sub(/^.*\*\//, "", line)) next
        inside = 0
        gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
        sub(/\/\/.*/, "", line)
        if (sub(/\/\*.*/, "", line)) inside = 1
        if (line ~ names && line !~ /#[ \t]*define/) print file ":" FNR ": " $0 }' "$file"
  done
)"

check "files of at most 500 lines" "$(
  for file in $sources $headers $tests $test_headers; do
    lines=$(awk 'END { print NR }' "$file")
    [ "$lines" -le 500 ] || echo "$file: $lines lines"
  done
)"

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  check "top level: ext, tests, sql, Makefile, README.md and dot-files" "$(
    git ls-files --cached --others --exclude-standard | cut -d/ -f1 | sort -u |
      grep -v -x -E 'ext|tests|sql|Makefile|README\.md|\..*')"
else
  without "top level" "git checkout"
fi

case $EXTENSION in
  *.so)
    exported=$(nm -D --defined-only "$EXTENSION" | awk '{ print $3 }')
    check "one exported symbol" "$([ "$exported" = sqlite3_kmeans_init ] || echo "$exported")"
    check "SQLite is reached through its table only" "$(
      nm -D --undefined-only "$EXTENSION" | grep -i ' sqlite3')"
    ;;
  *) without "one exported symbol" "ELF" ;;
esac

# Its logic check misreads hexadecimal floating-point numbers.
if has cppcheck; then
  check "cppcheck" "$(
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
      --suppress=missingIncludeSystem --suppress=incorrectLogicOperator --template=gcc \
      -Iext $sources 2>&1)"
else
  without cppcheck cppcheck
fi

scripts="tests/run tests/deps tests/cross tests/fuzz/run tests/torture/run .ci/run $(find tests -name '*.sh' | sort)"
check "shell scripts parse" "$(
  for file in $scripts; do
    case $(head -n 1 "$file") in
      *bash*) if has bash; then bash -n "$file" 2>&1; fi ;;
      *) sh -n "$file" 2>&1 ;;
    esac
  done
)"
if has shellcheck; then
  check "shellcheck" "$(shellcheck --severity=warning --format=gcc $scripts 2>&1)"
else
  without shellcheck shellcheck
fi

[ "$faults" -eq 0 ]
