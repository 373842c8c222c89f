/* A text that grows: what a picture is written to.
**
** The error is sticky: once memory has run out, everything that writes does nothing, and `status` says
** so. Numbers are written here and not by the C library, whose decimal point depends on the locale of
** the process.
*/
#ifndef KM_PLOT_WRITER_H
#define KM_PLOT_WRITER_H

#include <stdint.h>

#include "core/hooks.h"

#if defined(__GNUC__)
#define KM_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define KM_PRINTF(at, first)
#endif

typedef struct km_writer {
  km_hooks *hooks;
  km_status status; /* KM_OK or KM_NOMEM */
  char *text;       /* length bytes, not closed; NULL when nothing was written */
  size_t length;
  size_t capacity;
} km_writer;

/* An empty text; allocates nothing. */
void km_writer_init(km_writer *out, km_hooks *hooks);
void km_writer_clear(km_writer *out);

void km_write_bytes(km_writer *out, const char *text, size_t bytes);

/* Writes a format of these directives, which are a part of printf's, so that compilers check them:
**   %s     text as it is
**   %f     a double, rounded to one decimal, without it where it is 0: pixels
**   %zu    a size_t
**   %06x   a colour, six hexadecimal digits
*/
void km_write(km_writer *out, const char *format, ...) KM_PRINTF(2, 3);

/* Writes UTF-8 text from strangers as XML character data, good in attributes as well: the five special
** characters become references, line breaks and tabs spaces, and what no XML document may hold
** (control characters, bytes that are no UTF-8) U+FFFD, as does what would reorder the text around it. */
void km_write_escaped(km_writer *out, const char *text, size_t bytes);

/* Takes the next character off UTF-8 text of at least one byte: its code point, or U+FFFD for
** what is no character of XML; *at moves behind it. */
uint32_t km_take_character(const char **at, const char *end);

#endif
