#!/bin/sh
# Ctrl-C, typed into a shell that has a terminal, ends a fit and not the shell.
set -eu

command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
# ThreadSanitizer holds signals back until the program calls the C library, which a fit does not.
case $KMEANS_SHELL in *libtsan*) echo "signals come late here"; exit 77 ;; esac
python3 - <<'PYTHON'
import os, pty, select, sys, time

shell = os.environ["KMEANS_SHELL"].replace("-batch", "-interactive").split()
extension = os.environ["KMEANS_EXTENSION"]
patience = 60 if not os.environ.get("KMEANS_INSTRUMENTED") else 600
data = ("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 60000) SELECT i, i * 7919 % 100003 / 7.0 AS x, i * 104729 % 100019 / 3.0 AS y"
        " FROM n;\n")
# Each would take minutes.
fits = [
    "SELECT * FROM kmeans(25000, 'SELECT x, y FROM big');\n",
    "SELECT length(kmeans_fit(25000, x, y)) FROM big;\n",
    "SELECT * FROM kmeans('{\"k\":20000,\"init\":\"random\",\"tol\":0}', 'SELECT x, y FROM big');\n",
    "SELECT sum(a.x + cluster) FROM big a, kmeans(3, 'SELECT x, y FROM big');\n",
]

process, terminal = pty.fork()
if process == 0:
    os.execvp(shell[0], shell + [":memory:"])


def read_until(text, since):
    """Reads what the shell says until it has said `text`."""
    seen = ""
    while text not in seen:
        left = since + patience - time.monotonic()
        if left < 0 or not select.select([terminal], [], [], left)[0]:
            sys.exit("waited for %r, and this came: %r" % (text, seen))
        try:
            seen += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:
            sys.exit("the shell has ended, after %r" % seen)
    return seen


def say(text):
    os.write(terminal, text.encode())
    return time.monotonic()


# The terminal echoes what is typed: answers are told apart by what only they can say.
read_until("> ", say(""))
read_until("=2", say(".load \"%s\"\n%sSELECT '=' || (1 + 1);\n" % (extension, data)))
for fit in fits:
    say(fit)
    time.sleep(0.5)
    typed = say("\x03")
    read_until("interrupted", typed)
    print("%.0f ms: %s" % (1000 * (time.monotonic() - typed), fit.strip()))
    read_until("=3", say("SELECT '=' || count(*) FROM kmeans_centroids(3, 'SELECT x FROM big LIMIT 9');\n"))
say(".quit\n")
_, status = os.waitpid(process, 0)
if not os.WIFEXITED(status) or os.WEXITSTATUS(status) > 1:  # 1: there were errors
    sys.exit("the shell ended with status %d" % status)
PYTHON
