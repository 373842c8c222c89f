-- kmeans_elbow_svg(k, inertia [, best]): a chart of a sweep.

.nullvalue NULL

CREATE TABLE sweep(k, inertia, best);
INSERT INTO sweep VALUES (4, 20.5, 0), (2, 300, 0), (3, 25, 1), (1, 1000, 0), (5, 17, 0);

.print -- the curve, with the best k; rows in any order
SELECT kmeans_elbow_svg(k, inertia, best) FROM sweep;
SELECT count(DISTINCT svg) FROM (SELECT kmeans_elbow_svg(k, inertia) AS svg FROM sweep
  UNION ALL SELECT kmeans_elbow_svg(k, inertia) FROM (SELECT * FROM sweep ORDER BY k DESC)
  UNION ALL SELECT kmeans_elbow_svg(k, inertia, NULL) FROM sweep);

.print -- one point, zeros, NULL, text that is a number, large and small numbers, k between whole numbers
SELECT kmeans_elbow_svg(3, 5, 1) LIKE '%best: k = 3</text>%', kmeans_elbow_svg(3, 0) LIKE '%</svg>%';
SELECT kmeans_elbow_svg(k, i) LIKE '%k = 2: 7.%' AND kmeans_elbow_svg(k, i) NOT LIKE '%k = 1%' FROM (SELECT 1 AS k, NULL AS i UNION ALL SELECT '2', ' 7 ');
SELECT kmeans_elbow_svg(k, inertia * 1e297) LIKE '%10³⁰⁰%', kmeans_elbow_svg(k, inertia * 1e-303) LIKE '%10⁻³⁰⁰%' FROM sweep;
SELECT kmeans_elbow_svg(k + 0.5, -inertia) LIKE '%k = 1.5: −1000.%' FROM sweep;

.print -- many
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT length(svg) <= 20000, svg LIKE '%And so on.%' FROM (SELECT kmeans_elbow_svg(i, 1000.0 / i) AS svg FROM n);

.print -- nothing
SELECT kmeans_elbow_svg(k, inertia) FROM sweep WHERE 0;
SELECT kmeans_elbow_svg(NULL, 1, 1);

.print -- pure: it works in views
CREATE VIEW chart AS SELECT kmeans_elbow_svg(k, inertia, best) AS svg FROM sweep;
SELECT length(svg) > 500 FROM chart;

.print -- errors
SELECT kmeans_elbow_svg(k, 'low') FROM sweep;
SELECT kmeans_elbow_svg(x'00', inertia) FROM sweep;
SELECT kmeans_elbow_svg(k, 9e999) FROM sweep;
SELECT kmeans_elbow_svg(k) FROM sweep;
SELECT kmeans_elbow_svg(k, inertia, best, 4) FROM sweep;

.print -- the least inertias that there are
SELECT kmeans_elbow_svg(column1, column2) LIKE '<svg%</svg>_' FROM (VALUES (1, 5e-324), (2, 0));
SELECT kmeans_elbow_svg(column1, column2) LIKE '<svg%</svg>_' FROM (VALUES (1, 1e-323), (2, 5e-324));
SELECT kmeans_elbow_svg(column1, column2) LIKE '<svg%</svg>_' FROM (VALUES (-1e300, -5e-324), (1e300, 0));
SELECT kmeans_elbow_svg(k, inertia) LIKE '<svg%</svg>_' FROM kmeans_sweep(1, 2, 'VALUES (1e-162), (3e-162), (0)');
