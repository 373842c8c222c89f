#include "plot/writer.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define REPLACEMENT 0xFFFD

void km_writer_init(km_writer *out, km_hooks *hooks) {
  *out = (km_writer){.hooks = hooks};
}

void km_writer_clear(km_writer *out) {
  km_release(out->hooks, out->text);
  km_writer_init(out, out->hooks);
}

/* Makes room for `bytes` more. */
static int reserve(km_writer *out, size_t bytes) {
  if (out->status != KM_OK) {
    return 0;
  }
  if (bytes <= out->capacity - out->length) {
    return 1;
  }
  char *text = NULL;
  size_t capacity = out->capacity ? out->capacity : 4096;
  while (capacity - out->length < bytes && capacity <= SIZE_MAX / 2) {
    capacity *= 2;
  }
  if (capacity - out->length >= bytes) {
    text = km_allocate(out->hooks, capacity, 1);
  }
  if (!text) {
    out->status = KM_NOMEM;
    return 0;
  }
  if (out->length) {
    memcpy(text, out->text, out->length);
  }
  km_release(out->hooks, out->text);
  out->text = text;
  out->capacity = capacity;
  return 1;
}

void km_write_bytes(km_writer *out, const char *text, size_t bytes) {
  if (bytes > 0 && reserve(out, bytes)) {
    memcpy(out->text + out->length, text, bytes);
    out->length += bytes;
  }
}

static void write_size(km_writer *out, size_t number) {
  char digits[24];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  km_write_bytes(out, digits + at, sizeof digits - at);
}

/* Pixels: nothing that is drawn is further out than a million of them. */
static void write_tenths(km_writer *out, double number) {
  double tenths = floor(number * 10 + 0.5);
  if (!(fabs(tenths) <= 1e7)) {
    tenths = tenths < 0 ? -1e7 : 1e7;
  }
  if (tenths < 0) {
    km_write_bytes(out, "-", 1);
  }
  size_t whole = (size_t)fabs(tenths);
  if (whole >= 10 || whole == 0) {
    write_size(out, whole / 10);
  }
  if (whole % 10) {
    char decimal[2] = {'.', (char)('0' + whole % 10)};
    km_write_bytes(out, decimal, 2);
  }
}

static void write_colour(km_writer *out, unsigned colour) {
  char digits[6];
  for (int i = 0; i < 6; i++) {
    digits[i] = "0123456789abcdef"[colour >> (20 - 4 * i) & 15];
  }
  km_write_bytes(out, digits, sizeof digits);
}

void km_write(km_writer *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  for (const char *at = format; *at;) {
    size_t plain = strcspn(at, "%");
    km_write_bytes(out, at, plain);
    at += plain;
    if (strncmp(at, "%s", 2) == 0) {
      const char *text = va_arg(arguments, const char *);
      km_write_bytes(out, text, strlen(text));
      at += 2;
    } else if (strncmp(at, "%f", 2) == 0) {
      write_tenths(out, va_arg(arguments, double));
      at += 2;
    } else if (strncmp(at, "%zu", 3) == 0) {
      write_size(out, va_arg(arguments, size_t));
      at += 3;
    } else if (strncmp(at, "%06x", 4) == 0) {
      write_colour(out, va_arg(arguments, unsigned));
      at += 4;
    } else if (*at) { /* a percent sign of its own */
      km_write_bytes(out, at, 1);
      at += at[1] == '%' ? 2 : 1;
    }
  }
  va_end(arguments);
}

/* Characters that would put in another order what stands around them. */
static int reorders(uint32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* Whether XML 1.0 allows the character, and nobody advises against it. */
static int is_allowed(uint32_t c) {
  if (reorders(c)) {
    return 0;
  }
  return (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c < 0xD800) || (c >= 0xE000 && c < 0xFDD0) ||
         (c > 0xFDEF && c <= 0x10FFFF && (c & 0xFFFE) != 0xFFFE);
}

uint32_t km_take_character(const char **at, const char *end) {
  const unsigned char *byte = (const unsigned char *)*at;
  size_t left = (size_t)(end - *at);
  uint32_t c = byte[0];
  size_t length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : 4;
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  *at += 1;
  if (length == 1) {
    return c == '\t' || c == '\n' || c == '\r' ? ' ' : is_allowed(c) ? c : REPLACEMENT;
  }
  if (c < 0xC2 || c > 0xF4) {
    return REPLACEMENT;
  }
  c &= 0x7Fu >> length;
  for (size_t i = 1; i < length; i++) {
    if (i >= left || (byte[i] & 0xC0) != 0x80) {
      return REPLACEMENT;
    }
    c = c << 6 | (byte[i] & 0x3F);
  }
  if (c < least[length]) {
    return REPLACEMENT;
  }
  *at += length - 1;
  return is_allowed(c) ? c : REPLACEMENT;
}

static void write_character(km_writer *out, uint32_t c) {
  char bytes[4];
  size_t length = 0;
  if (c < 0x80) {
    bytes[length++] = (char)c;
  } else if (c < 0x800) {
    bytes[length++] = (char)(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    bytes[length++] = (char)(0xE0 | c >> 12);
    bytes[length++] = (char)(0x80 | (c >> 6 & 0x3F));
  } else {
    bytes[length++] = (char)(0xF0 | c >> 18);
    bytes[length++] = (char)(0x80 | (c >> 12 & 0x3F));
    bytes[length++] = (char)(0x80 | (c >> 6 & 0x3F));
  }
  if (c >= 0x80) {
    bytes[length++] = (char)(0x80 | (c & 0x3F));
  }
  km_write_bytes(out, bytes, length);
}

void km_write_escaped(km_writer *out, const char *text, size_t bytes) {
  const char *end = text + bytes;
  while (text < end) {
    uint32_t c = km_take_character(&text, end);
    switch (c) {
    case '&':
      km_write(out, "&amp;");
      break;
    case '<':
      km_write(out, "&lt;");
      break;
    case '>':
      km_write(out, "&gt;");
      break;
    case '"':
      km_write(out, "&quot;");
      break;
    case '\'':
      km_write(out, "&#39;");
      break;
    default:
      write_character(out, c);
    }
  }
}
