/* Text on paper: how wide it is, about, and how to break or shorten it. The font is whatever sans-serif
** face the reader has, so widths are those of a common one, by classes of characters. */
#ifndef KM_PLOT_TYPESET_H
#define KM_PLOT_TYPESET_H

#include <stddef.h>

/* The width of UTF-8 text in ems. */
double km_text_width(const char *text, size_t bytes);

/* A line of a longer text. */
typedef struct km_line_of_text {
  const char *text;
  size_t bytes;
  int cut; /* there was more: an ellipsis stands for it */
} km_line_of_text;

/* Breaks UTF-8 text into at most max_lines lines of at most `width` ems, at spaces where there are any;
** the last one is cut where the text does not fit. Returns how many lines there are, 0 for a text of
** spaces. */
size_t km_typeset(const char *text, size_t bytes, double width, km_line_of_text *lines,
                  size_t max_lines);

#endif
