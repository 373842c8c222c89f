-- A tour in two data sets: Old Faithful's eruptions and Fisher's irises.
-- Run it with `make demo`, or in the shell: .read sql/demo.sql
.load ./kmeans
.headers on
.mode column

.print
.print OLD FAITHFUL: 272 eruptions of a geyser in Yellowstone, how long they last and how long
.print one waits for the next, in minutes. Are there kinds of eruptions?
.print
.read sql/faithful.sql

.print "   SELECT * FROM kmeans_centroids(2, 'SELECT eruptions, waiting FROM faithful');"
.print
SELECT cluster, size, round(inertia, 1) AS inertia, round(radius, 2) AS radius,
       round(centroid ->> 0, 2) AS lasts, round(centroid ->> 1, 1) AS waiting
FROM kmeans_centroids(2, 'SELECT eruptions, waiting FROM faithful');

.print
.print Two kinds: short ones, soon followed by the next, and long ones. The eruptions on the border
.print between them, where the silhouette is smallest:
.print
SELECT id, eruptions, waiting, cluster, neighbor, round(silhouette, 2) AS silhouette
FROM faithful
JOIN kmeans(2, 'SELECT id, eruptions, waiting FROM faithful') USING (id)
ORDER BY silhouette
LIMIT 5;

.print
.print IRISES: 150 flowers of three species, measured in four ways. kmeans is not told the species;
.print does it find them?
.print
.read sql/iris.sql

.print "   SELECT species, cluster, count(*) FROM iris JOIN kmeans(3, 'SELECT id, ... FROM iris') USING (id)"
.print
SELECT species,
       count(*) FILTER (WHERE cluster = 0) AS "cluster 0",
       count(*) FILTER (WHERE cluster = 1) AS "cluster 1",
       count(*) FILTER (WHERE cluster = 2) AS "cluster 2"
FROM iris
JOIN kmeans(3, 'SELECT id, sepal_length, sepal_width, petal_length, petal_width FROM iris')
     USING (id)
GROUP BY species;

.print
.print "Setosa stands apart; the other two overlap. The clusters' centres, in centimetres:"
.print
SELECT cluster, size,
       round(centroid ->> 0, 2) AS sepal_length, round(centroid ->> 1, 2) AS sepal_width,
       round(centroid ->> 2, 2) AS petal_length, round(centroid ->> 3, 2) AS petal_width
FROM kmeans_centroids(3, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM iris');

.print
.print KEEPING THE MODEL: a fit is a value like any other. Store it, and label new flowers as they come.
.print
CREATE TABLE models AS
  SELECT 'iris' AS name, kmeans_fit(3, petal_length, petal_width) AS model FROM iris;
CREATE TABLE garden(petal_length REAL, petal_width REAL, cluster INTEGER);
CREATE TRIGGER label AFTER INSERT ON garden BEGIN
  UPDATE garden
  SET cluster = kmeans_predict((SELECT model FROM models WHERE name = 'iris'),
                               new.petal_length, new.petal_width)
  WHERE rowid = new.rowid;
END;
INSERT INTO garden(petal_length, petal_width) VALUES (1.3, 0.3), (4.4, 1.2), (5.9, 2.2);
SELECT * FROM garden;
.print
