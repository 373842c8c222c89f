-- Bad models, each with its message: no model at all, no JSON, a member that is wrong, members that
-- contradict each other, coordinates that do not fit.

.nullvalue NULL

.print -- no model: a number, a BLOB, text that is no JSON, JSON that is no object
SELECT kmeans_predict(3, 1);
SELECT kmeans_predict(3.5, 1);
SELECT kmeans_predict(x'7b7d', 1);
SELECT kmeans_predict('', 1);
SELECT kmeans_predict('model', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]]', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]]}}', 1);
SELECT kmeans_predict('{"centroids": [[1] [2]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2e]]}', 1);
SELECT kmeans_predict('[[1], [2]]', 1);
SELECT kmeans_predict('"centroids"', 1);
SELECT kmeans_predict('null', 1);
SELECT kmeans_predict('7', 1);

.print -- options are no model
SELECT kmeans_predict('{}', 1);
SELECT kmeans_predict('{"k": 3}', 1);

.print -- the others say the same, with their names
SELECT kmeans_distance('{"centroids": [[1], [2]', 1);
SELECT kmeans_distance(3, 1);
SELECT kmeans_transform('{}', 1);
SELECT kmeans_transform(x'', 1);

.print -- what is cut off is no model, and no options either
SELECT * FROM kmeans('{"centroids": [[1], [2]', 'VALUES (1)');
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]');
SELECT kmeans_fit('{"centroids": [[1], [2]', 1);

.print -- centroids: of another type, empty, nested, not numbers, of different lengths
SELECT kmeans_predict('{"centroids": null}', 1);
SELECT kmeans_predict('{"centroids": 1}', 1);
SELECT kmeans_predict('{"centroids": "[[1]]"}', 1);
SELECT kmeans_predict('{"centroids": {"0": [1]}}', 1);
SELECT kmeans_predict('{"centroids": []}', 1);
SELECT kmeans_predict('{"centroids": [1, 2]}', 1);
SELECT kmeans_predict('{"centroids": [[]]}', 1);
SELECT kmeans_predict('{"centroids": [[], []]}', 1);
SELECT kmeans_predict('{"centroids": [[1], []]}', 1);
SELECT kmeans_predict('{"centroids": [[1], 2]}', 1);
SELECT kmeans_predict('{"centroids": [[1], null]}', 1);
SELECT kmeans_predict('{"centroids": [[[1]], [[2]]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [[2]]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], ["2"]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [true]]}', 1);
SELECT kmeans_predict('{"centroids": [[1, 2], [1, null]]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2], [1, {"x": 1}]]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2], [1]]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1], [1, 2]]}', 1);

.print -- centroids: infinite, too large, and as long as too many would be
SELECT kmeans_predict('{"centroids": [[9e999]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [-1e400]]}', 1);
SELECT kmeans_predict('{"centroids": [[1, 2], [3, 1.1e300]]}', 1, 2);
SELECT kmeans_predict(printf('{"centroids": [["%.*c"]]}', 134000000, ','), 1);

.print -- type and version
SELECT kmeans_predict('{"centroids": [[1]], "type": "dbscan"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "type": null}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "version": 2}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "version": "1"}', 1);

.print -- metric: what this version does not know gives no label; a direction that is none
SELECT kmeans_predict('{"centroids": [[1]], "metric": "manhattan"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "metric": 2}', 1);
SELECT kmeans_predict('{"centroids": [[1], [0]], "metric": "cosine"}', 1);
SELECT kmeans_predict('{"metric": "cosine", "centroids": [[1]], "scale": {"shift": [1], "factor": [1]}}', 1);

.print -- scale: of another type, in part, of another length, not finite, not positive, twice
SELECT kmeans_predict('{"centroids": [[1]], "scale": "none"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": [1]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"method": "standard"}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"method": "none", "shift": [0], "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"method": 1, "shift": [0], "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": 0, "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": {}}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": ["a"], "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [1e999], "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [-2e300], "factor": [1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": [0]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": [-1]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": [1e999]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": [1, 2]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0, 0], "factor": [1, 2]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [], "factor": []}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "scale": {"shift": [0], "factor": [1], "shift": [1]}}', 1);
SELECT kmeans_fit('{"k": 1, "init": {"centroids": [[1]], "scale": {"shift": [0]}}}', 1);

