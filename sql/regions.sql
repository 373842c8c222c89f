-- Regions: where should depots stand, and which one delivers where?
--
-- Places that lie together are served from one depot, and where many people live it should be nearer: a city
-- has the weight of its people. Distances are to be kilometres, so degrees are made that first: 111.2 to a
-- degree of latitude; to one of longitude, in Germany, 0.63 of that (the cosine of 51).
.headers on
.mode column
CREATE TABLE city(name TEXT PRIMARY KEY, latitude REAL, longitude REAL, people INTEGER);
INSERT INTO city VALUES -- and thousands of people
  ('Aachen', 50.78, 6.08, 249), ('Augsburg', 48.37, 10.90, 301), ('Berlin', 52.52, 13.41, 3677),
  ('Bielefeld', 52.02, 8.53, 334), ('Bochum', 51.48, 7.22, 364), ('Bonn', 50.73, 7.10, 331),
  ('Braunschweig', 52.27, 10.52, 249), ('Bremen', 53.08, 8.80, 563), ('Chemnitz', 50.83, 12.92, 243),
  ('Cottbus', 51.76, 14.33, 98), ('Dortmund', 51.51, 7.47, 587), ('Dresden', 51.05, 13.74, 555),
  ('Duisburg', 51.43, 6.76, 495), ('Düsseldorf', 51.23, 6.77, 619), ('Erfurt', 50.98, 11.03, 213),
  ('Essen', 51.46, 7.01, 579), ('Frankfurt', 50.11, 8.68, 759), ('Freiburg', 48.00, 7.85, 231),
  ('Halle', 51.48, 11.97, 238), ('Hamburg', 53.55, 9.99, 1854), ('Hannover', 52.37, 9.73, 536),
  ('Jena', 50.93, 11.59, 111), ('Karlsruhe', 49.01, 8.40, 306), ('Kassel', 51.31, 9.48, 201),
  ('Kiel', 54.32, 10.13, 246), ('Koblenz', 50.36, 7.59, 114), ('Köln', 50.94, 6.96, 1073),
  ('Leipzig', 51.34, 12.37, 602), ('Lübeck', 53.87, 10.69, 216), ('Magdeburg', 52.13, 11.63, 236),
  ('Mainz', 50.00, 8.27, 218), ('Mannheim', 49.49, 8.47, 312), ('München', 48.14, 11.58, 1488),
  ('Münster', 51.96, 7.63, 317), ('Nürnberg', 49.45, 11.08, 511), ('Oldenburg', 53.14, 8.21, 170),
  ('Osnabrück', 52.28, 8.05, 165), ('Potsdam', 52.40, 13.06, 183), ('Regensburg', 49.02, 12.10, 153),
  ('Rostock', 54.09, 12.10, 208), ('Saarbrücken', 49.24, 6.99, 179), ('Schwerin', 53.63, 11.41, 96),
  ('Stuttgart', 48.78, 9.18, 626), ('Trier', 49.75, 6.64, 111), ('Ulm', 48.40, 9.99, 127),
  ('Wiesbaden', 50.08, 8.24, 279), ('Wuppertal', 51.26, 7.18, 355), ('Würzburg', 49.79, 9.95, 127);

CREATE VIEW place AS
SELECT name, longitude * 111.2 * 0.63 AS east, latitude * 111.2 AS north, people FROM city;

CREATE VIRTUAL TABLE temp.region USING
  kmeans(5, 'SELECT name, east, north, people FROM place', '{"id": "name", "weight": "people"}');

.print Five regions. The depot stands in the city that is nearest to the centre:
.print
SELECT cluster + 1 AS region, count(*) AS cities, sum(people) AS thousands,
       (SELECT name FROM region d WHERE d.cluster = r.cluster ORDER BY distance LIMIT 1) AS depot,
       round(sum(people * distance) / sum(people)) AS "mean km", round(max(distance)) AS "most km"
FROM region r GROUP BY cluster;

.print
.print Which cities they serve:
.print
.mode list
.headers off
SELECT (cluster + 1) || ': ' || group_concat(name, ', ')
FROM (SELECT cluster, name FROM region ORDER BY cluster, name) GROUP BY cluster;
.headers on
.mode column

.print
.print Between two regions, and well served from either (the distances differ by less than a fifth):
.print
SELECT name, cluster + 1 AS region, neighbor + 1 AS "or"
FROM region WHERE silhouette < 0.2 ORDER BY name;

.print
.print How many depots? The mean distance to a person, as the crow flies:
.print
SELECT value AS depots, round(sum(people * distance) / sum(people)) AS "mean km", round(max(distance)) AS "most km"
FROM generate_series(2, 9),
  kmeans(value, 'SELECT name, east, north, people FROM place', '{"id": "name", "weight": "people"}') AS k
JOIN place ON name = k.id
GROUP BY value;

.print
.print A customer in Ingolstadt (48.76 north, 11.42 east) is served by:
.print
WITH fit AS (
  SELECT json_set(kmeans_fit('{"k": 5, "weight": 3}', east, north, people),
    '$.columns', json_array('east', 'north')) AS model
  FROM place
), customer AS (
  SELECT json_object('north', 48.76 * 111.2, 'east', 11.42 * 111.2 * 0.63) AS point
)
SELECT kmeans_predict(model, point) + 1 AS region, round(kmeans_distance(model, point)) AS km FROM fit, customer;
