# Reference figures for k-means from explicit initial centroids: the R half.
#
# To repeat (R 4.2.2), at the root of the repository, after make_figures.py, whose header says what
# each column is:
#     Rscript tests/reference/make_figures.R
#
# Reads the lines of scikit-learn in figures.csv, makes the same fits with R's own Lloyd, stops when
# the two disagree (inertia beyond 1e-12 relative, any size, the number of iterations), and writes
# R's lines after them. R leaves iterations empty: its count is compared here, and is the same.

path <- "tests/reference/figures.csv"
figures <- read.csv(path, colClasses = "character")
figures <- figures[figures$source == "scikit-learn", ]
lines <- readLines(path)[seq_len(nrow(figures) + 1)]

# The numbers of a JSON array, of arrays or of numbers, in order.
json_numbers <- function(text) as.numeric(strsplit(gsub("[][]", "", text), ",")[[1]])

quoted <- function(text) paste0('"', text, '"')

cat(R.version.string, "\n")
for (i in seq_len(nrow(figures))) {
  f <- figures[i, ]
  columns <- strsplit(f$columns, ",")[[1]]
  points <- as.matrix(read.csv(file.path("tests/data", paste0(f$dataset, ".csv")))[, columns])
  init <- matrix(json_numbers(f$init), ncol = length(columns), byrow = TRUE)
  fit <- kmeans(points, centers = init, algorithm = "Lloyd", iter.max = 300)
  difference <- abs(fit$tot.withinss / as.numeric(f$inertia) - 1)
  stopifnot(
    fit$ifault == 0,
    difference < 1e-12,
    fit$size == json_numbers(f$sizes),
    fit$iter == as.integer(f$iterations)
  )
  cat(sprintf("%s, k = %s, %s: inertia differs by %.1g\n", f$dataset, f$k, f$start, difference))
  sizes <- paste0("[", paste(fit$size, collapse = ","), "]")
  lines <- c(lines, paste("R", f$dataset, quoted(f$columns), f$k, f$start, quoted(f$init),
                          sprintf("%.17g", fit$tot.withinss), "", quoted(sizes), sep = ","))
}
writeLines(lines, path)