.print -- impute: of another type, of another length, no finite numbers; imputed
SELECT kmeans_predict('{"centroids": [[1]], "impute": 2}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": "mean"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": [null]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": [1e999]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": [-2e300]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [-1e300]], "impute": [-1e300]}', NULL);
SELECT kmeans_predict('{"centroids": [[1]], "impute": [1, 2]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": []}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "impute": [1], "impute": [2]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "imputed": -1}', 1);

.print -- k and dims: of another type, negative, not what the centroids are
SELECT kmeans_predict('{"centroids": [[1], [2]], "k": "2"}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "k": 2.0}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "k": -2}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "k": 3}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "k": 0}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "dims": true}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "dims": 2}', 1);
SELECT kmeans_predict('{"k": 3, "centroids": [[1], [2]]}', 1);

.print -- columns: of another type, not as many as there are dimensions
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": "x"}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": ["x", 2]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": ["x", null]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": ["x"]}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": []}', 1, 2);
SELECT kmeans_predict('{"centroids": [[1, 2]], "columns": ["x", "y", "z"]}', 1, 2);

.print -- sizes: of another type, negative, not whole, not as many as there are centroids
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": 2}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": null}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": ["1", 1]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, [1]]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, -1]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, 1.5]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, 9e999]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": []}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, 1, 1]}', 1);

.print -- inertias and radii
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": {}}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": [1, "x"]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": [1, -0.5]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": [1]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "radii": 1}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "radii": [-1, 1]}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "radii": [1, 2, 3]}', 1);

.print -- inertia, iterations, converged, n, skipped, seed: of another type, or negative
SELECT kmeans_predict('{"centroids": [[1]], "inertia": "0"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "inertia": -1}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "inertia": null}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "iterations": 1.5}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "iterations": -1}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "converged": 1}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "n": "many"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "n": -1}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "skipped": false}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "seed": 0.5}', 1);

.print -- categories: no array, or not of arrays of texts, or without a value
SELECT kmeans_predict('{"centroids": [[1]], "categories": "x"}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": {"x": ["a"]}}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": ["a"]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": [7]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": [[]]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": [[1]]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "categories": [[null]]}', 1);
SELECT kmeans_predict('{"centroids": [[1, 0]], "categories": [["a", "a"]]}', 'a');
SELECT kmeans_predict('{"centroids": [[1]], "categories": [["a"]], "categories": [["a"]]}', 'a');

.print -- categories that do not go with the rest
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [["a"]]}', 'a');
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [null, ["a", "b"]]}', 1, 'a');
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [["a", "b"]], "columns": ["x", "y"]}', 'a');
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [["a", "b"]], "impute": [1]}', 'a');
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [["a", "b"]], "scale": {"shift": [0], "factor": [1]}}', 'a');
SELECT kmeans_predict('{"centroids": [[1, 2]], "categories": [["a", "b"]], "metric": "cosine"}', 'a');
SELECT * FROM kmeans('{"centroids": [[1, 2]], "categories": [["a", "b"]]}', 'SELECT 1 AS x, 2 AS y');
SELECT * FROM kmeans('{"centroids": [[1, 2]], "categories": [["a", "b"]]}', 'SELECT x''0000803F0000803F'' AS v');
SELECT * FROM kmeans_centroids('{"centroids": [[1, 2]], "categories": [["a"]]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "categories": [["a", "b"]], "means": [1]}');

.print -- but these are fine: none, numbers only, shares that nobody can have
SELECT kmeans_predict('{"centroids": [[1], [2]], "categories": null}', 2);
SELECT kmeans_predict('{"centroids": [[1], [2]], "categories": []}', 2);
SELECT kmeans_predict('{"centroids": [[1], [2]], "categories": [null]}', x'00000040');
SELECT centroid FROM kmeans_centroids('{"centroids": [[-1, 1e300]], "categories": [["", "\u2028\"\\"]]}');

.print -- totals that are not those of the parts
SELECT kmeans_predict('{"centroids": [[1], [2]], "sizes": [1, 2], "n": 4}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": [1, 2], "inertia": 3.1}', 1);
SELECT kmeans_predict('{"centroids": [[1], [2]], "inertias": [0, 0], "inertia": 1}', 1);

.print -- a member that is given twice: which one counts?
SELECT kmeans_predict('{"centroids": [[1]], "centroids": [[2]]}', 1);
SELECT kmeans_predict('{"centroids": [[1]], "k": 1, "k": 1}', 1);

