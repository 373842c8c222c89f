#!/bin/sh
# Every kind of picture is well-formed XML: xmllint reads it.
set -u

if ! command -v xmllint >/dev/null; then
  echo "no xmllint here"
  exit 77
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/kmeans-pictures.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT

sh tests/surface/draw_pictures.sh "$folder" && xmllint --noout "$folder"/*.svg sql/pictures/*.svg
