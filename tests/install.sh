#!/bin/sh
# After `make install`, `.load kmeans` works from any folder; `make uninstall` leaves nothing.
#
# Installs into a scratch root with PREFIX=/usr/local, together with the shell, the libraries that
# it needs and the configuration of the dynamic linker, refreshes that root's linker cache and asks
# the shell inside it, at /, for `.load kmeans`. Nothing outside the scratch root is written. Where
# neither root nor a user namespace lets us enter it, the linker is told by LD_LIBRARY_PATH instead.
set -eu

if [ -n "$KMEANS_INSTRUMENTED" ]; then
  echo "what is installed is the default build"
  exit 77
fi
if [ "$(uname -s)" != Linux ]; then
  echo "needs Linux"
  exit 77
fi

PATH=$PATH:/usr/sbin:/sbin
cd -P "$(dirname "$0")/.."
root=$(mktemp -d "${TMPDIR:-/tmp}/kmeans-root.XXXXXX")
trap 'rm -rf "$root"' EXIT
local=$root/usr/local

make --no-print-directory install DESTDIR="$root" PREFIX=/usr/local LIBDIR=/usr/local/lib

echo ".load kmeans
SELECT 'version ' || kmeans_version();" >"$root/query.sql"
shell=$(command -v "$SQLITE3")

enter=
if chroot / true 2>/dev/null; then
  enter=chroot
elif unshare -r chroot / true 2>/dev/null; then
  enter="unshare -r chroot"
fi

if [ -n "$enter" ] && command -v ldconfig >/dev/null; then
  mkdir -p "$root/bin" "$root/etc"
  cp "$shell" "$root/bin/sqlite3"
  ldd "$shell" "$local/lib/libkmeans.so" | grep -o '/[^ :]*' | sort -u | while read -r library; do
    case $library in "$root"/*) continue ;; esac
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
  done
  if [ -f /etc/ld.so.conf ]; then cp /etc/ld.so.conf "$root/etc/"; fi
  if [ -d /etc/ld.so.conf.d ]; then cp -r /etc/ld.so.conf.d "$root/etc/"; fi
  if [ "$enter" = chroot ]; then ldconfig -r "$root"; else unshare -r ldconfig -r "$root"; fi
  answer=$($enter "$root" /bin/sqlite3 -batch :memory: <"$root/query.sql" 2>&1) || true
else
  echo "cannot enter another root here: by LD_LIBRARY_PATH"
  answer=$(cd / && LD_LIBRARY_PATH="$local/lib" "$shell" -batch -init /dev/null :memory: \
    <"$root/query.sql" 2>&1) || true
fi
echo "$answer"
case $answer in
  "version "*) ;;
  *) exit 1 ;;
esac

make --no-print-directory uninstall DESTDIR="$root" PREFIX=/usr/local LIBDIR=/usr/local/lib
left=$(find "$local" ! -type d)
if [ -n "$left" ]; then
  echo "left after make uninstall: $left"
  exit 1
fi
