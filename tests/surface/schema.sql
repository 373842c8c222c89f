-- Models in the schema: triggers, views, generated columns, indexes, CHECK constraints. The functions
-- that take a model may stand there, and do so also when the schema is not trusted.

.nullvalue NULL
PRAGMA trusted_schema = OFF;

CREATE TABLE customers(id INTEGER PRIMARY KEY, recency REAL, frequency REAL, monetary REAL, segment INTEGER);
INSERT INTO customers(id, recency, frequency, monetary) VALUES (1, 1, 20, 500), (2, 2, 22, 510),
  (3, 90, 1, 10), (4, 100, 2, 12), (5, 40, 9, 90), (6, 42, 8, 95);

.print -- the model of a group in a table
CREATE TABLE segments AS SELECT kmeans_fit(3, recency, frequency, monetary) AS model FROM customers;
SELECT cluster, size, centroid FROM kmeans_centroids((SELECT model FROM segments));

.print -- a trigger labels new rows
CREATE TRIGGER assign AFTER INSERT ON customers BEGIN
  UPDATE customers SET segment = kmeans_predict((SELECT model FROM segments), new.recency, new.frequency, new.monetary) WHERE id = new.id;
END;
INSERT INTO customers(id, recency, frequency, monetary) VALUES (7, 95, 1, 11), (8, 3, 19, 490), (9, 41, NULL, 93);
SELECT id, segment FROM customers;

.print -- one for changed rows, and UPSERT, which fires either
CREATE TRIGGER reassign AFTER UPDATE OF recency, frequency, monetary ON customers BEGIN
  UPDATE customers SET segment = kmeans_predict((SELECT model FROM segments), new.recency, new.frequency, new.monetary) WHERE id = new.id;
END;
INSERT INTO customers(id, recency, frequency, monetary) VALUES (9, 41, 9, 93), (10, 1, 1, 1)
ON CONFLICT (id) DO UPDATE SET recency = excluded.recency, frequency = excluded.frequency, monetary = excluded.monetary;
UPDATE customers SET monetary = 600 WHERE id = 3;
SELECT id, segment FROM customers WHERE id IN (3, 9, 10);

.print -- UPSERT with the model in its SET and its WHERE
INSERT INTO customers(id, recency, frequency, monetary, segment) VALUES (1, 99, 1, 9, NULL)
ON CONFLICT (id) DO UPDATE SET segment = -1
WHERE kmeans_predict((SELECT model FROM segments), excluded.recency, excluded.frequency, excluded.monetary) IS NOT segment;
SELECT id, segment FROM customers WHERE id = 1;

.print -- the label of every row, when the model is fitted again
UPDATE segments SET model = (SELECT kmeans_fit(2, recency, frequency, monetary) FROM customers);
UPDATE customers SET segment = kmeans_predict((SELECT model FROM segments), recency, frequency, monetary);
SELECT segment, count(*) FROM customers GROUP BY segment;

.print -- a trigger that keeps the model up to date
CREATE TRIGGER refit AFTER DELETE ON customers BEGIN
  UPDATE segments SET model = (SELECT kmeans_fit('{"init": ' || model || '}', recency, frequency, monetary) FROM customers);
END;
DELETE FROM customers WHERE id > 6;
SELECT model ->> 'n' FROM segments;

.print -- generated columns, VIRTUAL and STORED; and an index on the virtual one
CREATE TABLE points(x REAL, y REAL,
  cluster INTEGER AS (kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x, y)) VIRTUAL,
  distance REAL AS (kmeans_distance('{"centroids": [[0, 0], [5, 5]]}', x, y)) STORED,
  all_of_them TEXT AS (kmeans_transform('{"centroids": [[0, 0], [0, 5]]}', x, y)) STORED);
