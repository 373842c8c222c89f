/* Options of pictures, and titles, where anything can stand. The first character says what the text is.
** What is drawn is well-formed XML without a script, whatever went in.
*/
#include <string.h>

#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {"\"k\":3",
                                    "\"k\":24",
                                    "\"width\":300",
                                    "\"height\":4000",
                                    "\"title\":\"",
                                    "\"labels\":[\"x\",\"y\"]",
                                    "\"labels\":[",
                                    "\"theme\":\"dark\"",
                                    "\"theme\":\"light\"",
                                    "\"voronoi\":false",
                                    "\"animate\":true",
                                    "\"init\":\"random\"",
                                    "\"init\":[[1,2],[3,4],[5,6]]",
                                    "\"metric\":\"cosine\"",
                                    "\"scale\":\"robust\"",
                                    "\"nulls\":\"mean\"",
                                    "\"weight\":2",
                                    "\"clamp\":true",
                                    "\"seed\":7",
                                    "\"max_iter\":2",
                                    "\"centroids\":[[1,2],[3,4]]",
                                    "\"columns\":[\"x\",\"y\"]",
                                    "{",
                                    "}",
                                    "[",
                                    "]",
                                    ",",
                                    ":",
                                    "<script>",
                                    "</title>",
                                    "]]>",
                                    "&#0;",
                                    "\\u0000",
                                    "\\ud800",
                                    "\xF0\x9F\x8C\x8B",
                                    "\xEF\xBF\xBF",
                                    "\xC0\xBC",
                                    NULL};

/* How long the tag is that begins here, and whether it opens (1), closes (-1) or does both (0);
** 0 bytes when it is no tag. */
static size_t tag(const char *text, int *opens) {
  size_t i = 1;
  char quote = 0;
  for (; text[i] && (quote || text[i] != '>'); i++) {
    if (quote ? text[i] == quote : text[i] == '"') {
      quote = quote ? 0 : text[i];
    } else if (text[i] == '<') {
      return 0;
    }
  }
  *opens = text[1] == '/' ? -1 : text[i - 1] == '/' ? 0 : 1;
  return text[i] ? i + 1 : 0;
}

/* Elements within each other, no stray character: as far as a few lines tell. */
static void require_picture(const char *text) {
  int depth = 0;
  for (size_t i = 0; text[i];) {
    unsigned char c = (unsigned char)text[i];
    size_t bytes = 1;
    int opens = 0;
    if (c == '<') {
      bytes = tag(text + i, &opens);
      fuzz_require(bytes > 0, "a tag ends", text + i);
      depth += opens;
      fuzz_require(depth > 0 || !text[i + bytes] || text[i + bytes] == '\n', "one root", text + i);
    }
    fuzz_require(c == '\n' || (c >= 0x20 && c != '>'), "no stray character", text + i);
    i += bytes;
  }
  fuzz_require(depth == 0, "elements are closed", text);
  fuzz_require(!strstr(text, "<script") && !strstr(text, "<style"), "no script", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const forms[] = {
      "SELECT kmeans_svg(?1, x, y) FROM pts",
      "SELECT kmeans_svg(?1, y) FROM pts",
      "SELECT kmeans_svg(?1, x, y, id) FROM pts",
      "SELECT kmeans_svg(?1, v) FROM vectors",
      ("SELECT kmeans_svg(json_object('k', 2, 'title', ?1, 'labels', json_array(?1, 'y')), x, y)"
       " FROM pts"),
      "SELECT kmeans_svg(json_object('k', 3, 'title', ?1, 'animate', json('true')), x, y) FROM pts",
      "SELECT kmeans_elbow_svg(key, value, value) FROM json_each(?1)",
  };
  enum { FORMS = sizeof forms / sizeof *forms };
  static sqlite3_stmt *statements[FORMS];
  if (size == 0) {
    return 0;
  }
  sqlite3_stmt *statement = fuzz_statement(forms, statements, fuzz_form(data[0], FORMS));
  fuzz_bind_text(statement, data + 1, size - 1);
  if (sqlite3_step(statement) == SQLITE_ROW) {
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    if (text) {
      require_picture(text);
    }
  }
  sqlite3_reset(statement);
  fuzz_run_text(statement, data + 1, size - 1);
  return 0;
}
