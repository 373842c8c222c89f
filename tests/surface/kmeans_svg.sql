-- kmeans_svg(what, c1, c2, ...): a picture of the clusters. What it looks like is for test_pictures.sh.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y, z);
INSERT INTO pts VALUES (1, 1, 1, 3), (2, 2, 1, 1), (3, 3, 1, 4), (4, 7, 8, 1), (5, 8, 8, 5), (6, 9, 8, 9),
  (7, 1, 8, 2), (8, 1, 10, 6), (9, NULL, 5, 5);

.print -- two columns: points on cells
SELECT kmeans_svg(3, x, y) FROM pts;

.print -- one column: a strip, with the breaks between the classes; dark, with names
SELECT kmeans_svg('{"k": 3, "theme": "dark", "labels": ["x < y & z"], "title": "A \"strip\""}', x) FROM pts;

.print -- three columns: principal components
SELECT kmeans_svg('{"k": 2, "width": 400, "height": 300, "labels": ["x", "y", "z"]}', x, y, z) FROM pts;

.print -- moving
SELECT kmeans_svg('{"k": 2, "init": [[1, 1], [2, 1]], "animate": true}', x, y) FROM pts;

.print -- without cells; cells of the scaled space; sectors of cosine
SELECT instr(kmeans_svg('{"k": 3, "voronoi": false}', x, y), 'fill-opacity') FROM pts;
SELECT substr(svg, instr(svg, '<g fill-opacity'), 420)
FROM (SELECT kmeans_svg('{"k": 3, "scale": "standard"}', x, y * 1000) AS svg FROM pts);
SELECT substr(svg, instr(svg, '<g fill-opacity'), 420)
FROM (SELECT kmeans_svg('{"k": 3, "metric": "cosine"}', x - 5, y - 5) AS svg FROM pts);

.print -- of a model: nothing is fitted; its columns name the axes; options stand in it, too
CREATE TABLE models AS SELECT json_set(kmeans_fit(3, x, y), '$.columns', json_array('ex', 'why')) AS model FROM pts;
SELECT svg LIKE '%>ex</text>%', svg LIKE '%>why</text>%', svg LIKE '%8 points in 3 clusters%', svg LIKE '%iteration%',
  svg LIKE '%1 row without%' FROM (SELECT kmeans_svg(model, x, y) AS svg FROM models, pts);
SELECT svg LIKE '%<title>Mine</title>%', svg LIKE '%#15181e%'
FROM (SELECT kmeans_svg(json_set(model, '$.title', 'Mine', '$.theme', 'dark'), x, y) AS svg FROM models, pts);
SELECT length(kmeans_svg('{"centroids": [[0, 0], [5, 5], [5, 5], [1e9, 7]]}', x, y)) > 1000 FROM pts;

.print -- breaks of a strip stand between neighbours, in whatever order a model has its centroids
SELECT kmeans_svg('{"centroids": [[9], [1], [5]]}', x) LIKE '%>3.00</text>%>7.00</text>%' FROM pts;

.print -- seeds that are equal have one cell between them
SELECT svg LIKE '%M0 0;%', svg LIKE '%nan%' FROM (SELECT kmeans_svg('{"init": [[1, 1], [1, 1]], "animate": true}', x, y) AS svg FROM pts);

.print -- marks that combine with a letter have no width of their own, others that of a letter
SELECT svg LIKE '%>one two three four%', svg LIKE '%five' || char(0x200b) || 'six' || char(0xfe0f) || '%' FROM (SELECT kmeans_svg(json_object('k', 2, 'width', 300, 'title',
  'one' || char(9) || 'two' || char(10) || 'three' || char(13) || 'four' || char(8201, 178, 8304) || ' five' || char(0x200b) || 'six' || char(0xfe0f)), x, y) AS svg FROM pts);
SELECT kmeans_svg(json_object('k', 2, 'title', replace(hex(zeroblob(150)), '00', char(0x301))), x, y) LIKE '%' || replace(hex(zeroblob(150)), '00', char(0x301)) || '</text>%',
  kmeans_svg(json_object('k', 2, 'title', replace(hex(zeroblob(150)), '00', char(0xe9))), x, y) LIKE '%' || replace(hex(zeroblob(150)), '00', char(0xe9)) || '</text>%' FROM pts;

.print -- no legend where there is no room for one
SELECT svg LIKE '%>cluster</text>%', svg LIKE '%300 points%' FROM (SELECT kmeans_svg('{"k": 1, "width": 300}', value % 100, value % 7) AS svg
  FROM (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 300) SELECT value FROM n));
SELECT svg LIKE '%>cluster</text>%', svg LIKE '%100%000 points%' FROM (SELECT kmeans_svg('{"k": 1, "width": 300}', value % 100, value % 7) AS svg
  FROM (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 100000) SELECT value FROM n));

.print -- vectors, weights, filled-in NULL, groups
SELECT kmeans_svg(2, v) LIKE '%8 points in 2 clusters%' FROM (SELECT json_array(x, y) AS v FROM pts WHERE x > 0);
SELECT kmeans_svg('{"k": 2, "weight": 3}', x, y, id) LIKE '%8 points in 2 clusters%' FROM pts;
SELECT kmeans_svg('{"k": 2, "nulls": "mean"}', x, y) LIKE '%9 points in 2 clusters%' FROM pts;
SELECT id % 2, kmeans_svg(2, x, y) LIKE '%4 points in 2 clusters%' FROM pts WHERE x > 0 GROUP BY 1;

