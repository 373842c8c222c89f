-- The tutorial: k-means from the first distance to the last doubt, in four chapters that can be read one by one.
--
-- All points are made on the spot, from random numbers with a fixed seed (sql/tutorial/random.sql), so that what the
-- text says of them is so. Runs at the root of the repository, with the extension loaded:
--
--   sqlite3 -cmd '.load ./kmeans' :memory: < sql/tutorial.sql
.read sql/tutorial/first_steps.sql
.print
.print
.read sql/tutorial/blobs.sql
.print
.print
.read sql/lloyd.sql
.print
.print
.read sql/tutorial/readings.sql
