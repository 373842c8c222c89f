#!/bin/sh
# The SQL names that the extension registers are those that tests/surface tests: every name has a
# NAME.sql there, and every kmeans*.sql there is a name.
set -eu

list="SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list"
registered=$(echo "SELECT name FROM ($list) WHERE name LIKE 'kmeans%' ORDER BY name;" |
  $KMEANS_SHELL -cmd ".load \"$KMEANS_EXTENSION\"" :memory:)
tested=$(for file in tests/surface/kmeans*.sql; do basename "$file" .sql; done | sort)

if [ -z "$registered" ]; then
  echo "the extension registers no name"
  exit 1
fi
if [ "$(echo "$registered" | sort)" != "$tested" ]; then
  echo "registered:" $registered
  echo "tested in tests/surface:" $tested
  exit 1
fi