CREATE INDEX by_cluster ON points(cluster);
INSERT INTO points VALUES (3, 4), (5, 4), (0, 0), (NULL, 1), (0, 12);
SELECT x, y, cluster, round(distance, 6), round(all_of_them ->> 0, 6) FROM points;
UPDATE points SET x = 0, y = 5 WHERE x = 5;
SELECT x, y, cluster, printf('%.6f', distance) FROM points WHERE cluster = 1;
SELECT x, y FROM points INDEXED BY by_cluster WHERE cluster = 0;

.print -- a generated column after ALTER TABLE, over rows that are there
ALTER TABLE points ADD COLUMN other INTEGER AS (kmeans_predict('{"centroids": [[9, 9], [0, 0]]}', x, y));
SELECT x, y, other FROM points;

.print -- an index on an expression, and a partial index
CREATE INDEX by_model ON points(kmeans_predict('{"centroids": [[0, 0], [0, 10]]}', x, y));
CREATE INDEX far ON points(x) WHERE kmeans_distance('{"centroids": [[0, 0]]}', x, y) > 5;
SELECT x, y FROM points INDEXED BY by_model WHERE kmeans_predict('{"centroids": [[0, 0], [0, 10]]}', x, y) = 1;
SELECT x, y FROM points INDEXED BY far WHERE kmeans_distance('{"centroids": [[0, 0]]}', x, y) > 5;
PRAGMA integrity_check;

.print -- a view: labels by the model of a table, always of the rows and the model as they are
CREATE TABLE model(name TEXT PRIMARY KEY, model TEXT);
INSERT INTO model SELECT 'points', kmeans_fit(2, x, y) FROM points;
CREATE VIEW labels AS
SELECT p.rowid AS id, x, y, kmeans_predict(m.model, x, y) AS label FROM points p, model m WHERE m.name = 'points';
SELECT * FROM labels;
UPDATE model SET model = '{"centroids": [[100, 100], [0, 0]]}';
SELECT id, label FROM labels;

.print -- a view that fits: the aggregate may stand there, too; and the window function
CREATE VIEW fitted AS SELECT kmeans_fit(2, x, y) AS model FROM points;
SELECT cluster, size FROM kmeans_centroids((SELECT model FROM fitted));
CREATE VIEW labelled AS SELECT x, y, kmeans_predict(kmeans_fit(2, x, y) OVER (), x, y) AS label FROM points;
SELECT * FROM labelled;

.print -- CHECK: rows that are not near a centroid are refused (SQLite's own message)
CREATE TABLE near(x REAL, y REAL, CHECK (kmeans_distance('{"centroids": [[0, 0]]}', x, y) <= 5));
INSERT INTO near VALUES (3, 4);
INSERT INTO near VALUES (3, 5);
SELECT * FROM near;

.print -- a CHECK that holds what is stored to be a model, and its size
CREATE TABLE models(model TEXT CHECK (kmeans_predict(model, 0, 0) >= 0));
INSERT INTO models SELECT kmeans_fit(2, x, y) FROM points;
INSERT INTO models VALUES ('{"centroids": [[1, 2, 3]]}');
INSERT INTO models VALUES ('{"centroids": "none"}');
SELECT count(*) FROM models;

.print -- a DEFAULT
CREATE TABLE d(x, m DEFAULT (kmeans_predict('{"centroids": [[0], [5]]}', 4)));
INSERT INTO d(x) VALUES (1);
SELECT * FROM d;

.print -- a trigger that stops: the statement fails with our message, and nothing is written
INSERT INTO customers(id, recency, frequency, monetary) VALUES (50, 'soon', 1, 1);
SELECT count(*) FROM customers WHERE id = 50;

.print -- kmeans itself runs SQL: in a trigger or a view of the schema it is refused
CREATE VIEW unsafe AS SELECT * FROM kmeans(2, 'SELECT x, y FROM points');
SELECT * FROM unsafe;
CREATE VIEW unsafe_too AS SELECT * FROM kmeans_centroids('{"centroids": [[1]]}');
SELECT * FROM unsafe_too;
PRAGMA trusted_schema = ON;
SELECT * FROM unsafe;