.print -- the same points, the same picture, whatever the number of threads
SELECT count(DISTINCT svg) FROM (SELECT kmeans_svg('{"k": 3, "threads": 1}', x, y) AS svg FROM pts
  UNION ALL SELECT kmeans_svg('{"k": 3, "threads": 4}', x, y) FROM pts UNION ALL SELECT kmeans_svg(3, x, y) FROM pts);

.print -- a sample of many points, and its size; a label for each of many clusters, in its own colour
CREATE TABLE many AS WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 29999)
  SELECT i, i * 7919 % 10007 AS x, i * 104729 % 10009 AS y FROM n;
SELECT length(svg) <= 60 * 20000, svg LIKE '%a sample of 20%000 points is drawn%', length(svg) - length(replace(svg, 'h0', '')) = 2 * 20000
FROM (SELECT kmeans_svg(5, x, y) AS svg FROM many);
SELECT length(svg) <= 60 * 2000, svg NOT LIKE '%sample%' FROM (SELECT kmeans_svg(30, x, y) AS svg FROM many WHERE i < 2000);

.print -- pure: it works in views
CREATE VIEW picture AS SELECT kmeans_svg(3, x, y) AS svg FROM pts;
SELECT length(svg) > 1000 FROM picture;

.print -- without a row that takes part
SELECT kmeans_svg(2, x, y) FROM pts WHERE 0;
SELECT kmeans_svg(2, NULL, 1);
SELECT kmeans_svg('{"k": 2, "weight": 2}', x, 0) FROM pts;

.print -- text of any kind stays text
SELECT svg NOT LIKE '%<script%', svg LIKE '%&lt;script&gt;%', instr(svg, char(7)) = 0
FROM (SELECT kmeans_svg(json_object('k', 2, 'title', '<script>alert("1")</script>' || char(7)), x, y) AS svg FROM pts);

.print -- categories: coordinates by value, labels by column
SELECT svg LIKE '%mostly price%' AS price, svg LIKE '%mostly colour=blue%' AS blue
FROM (SELECT kmeans_svg('{"k": 2, "categorical": [2], "labels": ["price", "colour"]}', column1, column2) AS svg
  FROM (VALUES (1, 'red'), (2, 'red'), (3, 'blue'), (8, 'green'), (9, 'green')));
SELECT svg LIKE '%red%' AS red, svg LIKE '%colour=green%' AS green
FROM (SELECT kmeans_svg('{"centroids": [[1, 0], [0, 1]], "categories": [["red", "green"]], "columns": ["colour"]}', column1) AS svg
  FROM (VALUES ('red'), ('green'), ('blue')));
SELECT kmeans_svg('{"k": 2, "categorical": [1], "labels": ["x", "y"]}', column1) FROM (VALUES ('red'), ('green'));

.print -- options that are not understood
SELECT kmeans_svg('{"k": 2, "colour": 1}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "width": 200}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "height": 4001}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "height": "tall"}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "theme": "blue"}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "title": 7}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "voronoi": 1}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "animate": "yes"}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "labels": "x"}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "labels": ["x", 2]}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "labels": ["x"]}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "labels": []}', x) FROM pts;
SELECT kmeans_svg('{"k": 2, "theme": "dark", "theme": "light"}', x, y) FROM pts;
SELECT kmeans_svg('{"centroids": [[1, 2]], "theme": "blue"}', x, y) FROM pts;
SELECT kmeans_svg('{"centroids": [[1, 2]], "animate": true}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 2, "animate": true, "refine": "auto"}', x, y) FROM pts;
SELECT kmeans_svg('{"k": 101, "animate": true}', x, y) FROM many;
SELECT kmeans_svg('{"k": 2, "params": []}', x, y) FROM pts;
SELECT kmeans_fit('{"k": 2, "theme": "dark"}', x, y) FROM pts;

.print -- rows that are not understood, as kmeans_fit says it
SELECT kmeans_svg(2);
SELECT kmeans_svg(2, x, 'word') FROM pts;
SELECT kmeans_svg(id, x, y) FROM pts;
SELECT kmeans_svg(99, x, y) FROM pts;
SELECT kmeans_svg(2, x, y) OVER () FROM pts;

.print -- the least weights that there are; centroids further away than the points can be told apart
SELECT kmeans_svg('{"k": 1, "weight": 4}', column1, column2, column3, column4) LIKE '<svg%</svg>_' FROM (VALUES (1, 2, 3, 5e-324), (2, 2, 3, 5e-324));
SELECT kmeans_svg('{"k": 1, "weight": 1}', column1, column2) LIKE '<svg%</svg>_' FROM (VALUES (5e-309, '[1, 2, 3, 4]'), (5e-309, '[2, 2, 7, 3]'));
SELECT svg LIKE '<svg%</svg>_', svg LIKE '%"1000000"%' FROM (SELECT kmeans_svg('{"centroids": [[1e300, 0, 0], [-1e300, 0, 1]]}', column1, 1e-10, 2e-10) AS svg FROM (VALUES (1e-10), (2e-10)));
