-- The data sets of this folder as tables, for a shell at the root of the repository.
CREATE TABLE iris(
  sepal_length REAL, sepal_width REAL, petal_length REAL, petal_width REAL, species TEXT
);
CREATE TABLE faithful(eruptions REAL, waiting REAL);
CREATE TABLE s1(x REAL, y REAL);
CREATE TABLE s2(x REAL, y REAL);
CREATE TABLE s3(x REAL, y REAL);
CREATE TABLE s4(x REAL, y REAL);
CREATE TABLE r15(x REAL, y REAL);
CREATE TABLE d31(x REAL, y REAL);
CREATE TABLE unbalance(x REAL, y REAL);
.import --csv --skip 1 tests/data/iris.csv iris
.import --csv --skip 1 tests/data/faithful.csv faithful
.import --csv --skip 1 tests/data/s1.csv s1
.import --csv --skip 1 tests/data/s2.csv s2
.import --csv --skip 1 tests/data/s3.csv s3
.import --csv --skip 1 tests/data/s4.csv s4
.import --csv --skip 1 tests/data/r15.csv r15
.import --csv --skip 1 tests/data/d31.csv d31
.import --csv --skip 1 tests/data/unbalance.csv unbalance
