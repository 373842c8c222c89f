/* An element of JSONB (sqlite.org/jsonb.html) is a header and a payload. The lower half of the first byte
** is the type. The upper one is the size of the payload, up to 11; from 12 to 15 it says that the size
** follows, big-endian, in 1, 2, 4 or 8 bytes. A number's payload is its text, an array's its
** elements. */
#include "bridge/jsonb.h"

#include <stdint.h>
#include <string.h>

enum { FIRST_NUMBER = 3, LAST_NUMBER = 6, ARRAY = 11, LAST_SIZE = 11 };

/* Where the payload of the element begins; NULL when there is none that ends by `end`. */
static const unsigned char *payload(const unsigned char *at, const unsigned char *end,
                                    size_t *size) {
  unsigned code = *at++ >> 4;
  uint64_t found = code;
  if (code > LAST_SIZE) {
    size_t bytes = (size_t)1 << (code - LAST_SIZE - 1);
    found = 0;
    if ((size_t)(end - at) < bytes) {
      return NULL;
    }
    for (size_t b = 0; b < bytes; b++) {
      found = found << 8 | *at++;
    }
  }
  *size = (size_t)found;
  return found <= (uint64_t)(end - at) ? at : NULL;
}

static int is_number(const unsigned char *text, size_t size) {
  size_t i = 0;
  while (i < size && text[i] && strchr("+-.0123456789abcdefABCDEFxX", text[i])) {
    i++;
  }
  return i == size && size > 0;
}

int km_is_jsonb_array(const unsigned char *bytes, size_t count) {
  const unsigned char *end = bytes + count;
  size_t size;
  if (count == 0 || (*bytes & 15) != ARRAY) {
    return 0;
  }
  const unsigned char *at = payload(bytes, end, &size);
  if (!at || at + size != end) {
    return 0;
  }
  while (at < end) {
    unsigned type = *at & 15;
    at = payload(at, end, &size);
    if (!at || type < FIRST_NUMBER || type > LAST_NUMBER || !is_number(at, size)) {
      return 0;
    }
    at += size;
  }
  return 1;
}
