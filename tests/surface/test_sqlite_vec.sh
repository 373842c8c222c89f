#!/bin/sh
# Vectors go round between kmeans and the real sqlite-vec: its BLOBs are clustered, and centroids are
# vectors to it.
#
# sqlite-vec comes from its npm package, once, into build/; not run where it can't be had, or where it
# was not built for. What is loaded is the file whose checksum stands here.
set -u

name=sqlite-vec-linux-x64
version=0.1.9
checksum=5923730861b86c707cca5602b5f91092f9e52a46706dbc6e269fd4bb9c4498e8

not_here() {
  echo "$1"
  exit 77
}

case $(uname -s)-$(uname -m) in
  Linux-x86_64) ;;
  *) not_here "$name is for Linux on x86-64" ;;
esac

cd -P "$(dirname "$0")/../.." || exit 1
folder=$PWD/build/sqlite-vec-$version
library=$folder/package/vec0

is_right() {
  [ "$(sha256sum "$library.so" 2>/dev/null | cut -d' ' -f1)" = $checksum ]
}

# Fetches the package as the client that is here does.
fetch() {
  if command -v npm >/dev/null; then
    npm pack --silent --fetch-retries=0 --fetch-timeout=20000 --prefix "$folder" \
      --pack-destination "$folder" "$name@$version"
  elif command -v curl >/dev/null; then
    curl -fsSL --max-time 60 -o "$folder/$name-$version.tgz" \
      "https://registry.npmjs.org/$name/-/$name-$version.tgz"
  else
    return 1
  fi
}

if ! is_right; then
  mkdir -p "$folder"
  fetch >/dev/null 2>&1 || not_here "$name $version can't be had from npm"
  tar -xzf "$folder/$name-$version.tgz" -C "$folder" || exit 1
  if ! is_right; then
    echo "$name $version has another checksum than $checksum"
    exit 1
  fi
fi

# shellcheck disable=SC2086 # words on purpose
shell() {
  $KMEANS_SHELL -cmd ".load \"$KMEANS_EXTENSION\"" -cmd ".load \"$library\"" :memory: 2>&1
}

loaded=$(echo "SELECT vec_version();" | shell)
case $loaded in
  v*) ;;
  *) not_here "the shell can't load $name: $loaded" ;;
esac

# Points around 5 centres, eight numbers each, through sqlite-vec's own functions and tables.
actual=$(shell <<'SQL'
CREATE TABLE docs AS
  WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 300),
  dims(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM dims WHERE j < 7)
  SELECT id, vec_f32((SELECT json_group_array((id * (j + 3) % 5) * 2.5 + (id * id + 7 * j) % 37 / 50.0)
                      FROM dims)) AS v FROM n;
CREATE TABLE centres AS SELECT * FROM kmeans_centroids(5, 'SELECT v FROM docs');

.print centroids are vectors of as many numbers
SELECT count(*), min(vec_length(vec_f32(centroid))), max(vec_length(vec_f32(centroid))) FROM centres;

.print points are the BLOBs that went in
SELECT count(*), sum(point = v), sum(vec_to_json(point) = vec_to_json(v))
FROM docs JOIN kmeans(5, 'SELECT id, v FROM docs') USING (id);

.print distances are those of sqlite-vec, as far as its float32 goes
SELECT count(*), sum(abs(vec_distance_L2(v, vec_f32(centroid)) - distance) <= 1e-5 * (1 + distance))
FROM docs d JOIN (SELECT id, distance, centroid FROM kmeans(5, 'SELECT id, v FROM docs')) k ON k.id = d.id;

.print its JSON clusters as its BLOBs do
SELECT count(*), sum(a.cluster = b.cluster) FROM kmeans(5, 'SELECT id, v FROM docs') a
JOIN kmeans(5, 'SELECT id, vec_to_json(v) FROM docs') b USING (id);

.print its nearest neighbour among centroids is the cluster, in a table of its own
CREATE VIRTUAL TABLE found USING vec0(cluster INTEGER PRIMARY KEY, centroid float[8]);
INSERT INTO found SELECT cluster, vec_f32(centroid) FROM centres;
CREATE TABLE model AS SELECT kmeans_fit(5, v) AS model FROM docs;
SELECT count(*), sum(kmeans_predict(model, v) =
  (SELECT cluster FROM found WHERE centroid MATCH v AND k = 1)) FROM model, docs;

.print and its tables are read as any other
CREATE VIRTUAL TABLE embeddings USING vec0(embedding float[8]);
INSERT INTO embeddings(rowid, embedding) SELECT id, v FROM docs;
SELECT count(*), sum(a.cluster = b.cluster) FROM kmeans(5, 'SELECT id, v FROM docs') a
JOIN kmeans(5, 'SELECT rowid AS id, embedding FROM embeddings') b USING (id);
SQL
)

expected='centroids are vectors of as many numbers
5|8|8
points are the BLOBs that went in
300|300|300
distances are those of sqlite-vec, as far as its float32 goes
300|300
its JSON clusters as its BLOBs do
300|300
its nearest neighbour among centroids is the cluster, in a table of its own
300|300
and its tables are read as any other
300|300'

if [ "$actual" != "$expected" ]; then
  echo "$actual"
  exit 1
fi
