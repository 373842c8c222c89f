-- Anomalies: which readings of a machine fit none of the ways in which it runs?
--
-- A pump idles, works, or runs at full load; nobody has written down when. Nine of its readings are wrong, each in
-- a way that no single column gives away: the values are ordinary ones, but not together. Distance to the centroid
-- finds them, if it is measured by what is usual in the cluster: an idling pump hardly varies, one at full load does.
.headers on
.mode column

-- Random numbers with a fixed seed (Lehmer 1951; the multiplier of Park & Miller): u is uniform in (0, 1), and
-- the sum of twelve, less 6, is a bell curve of standard deviation 1.
CREATE TABLE bell AS
WITH RECURSIVE dice(n, seed) AS (
  SELECT 0, 20240229
  UNION ALL
  SELECT n + 1, seed * 48271 % 2147483647 FROM dice WHERE n + 1 < 12 * 3 * 600
)
SELECT n / 12 AS n, sum(seed / 2147483647.0) - 6 AS z FROM dice GROUP BY n / 12;

CREATE TABLE reading(id INTEGER PRIMARY KEY, power REAL, temperature REAL, vibration REAL, planted TEXT);
INSERT INTO reading
SELECT i.n, round(power + power_by * a.z, 2), round(temperature + temperature_by * b.z, 1),
       round(vibration + vibration_by * c.z, 2), NULL
FROM (
  SELECT 0 AS mode, 0.5 AS power, 0.02 AS power_by, 31 AS temperature, 0.6 AS temperature_by, 0.4 AS vibration,
         0.02 AS vibration_by
  UNION ALL SELECT 1, 4.0, 0.25, 48, 1.5, 1.6, 0.12
  UNION ALL SELECT 2, 9.0, 0.55, 71, 2.8, 4.2, 0.35
) AS run
JOIN bell i ON i.n < 600 AND i.n / 40 % 3 = mode -- each runs for forty readings at a time
JOIN bell a ON a.n = 3 * i.n JOIN bell b ON b.n = 3 * i.n + 1 JOIN bell c ON c.n = 3 * i.n + 2;

UPDATE reading SET temperature = temperature + 7, planted = 'bearing runs hot' WHERE id IN (17, 244, 361);
UPDATE reading SET vibration = vibration + 1.1, planted = 'loose bolt' WHERE id IN (66, 299, 420);
UPDATE reading SET power = power - 5.5, planted = 'runs dry' WHERE id IN (95, 337, 581);

-- Kilowatts, degrees and millimetres per second: each column is measured in standard deviations.
CREATE TABLE model AS
SELECT json_set(kmeans_fit('{"k": 3, "scale": "standard"}', power, temperature, vibration),
                '$.columns', json_array('power', 'temperature', 'vibration')) AS model
FROM reading;

CREATE TABLE labelled AS
SELECT id, power, temperature, vibration, planted, cluster, distance
FROM reading
JOIN kmeans((SELECT model FROM model), 'SELECT id, power, temperature, vibration FROM reading') USING (id);

-- What is usual: the median of the distances, which a few wrong readings do not move.
CREATE TABLE usual AS
SELECT cluster, distance AS median
FROM (
  SELECT cluster, distance, row_number() OVER (PARTITION BY cluster ORDER BY distance) AS place,
         count(*) OVER (PARTITION BY cluster) AS size
  FROM labelled
)
WHERE place = (size + 1) / 2;

.print The ways in which the pump runs, and how far from its centroid the median reading lies:
.print
SELECT cluster, size, round(centroid ->> 0, 1) AS kW, round(centroid ->> 1) AS "°C",
       round(centroid ->> 2, 1) AS "mm/s", round(median, 3) AS usual
FROM kmeans_centroids((SELECT model FROM model)) JOIN usual USING (cluster);

CREATE TABLE ranking AS
SELECT *, distance / median AS times, row_number() OVER (ORDER BY distance / median DESC) AS place,
       row_number() OVER (ORDER BY distance DESC) AS place_by_distance
FROM labelled JOIN usual USING (cluster);

.print
.print The oddest readings, and by how many times their distance exceeds the usual one. What was planted is known to
.print us, not to kmeans:
.print
SELECT place, id, power AS kW, temperature AS "°C", vibration AS "mm/s", cluster, round(times, 1) AS times,
       substr('##############################', 1, CAST(times AS INTEGER)) AS "", ifnull(planted, '-') AS planted
FROM ranking WHERE place <= 12 ORDER BY place;

.print
.print How many of the nine are among the first nine?
.print
WITH good AS (
  SELECT min(power) AS p0, max(power) AS p1, min(temperature) AS t0, max(temperature) AS t1, min(vibration) AS v0,
         max(vibration) AS v1
  FROM reading WHERE planted IS NULL
)
SELECT sum(place <= 9) AS "by distance / usual", sum(place_by_distance <= 9) AS "by distance alone",
       sum(power NOT BETWEEN p0 AND p1 OR temperature NOT BETWEEN t0 AND t1 OR vibration NOT BETWEEN v0 AND v1)
         AS "by a column beyond the good ones"
FROM ranking, good WHERE planted IS NOT NULL;

-- And from now on: every reading is judged as it comes in. The functions are pure, so that a view can use them.
CREATE VIEW judged AS
SELECT r.*, kmeans_distance(model, power, temperature, vibration) / median AS times
FROM reading r, model JOIN usual ON cluster = kmeans_predict(model, power, temperature, vibration);

.print
.print Three that come in now, judged by the same model:
.print
INSERT INTO reading(power, temperature, vibration) VALUES (4.1, 48.5, 1.7), (0.5, 40, 0.4), (9.5, 74, 3.8);
SELECT id, power AS kW, temperature AS "°C", vibration AS "mm/s", round(times, 1) AS times,
       iif(times > 4, 'look at it', 'fine') AS verdict
FROM judged WHERE id >= 600;
