-- A gallery of all kinds of pictures: gallery.html, one page that needs nothing else, in the current folder.
-- Run it with: sqlite3 -cmd '.load ./kmeans' :memory: < sql/gallery.sql
.mode list
.read sql/faithful.sql
.read sql/iris.sql

-- 30,000 points in and around six places, each with its own spread, from a generator of pseudo-random numbers: the
-- sum of four of them is about normally distributed.
CREATE TABLE place(i INTEGER PRIMARY KEY, x, y, spread);
INSERT INTO place VALUES (0, 2, 2, 1.2), (1, 8, 3, 1.5), (2, 5, 7, 0.9), (3, 1, 9, 0.8), (4, 9, 8.5, 1), (5, 5.5, 4, 0.5);
CREATE TABLE crowd AS
WITH RECURSIVE n(i, a, b, c, d) AS (
  SELECT 0, 11, 222, 3333, 44444
  UNION ALL
  SELECT i + 1, (a * 48271 + 1) % 2147483647, (b * 16807 + 3) % 2147483647, (c * 69621 + 5) % 2147483647,
         (d * 39373 + 7) % 2147483647
  FROM n WHERE i < 29999
)
SELECT n.i, x + spread * ((a + b) / 2147483647.0 - 1) * (1 + (c / 2147483647.0)) AS x,
       y + spread * ((c + d) / 2147483647.0 - 1) * (1 + (b / 2147483647.0)) AS y
FROM n JOIN place ON place.i = n.i % 6;

CREATE TABLE picture(number INTEGER PRIMARY KEY, heading TEXT, call TEXT, svg TEXT);

INSERT INTO picture SELECT 1, 'Two columns: points on the cells of their centroids',
  'kmeans_svg(''{"k": 2, "scale": "standard"}'', eruptions, waiting)',
  kmeans_svg('{"k": 2, "scale": "standard", "title": "Eruptions of Old Faithful",
               "labels": ["lasts (minutes)", "until the next (minutes)"]}', eruptions, waiting)
FROM faithful;

INSERT INTO picture SELECT 2, 'More columns: their principal components',
  'kmeans_svg(3, sepal_length, sepal_width, petal_length, petal_width)',
  kmeans_svg('{"k": 3, "title": "Irises, measured in four ways",
               "labels": ["sepal length", "sepal width", "petal length", "petal width"]}',
             sepal_length, sepal_width, petal_length, petal_width)
FROM iris;

INSERT INTO picture SELECT 3, 'One column: a strip, with the breaks between the classes', 'kmeans_svg(4, waiting)',
  kmeans_svg('{"k": 4, "title": "Waiting for Old Faithful", "labels": ["minutes"]}', waiting)
FROM faithful;

INSERT INTO picture SELECT 4, 'The steps of the algorithm', 'kmeans_svg(''{"k": 6, "init": "random", "animate": true}'', x, y)',
  kmeans_svg('{"k": 6, "init": "random", "seed": 7, "animate": true, "title": "From random centroids, step by step"}', x, y)
FROM crowd;

INSERT INTO picture SELECT 5, 'Many points: a sample of every cluster', 'kmeans_svg(6, x, y)',
  kmeans_svg('{"k": 6, "title": "30,000 points"}', x, y)
FROM crowd;

INSERT INTO picture SELECT 6, 'Many clusters, on dark paper', 'kmeans_svg(''{"k": 40, "theme": "dark"}'', x, y)',
  kmeans_svg('{"k": 40, "theme": "dark", "title": "A Voronoi tessellation of the plane"}', i * 7548776662 % 10000000000 / 1e10,
             i * 5698402910 % 10000000000 / 1e10)
FROM crowd WHERE i < 4000;

INSERT INTO picture SELECT 7, 'Directions: sectors around the origin', 'kmeans_svg(''{"k": 5, "metric": "cosine"}'', x, y)',
  kmeans_svg('{"k": 5, "metric": "cosine", "title": "By cosine distance"}', x - 5, y - 5)
FROM crowd WHERE i < 3000;

INSERT INTO picture SELECT 8, 'The steps in one column', 'kmeans_svg(''{"k": 4, "init": "random", "animate": true, "theme": "dark"}'', waiting)',
  kmeans_svg('{"k": 4, "init": "random", "seed": 1, "animate": true, "theme": "dark", "title": "Waiting, step by step",
               "labels": ["minutes"]}', waiting)
FROM faithful;

-- A model that was fitted on some points, applied to others; the picture's options are added to it.
INSERT INTO picture SELECT 9, 'A model, applied to other points', 'kmeans_svg(model, x, y)',
  kmeans_svg(json_set(model, '$.title', 'Fitted to 300 points, applied to 3,000'), x, y)
FROM (SELECT kmeans_fit(6, x, y) AS model FROM crowd WHERE i < 300), crowd
WHERE i >= 3000 AND i < 6000;

INSERT INTO picture
SELECT 10, 'How many clusters? Where the curve bends', 'kmeans_elbow_svg(k, inertia, best)',
  kmeans_elbow_svg(k, inertia, best)
FROM kmeans_sweep(1, 12, 'SELECT x, y FROM crowd WHERE i < 3000');

SELECT 'gallery.html is not written' WHERE writefile('gallery.html', (
  SELECT '<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kmeans: a gallery</title>
<style>
  body { margin: 2rem auto; max-width: 1500px; padding: 0 1rem; font-family: system-ui, sans-serif; color: #1f2328; }
  main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 2rem; }
  figure { margin: 0; }
  figcaption { margin: 0 0 .6rem; }
  code { display: block; margin-top: .2rem; font-size: .85rem; color: #59636e; overflow-wrap: anywhere; }
  svg { width: 100%; height: auto; border: 1px solid #d1d9e0; border-radius: 6px; }
</style>
<h1>kmeans: a gallery</h1>
<main>
' || group_concat('<figure><figcaption>' || heading || '<code>' || replace(replace(call, '&', '&amp;'), '<', '&lt;')
    || '</code></figcaption>' || char(10) || svg || '</figure>', char(10)) || '
</main>
</html>
'
  FROM (SELECT * FROM picture ORDER BY number))) IS NULL;

SELECT 'gallery.html: ' || count(*) || ' pictures' FROM picture;
