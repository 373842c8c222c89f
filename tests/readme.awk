# Takes the SQL blocks out of README.md. Prints one script with all of them in order, a line
# `@@ block N` printed before each, and leaves in `folder`, for each block N:
#
#   N.sql     the block
#   N.line    the line of README.md on which it begins
#   N.text    what it must print, exactly: the ```text block that follows, nothing but blank lines
#             between them. Without this file the block must run without an error.
#   N.error   empty; there if the block must fail: <!-- error --> is the line before it
BEGIN {
  state = "prose"
}

state == "prose" && /^```sql *$/ {
  count++
  state = "sql"
  name = sprintf("%s/%03d", folder, count)
  printf "" > (name ".sql")
  print NR > (name ".line")
  close(name ".line")
  if (fails) {
    printf "" > (name ".error")
    close(name ".error")
  }
  printf ".print @@ block %03d\n", count
  fails = 0
  next
}

state == "sql" && /^```/ {
  # Ends a statement that the block leaves open.
  print ";"
  close(name ".sql")
  state = "prose"
  follows = 1
  next
}

state == "sql" {
  print
  print > (name ".sql")
  next
}

state == "prose" && follows && /^```text *$/ {
  state = "text"
  printf "" > (name ".text")
  next
}

state == "text" && /^```/ {
  close(name ".text")
  state = "prose"
  follows = 0
  next
}

state == "text" {
  print > (name ".text")
  next
}

state == "prose" && /^```/ { state = "other"; follows = 0; fails = 0; next }
state == "other" && /^```/ { state = "prose"; next }
state == "prose" && /^<!-- error -->$/ { fails = 1; follows = 0; next }
state == "prose" && !/^ *$/ { follows = 0; fails = 0 }

END {
  if (state != "prose" || count == 0) {
    print (count ? "README.md ends inside a block" : "README.md has no SQL block") > "/dev/stderr"
    exit 1
  }
}
