-- The palette of an image: its main colours, and how much of it each one covers.
--
-- An image in the plain PPM format is text: P3, width, height, 255, then red, green and blue of every pixel.
-- `convert photo.jpg -resize 64x64 -compress none ppm:photo.ppm` makes one of a photo, and in the shell
-- `INSERT INTO image VALUES (readfile('photo.ppm'))` loads it. Here, one is painted: an evening at the sea.
.headers on
.mode column
CREATE TABLE image(ppm TEXT);

INSERT INTO image
WITH RECURSIVE
  cell(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM cell WHERE i < 64 * 40 - 1),
  place(i, x, y, grain) AS (SELECT i, i % 64, i / 64, (i * 7919 + i / 64 * 104729) % 13 - 6 FROM cell),
  paint(i, grain, r, g, b) AS (
    SELECT i, grain,
      CASE -- the sun; its path on the water; the sky, from violet to orange; an island; the sea
        WHEN (x - 44) * (x - 44) + (y - 18) * (y - 18) < 26 AND y < 22 THEN 250
        WHEN y >= 22 AND abs(x - 44) < 2 + (y - 22) / 4 AND (x + y * 3) % 4 < 2 THEN 244
        WHEN y >= 22 - (x - 4) * (18 - x) / 12 AND y < 22 AND x BETWEEN 4 AND 18 THEN 38
        WHEN y < 22 THEN 92 + y * 7
        ELSE 24 END,
      CASE
        WHEN (x - 44) * (x - 44) + (y - 18) * (y - 18) < 26 AND y < 22 THEN 236
        WHEN y >= 22 AND abs(x - 44) < 2 + (y - 22) / 4 AND (x + y * 3) % 4 < 2 THEN 190
        WHEN y >= 22 - (x - 4) * (18 - x) / 12 AND y < 22 AND x BETWEEN 4 AND 18 THEN 34
        WHEN y < 22 THEN 60 + y * 4
        ELSE 70 - y END,
      CASE
        WHEN (x - 44) * (x - 44) + (y - 18) * (y - 18) < 26 AND y < 22 THEN 170
        WHEN y >= 22 AND abs(x - 44) < 2 + (y - 22) / 4 AND (x + y * 3) % 4 < 2 THEN 120
        WHEN y >= 22 - (x - 4) * (18 - x) / 12 AND y < 22 AND x BETWEEN 4 AND 18 THEN 44
        WHEN y < 22 THEN 140 - y * 3
        ELSE 130 - y END
    FROM place
  )
SELECT 'P3' || char(10) || '64 40' || char(10) || '255' || char(10) || group_concat(
  max(0, min(255, r + grain)) || ' ' || max(0, min(255, g + grain)) || ' ' || max(0, min(255, b + grain)), char(10))
FROM (SELECT * FROM paint ORDER BY i);

-- The numbers of the file as a JSON array, and so as rows: width, height, 255, then three for each pixel.
CREATE TABLE pixel(id INTEGER PRIMARY KEY, r INTEGER, g INTEGER, b INTEGER);
INSERT INTO pixel
SELECT key / 3, max(iif(key % 3 = 0, value, 0)), max(iif(key % 3 = 1, value, 0)), max(iif(key % 3 = 2, value, 0))
FROM image, json_each('[' || replace(replace(substr(ppm, 4), char(10), ','), ' ', ',') || ']')
WHERE key > 2 GROUP BY key / 3;

CREATE TABLE palette AS SELECT kmeans_fit('{"k": 7, "n_init": 10}', r, g, b) AS model FROM pixel;

.print The palette, by how much of the image each colour covers:
.print
SELECT cluster AS colour,
       format('#%02x%02x%02x', round(centroid ->> 0), round(centroid ->> 1), round(centroid ->> 2)) AS hex,
       format('%4.1f %%', 100.0 * size / sum(size) OVER ()) AS share
FROM palette, kmeans_centroids(model) ORDER BY size DESC;

.print
.print The image in these colours, every second row:
.print
.headers off
.mode list
WITH width AS (SELECT CAST(substr(ppm, 4) AS INTEGER) AS n FROM image)
SELECT group_concat(kmeans_predict(model, r, g, b), '')
FROM (SELECT * FROM pixel ORDER BY id), palette, width
GROUP BY (id - 1) / n HAVING (id - 1) / n % 2 = 0;
