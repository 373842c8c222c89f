-- The quality of clusterings and the agreement of labelings, compared with frozen figures of scikit-learn:
-- kmeans_sweep, kmeans_silhouette, kmeans_rand_index.
--
-- metrics.csv has one clustering a line, labels.csv one labeling or two; make_metrics.py says what their
-- columns are and where the figures come from. All must agree to 1e-9. What is not as it should be prints
-- both figures.

.mode list

.read tests/data/tables.sql
CREATE TABLE metrics(
  dataset TEXT, columns TEXT, options TEXT, k INTEGER, init TEXT, silhouette REAL,
  calinski_harabasz REAL, davies_bouldin REAL
);
CREATE TABLE labels(dataset TEXT, first TEXT, second TEXT, columns TEXT, figure REAL);
.import --csv --skip 1 tests/reference/metrics.csv metrics
.import --csv --skip 1 tests/reference/labels.csv labels

.print -- clusterings
SELECT m.dataset, m.columns LIKE '%+%' AS moved, m.options, m.k,
  iif(abs(s.silhouette - m.silhouette) < 1e-9, 'silhouette ok',
    format('silhouette %!.17g, not %!.17g', s.silhouette, m.silhouette)),
  iif(abs(s.calinski_harabasz / m.calinski_harabasz - 1) < 1e-9, 'calinski_harabasz ok',
    format('calinski_harabasz %!.17g, not %!.17g', s.calinski_harabasz, m.calinski_harabasz)),
  iif(abs(s.davies_bouldin - m.davies_bouldin) < 1e-9, 'davies_bouldin ok',
    format('davies_bouldin %!.17g, not %!.17g', s.davies_bouldin, m.davies_bouldin))
FROM metrics m, kmeans_sweep(m.k, m.k, 'SELECT ' || m.columns || ' FROM ' || m.dataset,
  json_patch(m.options, json_object('init', json(m.init), 'tol', 0))) s
ORDER BY m.rowid;

-- Each labeling's own statement, which writes its figure into `found`.
CREATE TABLE found(line INTEGER, figure REAL);
.mode list
.output statements.sql
SELECT format('INSERT INTO found SELECT %d, %s FROM (SELECT *, rowid AS i FROM %s);', rowid,
  iif(second = '', format('kmeans_silhouette(%s, %s)', first, columns),
    format('kmeans_rand_index(%s, %s)', first, second)), dataset)
FROM labels;
.output
.read statements.sql

.print -- labelings
SELECT dataset, first, second, iif(abs(f.figure - l.figure) < 1e-9, 'ok',
    format('%!.17g, not %!.17g', f.figure, l.figure))
FROM labels l LEFT JOIN found f ON f.line = l.rowid
ORDER BY l.rowid;

-- The published number of clusters, for k from 2 to 20 and to 40.
CREATE TABLE published(dataset TEXT, columns TEXT, clusters TEXT);
INSERT INTO published VALUES ('s1', 'x, y', '15'), ('s2', 'x, y', '15'), ('s3', 'x, y', '15'), ('s4', 'x, y', '15'),
  ('r15', 'x, y', '15'), ('d31', 'x, y', '31'), ('unbalance', 'x, y', '8'), ('faithful', 'eruptions, waiting', '2'),
  ('iris', 'sepal_length, sepal_width, petal_length, petal_width', '2 or 3');

.print -- the best number of clusters
SELECT p.dataset, m.most, iif(s.k = CAST(p.clusters AS INTEGER) OR (s.k = 3 AND p.dataset = 'iris'), 'ok',
    format('%d, not %s', s.k, p.clusters))
FROM published p JOIN (SELECT 20 AS most UNION ALL SELECT 40) m ON m.most >= CAST(p.clusters AS INTEGER),
  kmeans_sweep(2, m.most, 'SELECT ' || p.columns || ' FROM ' || p.dataset) s
WHERE s.best
ORDER BY p.rowid, m.most;
