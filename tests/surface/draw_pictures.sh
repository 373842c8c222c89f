#!/bin/sh
# Draws every kind of picture into a folder: draw_pictures.sh FOLDER
set -u

folder=$1
statements=$folder/statements
cat >"$statements" <<'SQL'
.read sql/faithful.sql
.read sql/iris.sql
CREATE TABLE many AS WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 29999)
  SELECT i, i * 7919 % 10007 AS x, i * 104729 % 10009 AS y FROM n;
CREATE TABLE sweep(k, inertia, best);
INSERT INTO sweep VALUES (1, 900, 0), (2, 250, 0), (3, 60, 1), (4, 50, 0), (5, 45, 0);
SQL
# picture NAME CALL FROM: draws NAME.svg.
picture() {
  echo "SELECT length(writefile('$folder/$1.svg', $2)) $3;" >>"$statements"
}
picture plane 'kmeans_svg(2, eruptions, waiting)' 'FROM faithful'
picture dark "kmeans_svg('{\"k\": 3, \"theme\": \"dark\", \"scale\": \"standard\"}', eruptions, waiting)" 'FROM faithful'
picture strip 'kmeans_svg(4, waiting)' 'FROM faithful'
picture projection 'kmeans_svg(3, sepal_length, sepal_width, petal_length, petal_width)' 'FROM iris'
picture cosine "kmeans_svg('{\"k\": 5, \"metric\": \"cosine\"}', x - 5000, y - 5000)" 'FROM many'
picture clusters "kmeans_svg('{\"k\": 70, \"voronoi\": false}', x, y)" 'FROM many'
picture hostile "kmeans_svg(json_object('k', 3, 'title', '</title><script>document.documentElement.remove()</script>' || char(1, 0xFFFF, 0x202E) || '\"''&amp;<', 'labels', json_array('<b>', ']]>&')), x, y)" 'FROM many WHERE i < 500'
picture moving "kmeans_svg('{\"k\": 3, \"animate\": true, \"init\": \"random\"}', eruptions, waiting)" 'FROM faithful'
picture moving_strip "kmeans_svg('{\"k\": 3, \"animate\": true, \"theme\": \"dark\"}', waiting)" 'FROM faithful'
picture elbow 'kmeans_elbow_svg(k, inertia, best)' 'FROM sweep'

$KMEANS_SHELL -cmd ".load \"$KMEANS_EXTENSION\"" :memory: <"$statements" >"$folder/output" 2>&1
if grep -v '^[0-9]*$' "$folder/output"; then
  exit 1
fi
