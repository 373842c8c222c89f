-- What the chapters of the tutorial need: random numbers, the same ones whenever, wherever and with whatever version
-- (SQLite's own random() has no seed), and a place for the pictures.
--
-- dice: u is uniform in (0, 1). Each number comes from the one before (Lehmer 1951; the multiplier is Park & Miller's).
CREATE TABLE IF NOT EXISTS dice(n INTEGER PRIMARY KEY, u REAL);
INSERT INTO dice
WITH RECURSIVE seed(n, value) AS (
  SELECT 0, 20250717
  UNION ALL
  SELECT n + 1, value * 48271 % 2147483647 FROM seed WHERE n < 59999
)
SELECT n, value / 2147483647.0 FROM seed WHERE NOT EXISTS (SELECT 1 FROM dice);

-- bell: z is as good as Gaussian, with mean 0 and standard deviation 1: twelve dice, less 6. (The transform of Box &
-- Muller would do with two, but wants logarithms and cosines, which are not the same everywhere in the last digit.)
CREATE TABLE IF NOT EXISTS bell(n INTEGER PRIMARY KEY, z REAL);
INSERT INTO bell SELECT n / 12, sum(u) - 6 FROM dice WHERE NOT EXISTS (SELECT 1 FROM bell) GROUP BY n / 12;

CREATE TABLE IF NOT EXISTS picture(n INTEGER PRIMARY KEY, title TEXT, svg TEXT);