.print -- as many coordinates as the model has dimensions
SELECT kmeans_predict('{"centroids": [[1, 2]]}', 1);
SELECT kmeans_predict('{"centroids": [[1, 2]]}', 1, 2, 3);
SELECT kmeans_predict('{"centroids": [[1]]}', 1, NULL);
SELECT kmeans_distance('{"centroids": [[1, 2]]}', 1);
SELECT kmeans_transform('{"centroids": [[1, 2]]}', 1, 2, 3);
SELECT kmeans_fit('{"centroids": [[1, 2]]}', 1);
SELECT kmeans_fit('{"centroids": [[1, 2]]}', 1, 2, 3);
SELECT * FROM kmeans('{"centroids": [[1, 2]]}', 'SELECT 1 AS x');
SELECT * FROM kmeans('{"centroids": [[1, 2]]}', 'SELECT 1 AS id, 2 AS x');
SELECT * FROM kmeans_centroids('{"centroids": [[1, 2]]}', 'SELECT 1 AS x, 2 AS y, 3 AS z');

.print -- the model's columns in another order: the labels would be wrong without a word
SELECT * FROM kmeans('{"centroids": [[1, 20]], "columns": ["x", "y"]}', 'SELECT 20 AS y, 1 AS x');
SELECT * FROM kmeans('{"centroids": [[1, 2, 3]], "columns": ["x", "y", "z"]}', 'SELECT 1 AS x, 7 AS id, 3 AS Z, 2 AS Y');
SELECT * FROM kmeans_centroids('{"centroids": [[1, 20]], "columns": ["x", "y"]}', 'SELECT 20 AS y, 1 AS x');

.print -- but in this order, in any case, around an id; and under other names, they are the caller's
SELECT cluster, distance FROM kmeans('{"centroids": [[1, 20]], "columns": ["x", "y"]}', 'SELECT 1 AS X, 7 AS id, 20 AS Y');
SELECT cluster, distance FROM kmeans('{"centroids": [[1, 20]], "columns": ["x", "y"]}', 'SELECT 1 AS y, 20 AS z');
SELECT cluster, distance FROM kmeans('{"centroids": [[1, 20]], "columns": ["x", "y"]}', 'VALUES (1, 20)');

.print -- broken models say so from every name
SELECT * FROM kmeans('{"centroids": [[1], [2]], "k": 3}', 'VALUES (1)');
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]], "k": 3}');
SELECT * FROM kmeans_centroids('{"centroids": []}', 'VALUES (1)');
SELECT kmeans_fit('{"centroids": [[1], [2]], "k": 3}', 1);
SELECT kmeans_fit('{"init": {"centroids": [[1], [2]], "k": 3}}', 1);
SELECT kmeans_distance('{"centroids": [[1], [2]], "k": 3}', 1);
SELECT kmeans_transform('{"centroids": [[1], [2]], "k": 3}', 1);

.print -- and only where they are used: NULL coordinates do not hide them, other rows are not harmed
SELECT kmeans_predict('{"centroids": []}', NULL);
CREATE TABLE models(model TEXT);
INSERT INTO models VALUES ('{"centroids": [[1], [2]]}'), ('{"centroids": [[1], [2]], "k": 3}');
SELECT kmeans_predict(model, 2) FROM models LIMIT 1;
SELECT max(kmeans_predict(model, 2)) FROM models;

.print -- notes of other names are nobody's business, whatever they hold
SELECT kmeans_predict('{"centroids": [[1], [2]], "K": 9, "note": [[[null]]], "": {}, "centroid": 7}', 2);

.print -- a text of 60 KB is not taken for a matrix of 3 GB
SELECT kmeans_predict('{"centroids": [[0' || replace(hex(zeroblob(20000)), '00', ',0') || ']'
  || replace(hex(zeroblob(20000)), '00', ',[]') || ']}', 1);

.print -- a model has no more columns than a table or a vector
SELECT kmeans_predict('{"centroids": [[0' || replace(hex(zeroblob(65536)), '00', ',0') || ']]}', 1);
SELECT kmeans_fit('{"init": [[0' || replace(hex(zeroblob(65536)), '00', ',0') || ']]}', 1);
SELECT cluster, size FROM kmeans_centroids('{"centroids": [[0' || replace(hex(zeroblob(65535)), '00', ',0') || ']]}');
