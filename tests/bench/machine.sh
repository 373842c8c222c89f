#!/bin/sh
# What the figures were measured on.
line() {
  printf '%-10s %s\n' "$1" "$2"
}

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
cpu=${cpu:-$(sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m)}
python=none
if [ -n "$BENCH_PYTHON" ]; then
  python=$("$BENCH_PYTHON" -c 'import platform, numpy, sklearn, sqlite3
print(platform.python_version() + ", scikit-learn " + sklearn.__version__ + ", numpy "
      + numpy.__version__ + ", SQLite " + sqlite3.sqlite_version)')
fi

echo MACHINE
line CPU "$cpu"
line threads "$(getconf _NPROCESSORS_ONLN), $(uname -s) $(uname -m)"
line compiler "$($CC --version | head -n 1)"
line shell "SQLite $($SQLITE3 --version | cut -d ' ' -f 1)"
line library "SQLite $("$BENCH_PROGRAM" library)"
line Python "$python"
line kmeans "$($SQLITE3 -batch -init /dev/null -cmd ".load \"$KMEANS_EXTENSION\"" :memory: \
  'SELECT kmeans_debug()' | paste -s -d ';' - | sed 's/;/; /g')"
