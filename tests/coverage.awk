# Reads what `gcov -n` prints and writes a line for every file of the extension, worst first.
/^File '/ { file = substr($0, 7, length($0) - 7) }
/^Lines executed:/ && file ~ /^ext\/.*\.c$/ {
  split($0, part, /[:% ]+/)
  percent[file] = part[3]
  lines[file] = part[5]
  file = ""
}
END {
  count = split(sources, source, " ")
  for (i = 1; i <= count; i++) {
    file = source[i]
    printf "%6.2f %%  of %5d  %s\n", percent[file], lines[file], file | "sort -n"
    covered += percent[file] * lines[file]
    total += lines[file]
  }
  close("sort -n")
  if (total) printf "%6.2f %%  of %5d  in all\n", covered / total, total
}
