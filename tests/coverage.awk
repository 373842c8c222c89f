# Reads what `gcov -b -n` prints, a summary of each file, and after it what `gcov -t` prints, the text
# of each file with how often its lines were run. Writes
#
#   - each line of the extension that no test has run, as file:line: text;
#   - for each file its lines and its branches in percent, and how many of its lines are marked.
#
# Lines are those of ext/, headers and templates among them. A branch counts when it was taken at least
# once, in each copy of an inline function by itself: these figures are gcov's own. It fails where a
# line was not run, or fewer than 95 % of all branches were taken.
#
# A line that cannot be run here, but must be there, carries its reason:
#
#   /* unreached: why */
#
# on itself or above it. The mark holds for the lines that follow it and were not run, down to the first
# that was, a blank one, or one that begins with a closing brace. So it hides nothing that comes later;
# and a mark that holds for no line is a failure, too: it is no longer true. Branches know no marks.
/^File '/ { file = substr($0, 7, length($0) - 7) }
/^(Calls executed:|No calls)/ { file = "" }
/^Lines executed:/ && file ~ /^ext\// {
  split($0, part, /[:% ]+/)
  lines[file] = part[5]
}
/^Taken at least once:/ && file ~ /^ext\// {
  split($0, part, /[:% ]+/)
  branches[file] = part[7]
  taken[file] = part[5] * part[7] / 100
}

# Holds the marks of the text that was read against its lines.
function judge_text(line, begun, open) {
  for (line = 1; line <= last; line++) {
    if (source[line] ~ /\/\* unreached: /) {
      begun = open = line
    }
    if (line != begun && (state[line] == "run" || source[line] ~ /^ *(}.*)?$/)) {
      if (open) { stale(begun) }
      open = begun = 0
    } else if (state[line] == "missed" && begun) {
      marked[text]++
      open = 0
    } else if (state[line] == "missed") {
      missed[text]++
      failed = 1
      printf "%s:%d: %s\n", text, line, source[line]
    }
  }
  split("", state)
  split("", source)
  last = 0
}

function stale(line) {
  failed = 1
  printf "%s:%d: is marked as unreached, but was run: %s\n", text, line, source[line]
}

# The text: count, number and source of each line. Those of inline functions come several times, once for
# each copy.
/^ *[^ :]+: +0:Source:/ {
  judge_text()
  text = $0
  sub(/^[^:]*: *0:Source:/, "", text)
}
text ~ /^ext\// && match($0, /^ *[^ :]+: *[1-9][0-9]*:/) {
  split($0, part, ":")
  number = part[2] + 0
  source[number] = substr($0, RLENGTH + 1)
  last = number > last ? number : last
  if (part[1] ~ /[#=]/ && state[number] == "") { state[number] = "missed" }
  if (part[1] ~ /[0-9]/) { state[number] = "run" }
}

END {
  judge_text()
  for (file in lines) {
    printf "%6.2f %% of %4d lines  %6.2f %% of %4d branches  %s%s\n",
      100 - 100 * (missed[file] + marked[file]) / lines[file], lines[file],
      branches[file] ? 100 * taken[file] / branches[file] : 100, branches[file], file,
      marked[file] ? ", " marked[file] " marked" : "" | "sort -k 6,6n -k 1,1n"
    all += lines[file]
    all_missed += missed[file]
    all_marked += marked[file]
    all_branches += branches[file]
    all_taken += taken[file]
  }
  close("sort -k 6,6n -k 1,1n")
  if (!all) {
    print "nothing was measured"
    exit 1
  }
  printf "%6.2f %% of %d lines, and %d marked as unreached; %.2f %% of %d branches\n",
    100 - 100 * all_missed / all, all, all_marked, 100 * all_taken / all_branches, all_branches
  if (failed) { print "some lines were not run" }
  if (all_taken < 0.95 * all_branches) { print "too few branches were taken" }
  exit failed || all_taken < 0.95 * all_branches
}
