-- k-means from explicit initial centroids, compared with frozen figures of scikit-learn and R.
--
-- Runs at the root of the repository, in a database without these tables, with the extension
-- loaded. figures.csv has one fit a line; make_figures.py says what its columns are and where the
-- figures come from. Every fit is made twice: by kmeans_centroids, whose rows are compared with the
-- inertia (to 1e-12, relative) and the sizes (cluster i grew from initial centroid i), and by
-- kmeans_fit, whose model is compared with the number of iterations, which only scikit-learn's
-- lines have, and with the inertia. What is not as it should be prints both figures.

.mode list

.read tests/data/tables.sql
CREATE TABLE figures(
  source TEXT, dataset TEXT, columns TEXT, k INTEGER, start TEXT, init TEXT, inertia REAL,
  iterations INTEGER, sizes TEXT
);

.import --csv --skip 1 tests/reference/figures.csv figures

SELECT 'rows', (SELECT count(*) FROM iris), (SELECT count(*) FROM faithful),
  (SELECT count(*) FROM s1), (SELECT count(*) FROM s3), (SELECT count(*) FROM r15),
  (SELECT count(*) FROM figures);

-- What the extension is asked for, each line of figures.csv.
CREATE VIEW fit AS
SELECT *, rowid AS line,
  json_object('k', k, 'init', json(init), 'tol', 0) AS what,
  'SELECT ' || columns || ' FROM ' || dataset AS query
FROM figures;

-- kmeans_centroids: inertia and sizes.
SELECT f.dataset, f.k, f.start, f.source,
  iif(abs(sum(c.inertia) / f.inertia - 1) < 1e-12, 'inertia ok',
    format('inertia %!.17g, not %!.17g', sum(c.inertia), f.inertia)),
  iif(count(*) = f.k AND sum(c.size = f.sizes ->> c.cluster) = f.k, 'sizes ok',
    'sizes ' || json_group_array(c.size) || ', not ' || f.sizes)
FROM fit f, kmeans_centroids(f.what, f.query) c
GROUP BY f.line
ORDER BY f.line;

-- kmeans_fit: iterations and inertia, data set by data set.
CREATE TABLE fitted(line INTEGER PRIMARY KEY, model TEXT);

INSERT INTO fitted
SELECT line,
  (SELECT kmeans_fit(f.what, sepal_length, sepal_width, petal_length, petal_width) FROM iris)
FROM fit f WHERE dataset = 'iris';

INSERT INTO fitted
SELECT line, (SELECT kmeans_fit(f.what, eruptions, waiting) FROM faithful)
FROM fit f WHERE dataset = 'faithful';

INSERT INTO fitted
SELECT line, (SELECT kmeans_fit(f.what, x, y) FROM s1) FROM fit f WHERE dataset = 's1';

INSERT INTO fitted
SELECT line, (SELECT kmeans_fit(f.what, x, y) FROM s3) FROM fit f WHERE dataset = 's3';

INSERT INTO fitted
SELECT line, (SELECT kmeans_fit(f.what, x, y) FROM r15) FROM fit f WHERE dataset = 'r15';

SELECT f.dataset, f.k, f.start, f.source,
  iif(abs((m.model ->> '$.inertia') / f.inertia - 1) < 1e-12, 'inertia ok',
    format('inertia %s, not %!.17g', m.model ->> '$.inertia', f.inertia)),
  iif(m.model -> '$.sizes' = f.sizes, 'sizes ok',
    format('sizes %s, not %s', m.model -> '$.sizes', f.sizes)),
  CASE
    WHEN f.source = 'R' THEN 'iterations not given'
    WHEN m.model ->> '$.iterations' = f.iterations THEN 'iterations ok'
    ELSE format('iterations %s, not %d', m.model ->> '$.iterations', f.iterations)
  END
FROM fit f LEFT JOIN fitted m ON m.line = f.line
ORDER BY f.line;
