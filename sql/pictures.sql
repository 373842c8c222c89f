-- The pictures of README.md, into the current folder: `make pictures` puts them in place.
.load ./kmeans
.mode list
.read sql/faithful.sql
.read sql/iris.sql

SELECT '' WHERE writefile('faithful.svg', (
  SELECT kmeans_svg('{"k": 2, "scale": "standard", "title": "Eruptions of Old Faithful",
                      "labels": ["how long one lasts (minutes)", "how long until the next (minutes)"]}',
                    eruptions, waiting)
  FROM faithful)) IS NULL;

SELECT '' WHERE writefile('iris.svg', (
  SELECT kmeans_svg('{"k": 3, "theme": "dark", "title": "Irises, measured in four ways",
                      "labels": ["sepal length", "sepal width", "petal length", "petal width"]}',
                    sepal_length, sepal_width, petal_length, petal_width)
  FROM iris)) IS NULL;

-- Points evenly spread (the multiples of two irrational numbers, less their whole parts): what k-means makes of a
-- plane without clusters.
SELECT '' WHERE writefile('lloyd.svg', (
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800)
  SELECT kmeans_svg('{"k": 12, "init": "random", "seed": 4, "animate": true, "labels": ["x", "y"],
                      "title": "Lloyd''s algorithm at work"}',
                    i * 7548776662 % 10000000000 / 1e10, i * 5698402910 % 10000000000 / 1e10)
  FROM n)) IS NULL;
