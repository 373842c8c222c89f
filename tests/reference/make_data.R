# Exports R's data sets iris and faithful: tests/data/*.csv for the tests, sql/*.sql for the demo.
#
# To repeat (R 4.2.2; nothing beyond the package datasets), at the root of the repository:
#     Rscript tests/reference/make_data.R
# It overwrites the four files with the same bytes.

write_csv <- function(frame, path) {
  write.csv(frame, path, quote = FALSE, row.names = FALSE)
}

# A row of VALUES: the id, numbers in the fewest digits that are the same number, text in quotes.
sql_row <- function(frame, i) {
  fields <- vapply(frame, function(column) {
    value <- column[i]
    if (is.numeric(value)) format(value, digits = 15) else paste0("'", value, "'")
  }, "")
  paste0("(", paste(c(i, fields), collapse = ", "), ")")
}

# One INSERT of all rows, with as many rows on a line as 100 columns hold.
write_sql <- function(frame, table, types, comment, path) {
  lines <- c()
  line <- " "
  for (i in seq_len(nrow(frame))) {
    row <- paste0(sql_row(frame, i), if (i < nrow(frame)) "," else ";")
    if (nchar(line) + 1 + nchar(row) > 100) {
      lines <- c(lines, line)
      line <- " "
    }
    line <- paste(line, row)
  }
  lines <- sub("^  +", "  ", c(lines, line))
  columns <- paste0("  ", names(frame), " ", types)
  writeLines(c(
    sub(" $", "", paste0("-- ", comment)), "",
    paste0("CREATE TABLE ", table, "("),
    "  id INTEGER PRIMARY KEY,",
    paste0(columns, c(rep(",", length(columns) - 1), "")),
    ");", "",
    paste0("INSERT INTO ", table, "(", paste(c("id", names(frame)), collapse = ", "), ") VALUES"),
    lines), path)
}

iris_frame <- setNames(iris, c("sepal_length", "sepal_width", "petal_length", "petal_width",
                               "species"))
iris_frame$species <- as.character(iris_frame$species)
faithful_frame <- faithful

write_csv(iris_frame, "tests/data/iris.csv")
write_csv(faithful_frame, "tests/data/faithful.csv")

write_sql(iris_frame, "iris", c("REAL", "REAL", "REAL", "REAL", "TEXT"), c(
  "Iris: sepals and petals of 150 flowers, 50 of each of three species, in centimetres.",
  "",
  "Collected by E. Anderson (1935), The irises of the Gaspé Peninsula, Bulletin of the American",
  "Iris Society 59, 2-5; published by R. A. Fisher (1936), The use of multiple measurements in",
  "taxonomic problems, Annals of Eugenics 7(2), 179-188. The values are those of R's iris.",
  "Made by tests/reference/make_data.R."
), "sql/iris.sql")

write_sql(faithful_frame, "faithful", c("REAL", "REAL"), c(
  "Old Faithful: 272 eruptions of the geyser in Yellowstone National Park, Wyoming: how long each",
  "lasted and how long the wait for the next one was, both in minutes.",
  "",
  "A. Azzalini and A. W. Bowman (1990), A look at some data on the Old Faithful geyser, Applied",
  "Statistics 39, 357-365; the values are those of R's faithful (after W. Härdle (1991), Smoothing",
  "Techniques with Implementation in S, Springer). Made by tests/reference/make_data.R."
), "sql/faithful.sql")
