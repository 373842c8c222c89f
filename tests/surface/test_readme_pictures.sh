#!/bin/sh
# The pictures that README.md shows are those that sql/pictures.sql draws.
set -u

folder=$(mktemp -d "${TMPDIR:-/tmp}/kmeans-pictures.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
root=$PWD
ln -s "$root/sql" "$folder/sql"
cd "$folder" || exit 1
sed "s|^\\.load.*|.load \"$KMEANS_EXTENSION\"|" sql/pictures.sql | $KMEANS_SHELL :memory: || exit 1

faults=0
for file in "$root"/sql/pictures/*.svg; do
  if ! cmp "$file" "${file##*/}"; then
    echo "make pictures draws it anew"
    faults=$((faults + 1))
  fi
  if ! grep -q "sql/pictures/${file##*/}" "$root/README.md"; then
    echo "README.md does not show it"
    faults=$((faults + 1))
  fi
done
[ "$faults" -eq 0 ]
