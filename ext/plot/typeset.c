#include "plot/typeset.h"

#include <string.h>

#include "plot/writer.h"

#define ELLIPSIS_WIDTH 1.0

static double character_width(uint32_t c) {
  if (c < 0x80) {
    if (c == ' ' || strchr("!'(),-./:;I[\\]`fijlt|", (int)c)) {
      return 0.31;
    }
    if (strchr("mwMW%@", (int)c)) {
      return 0.89;
    }
    return c >= 'A' && c <= 'Z' ? 0.69 : 0.56;
  }
  if ((c >= 0x300 && c < 0x370) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F)) {
    return 0; /* combining marks and such */
  }
  if (c == 0x2009) {
    return 0.2; /* a thin space */
  }
  if (c == 0xB9 || c == 0xB2 || c == 0xB3 || (c >= 0x2070 && c < 0x2080)) {
    return 0.38; /* superscripts */
  }
  return c >= 0x1100 && !(c >= 0x1E00 && c < 0x2C00) ? 1.0 : 0.62;
}

double km_text_width(const char *text, size_t bytes) {
  const char *end = text + bytes;
  double width = 0;
  while (text < end) {
    width += character_width(km_take_character(&text, end));
  }
  return width;
}

/* How many bytes of the text fit into the width; at least one character. */
static size_t fit(const char *text, size_t bytes, double width) {
  const char *at = text;
  const char *end = text + bytes;
  double used = 0;
  while (at < end) {
    const char *next = at;
    used += character_width(km_take_character(&next, end));
    if (used > width && at > text) {
      break;
    }
    at = next;
  }
  return (size_t)(at - text);
}

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t km_typeset(const char *text, size_t bytes, double width, km_line_of_text *lines,
                  size_t max_lines) {
  size_t count = 0;
  for (;;) {
    while (bytes > 0 && is_space(*text)) {
      text++;
      bytes--;
    }
    while (bytes > 0 && is_space(text[bytes - 1])) {
      bytes--;
    }
    if (bytes == 0 || count == max_lines) {
      return count;
    }
    int last = count + 1 == max_lines;
    size_t length = fit(text, bytes, width);
    int cut = length < bytes && last;
    if (cut) {
      length = fit(text, bytes, width - ELLIPSIS_WIDTH);
    } else if (length < bytes) {
      size_t word = length;
      while (word > 0 && !is_space(text[word])) {
        word--;
      }
      length = word > 0 ? word : length;
    }
    size_t shown = length;
    while (shown > 0 && is_space(text[shown - 1])) {
      shown--;
    }
    lines[count++] = (km_line_of_text){text, shown, cut};
    text += length;
    bytes -= length;
  }
}
