-- k-means in other spaces than the input's, compared with frozen figures of scikit-learn, and of a plain
-- spherical k-means: scale, metric, nulls, categorical, weight.
--
-- spaces.csv has one fit a line; make_spaces.py says what its columns are and where the figures come
-- from. Inertia and centroids must agree to 1e-10, sizes and iterations exactly. What is not as it
-- should be prints both figures.

.mode list

.read tests/data/tables.sql
CREATE TABLE figures(
  dataset TEXT, columns TEXT, options TEXT, k INTEGER, init TEXT, inertia REAL, iterations INTEGER,
  sizes TEXT, centroids TEXT
);
.import --csv --skip 1 tests/reference/spaces.csv figures

SELECT 'rows', (SELECT count(*) FROM iris), (SELECT count(*) FROM faithful),
  (SELECT count(*) FROM figures);

CREATE VIEW fit AS
SELECT *, rowid AS line,
  json_patch(options, json_object('k', k, 'init', json(init), 'tol', 0)) AS what,
  'SELECT ' || columns || ' FROM ' || dataset AS query
FROM figures;

CREATE TABLE clusters AS
SELECT f.line, c.* FROM fit f, kmeans_centroids(f.what, f.query) c ORDER BY f.line, c.cluster;

.print -- inertia, sizes and centroids
SELECT f.dataset, f.options, f.k,
  iif(abs(sum(c.inertia) / f.inertia - 1) < 1e-10, 'inertia ok',
    format('inertia %!.17g, not %!.17g', sum(c.inertia), f.inertia)),
  iif(sum(c.size = f.sizes ->> c.cluster) = f.k, 'sizes ok',
    'sizes ' || json_group_array(c.size) || ', not ' || f.sizes),
  iif((SELECT max(abs(found.atom - given.atom)) FROM clusters e, json_tree(e.centroid) found,
      json_tree(f.centroids -> e.cluster) given
      WHERE e.line = f.line AND given.fullkey = found.fullkey) < 1e-10, 'centroids ok',
    'centroids ' || group_concat(c.centroid) || ', not ' || f.centroids)
FROM fit f JOIN clusters c USING (line)
GROUP BY f.line
ORDER BY f.line;

-- The model of the same fit, from the same rows by way of a table.
CREATE TABLE models(line INTEGER PRIMARY KEY, model TEXT);

INSERT INTO models
SELECT line, (SELECT kmeans_fit(f.what,
  iif(f.options LIKE '%nulls%' AND (i.rowid * 4 - 3) % 7 = 0, NULL, sepal_length),
  iif(f.options LIKE '%nulls%' AND (i.rowid * 4 - 2) % 7 = 0, NULL, sepal_width),
  iif(f.options LIKE '%nulls%' AND (i.rowid * 4 - 1) % 7 = 0, NULL, petal_length),
  iif(f.options LIKE '%nulls%' AND (i.rowid * 4 - 0) % 7 = 0, NULL, petal_width)) FROM iris i)
FROM fit f WHERE dataset = 'iris' AND options NOT LIKE '%weight%' AND options NOT LIKE '%categ%';

INSERT INTO models
SELECT line, (SELECT kmeans_fit(json_set(f.what, '$.weight', 5),
  sepal_length, sepal_width, petal_length, petal_width, (rowid - 1) % 4 + 0.5) FROM iris)
FROM fit f WHERE dataset = 'iris' AND options LIKE '{"weight%';

INSERT INTO models
SELECT line, (SELECT kmeans_fit(json_set(f.what, '$.categorical', json('[4]'), '$.weight', 1),
  iif(options LIKE '%weight%', (rowid - 1) % 4 + 0.5, 1), petal_length, petal_width, species)
  FROM iris)
FROM fit f WHERE options LIKE '%categ%';

INSERT INTO models
SELECT line, (SELECT kmeans_fit(json_set(f.what, '$.weight', 1), (rowid - 1) % 4 + 0.5,
  eruptions, waiting) FROM faithful)
FROM fit f WHERE dataset = 'faithful' AND options LIKE '%weight%';

INSERT INTO models
SELECT line, (SELECT kmeans_fit(f.what,
  iif(f.options LIKE '%nulls%' AND (i.rowid * 2 - 1) % 7 = 0, NULL, eruptions),
  iif(f.options LIKE '%nulls%' AND (i.rowid * 2 - 0) % 7 = 0, NULL, waiting)) FROM faithful i)
FROM fit f WHERE dataset = 'faithful' AND options NOT LIKE '%weight%';

.print -- iterations; and the model, applied to the same rows, gives the very labels and distances of the fit
SELECT f.dataset, f.options, f.k,
  iif(m.model ->> '$.iterations' = f.iterations, 'iterations ok',
    format('%d iterations, not %d', m.model ->> '$.iterations', f.iterations)),
  (SELECT iif(sum(a.cluster IS b.cluster AND a.distance IS b.distance) = count(*), 'labels ok',
      'labels differ')
    FROM kmeans(f.what, f.query) a
    JOIN kmeans(m.model, f.query, iif(f.options LIKE '%weight%', '{"weight": "w"}', NULL)) b
    USING (id))
FROM fit f JOIN models m USING (line)
ORDER BY f.line;
