-- The tutorial: k-means from the first distance to the last doubt, in four chapters that can be read one by one.
--
-- All points are made on the spot, from random numbers with a fixed seed (sql/tutorial/random.sql), so that what the
-- text says of them is so. Runs at the root of the repository, with the extension loaded:
--
--   sqlite3 -cmd '.load ./kmeans' :memory: < sql/tutorial.sql
--
-- The pictures go to tutorial.html, in the present folder.
.read sql/tutorial/first_steps.sql
.print
.print
.read sql/tutorial/blobs.sql
.print
.print
.read sql/lloyd.sql
INSERT INTO picture(title, svg)
SELECT 'Old Faithful, from two eruptions', kmeans_svg(json_object('init', json(start), 'animate', json('true')), x, y)
FROM point, (SELECT json_group_array(json_array(x, y)) AS start FROM start);
.print
.print
.read sql/tutorial/readings.sql

.print
.headers off
.mode list
SELECT iif(writefile('tutorial.html', html) > 0, 'The pictures, ' || pictures || ' of them, are in tutorial.html.',
           'tutorial.html could not be written.')
FROM (
  SELECT count(svg) AS pictures,
         '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>k-means in SQL: the tutorial</title>'
         || '<body style="max-width: 720px; margin: auto; font-family: sans-serif">'
         || group_concat('<h2>' || n || '. ' || title || '</h2>' || svg, char(10)) || '</body></html>' AS html
  FROM (SELECT * FROM picture ORDER BY n)
);
