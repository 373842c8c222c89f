#!/bin/sh
# A browser shows every kind of picture: Chromium draws it, and the screenshot has the colours that should
# be there.
set -u

if [ -n "$KMEANS_INSTRUMENTED" ]; then
  echo "a browser reads what the default build draws"
  exit 77
fi
chromium=
for name in chromium chromium-browser google-chrome; do
  if [ -z "$chromium" ] && command -v "$name" >/dev/null; then chromium=$name; fi
done
if [ -z "$chromium" ]; then
  echo "no chromium here"
  exit 77
fi
if ! command -v python3 >/dev/null; then
  echo "no python3 here, to look at what chromium draws"
  exit 77
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/kmeans-pictures.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
sh tests/surface/draw_pictures.sh "$folder" || exit 1

faults=0

# shown NAME COLOUR...: what the browser draws has at least this many colours, these among them.
shown() {
  name=$1
  shift
  size=$(sed -n '1s/.* width="\([0-9]*\)" height="\([0-9]*\)".*/\1,\2/p' "$folder/$name.svg")
  "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb \
    --user-data-dir="$folder/profile" --screenshot="$folder/$name.png" --window-size="$size" \
    "file://$folder/$name.svg" >"$folder/log" 2>&1
  if ! python3 tests/surface/colours.py "$folder/$name.png" "$size" "$@"; then
    echo "$name: not as it should be"
    faults=$((faults + 1))
  fi
}
shown plane ffffff 0072b2 d55e00 1f2328
shown dark 15181e 56b4e9 d55e00 009e73
shown strip ffffff 0072b2 d55e00 009e73 cc79a7
shown projection ffffff 0072b2 d55e00 009e73
shown cosine ffffff 0072b2 d55e00 009e73 cc79a7 e69f00
shown clusters ffffff 0072b2 d55e00 009e73 1f2328
shown hostile ffffff 0072b2 d55e00 009e73
shown moving ffffff 0072b2 d55e00 009e73
shown moving_strip 15181e 56b4e9 d55e00 009e73
shown elbow ffffff 0072b2 d55e00

[ "$faults" -eq 0 ]
