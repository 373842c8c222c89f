/* What libFuzzer does to the inputs of text targets: half of the time it changes bytes, as ever; the rest
** of the time words and phrases are moved about, so that most of what comes out is still a language.
*/
#include <string.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

enum { TOKENS = 2000, ROOM = 1 << 16 };

/* The text: token i from start[i] to start[i + 1]. */
typedef struct tokens {
  const uint8_t *text;
  size_t count;
  size_t start[TOKENS + 1];
} tokens;

static uint64_t state;

static size_t below(size_t bound) {
  uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return bound ? (size_t)((z ^ z >> 31) % bound) : 0;
}

static int is_word(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c >= 0x80;
}

/* Where the token that begins at `at` ends: a word, a string in quotes, or one character; with the
** white space after it. */
static size_t token_end(const uint8_t *text, size_t size, size_t at) {
  uint8_t first = text[at++];
  if (is_word(first)) {
    while (at < size && is_word(text[at])) {
      at++;
    }
  } else if (first == '\'' || first == '"') {
    const uint8_t *end = memchr(text + at, first, size - at);
    /* The inside of a long string has tokens of its own: query texts and JSON stand in quotes. */
    at = end && end < text + at + 12 ? (size_t)(end - text) + 1 : at;
  }
  while (at < size && (text[at] == ' ' || text[at] == '\n')) {
    at++;
  }
  return at;
}

static void split(tokens *t, const uint8_t *text, size_t size) {
  t->text = text;
  t->count = 0;
  t->start[0] = 0;
  while (t->start[t->count] < size && t->count < TOKENS) {
    t->start[t->count + 1] = token_end(text, size, t->start[t->count]);
    t->count++;
  }
}

static const char *phrase(void) {
  static const char *const numbers[] = {"0",    "1",   "-1",         "2",
                                        "63",   "64",  "65",         "1000",
                                        "1e-9", "0.5", "4294967295", "9223372036854775807",
                                        "NULL", "''",  "1e300",      "-1e300"};
  size_t count = 0;
  while (fuzz_phrases[count]) {
    count++;
  }
  return below(5) == 0 || count == 0 ? numbers[below(sizeof numbers / sizeof *numbers)]
                                     : fuzz_phrases[below(count)];
}

/* Replaces [from, to) by `bytes` bytes; returns the new size, or the old one when there is no room. */
static size_t splice(uint8_t *data, size_t size, size_t most, size_t from, size_t to,
                     const void *insert, size_t bytes) {
  if (size - (to - from) + bytes > most) {
    return size;
  }
  memmove(data + from + bytes, data + to, size - to);
  memcpy(data + from, insert, bytes);
  return size - (to - from) + bytes;
}

/* Fewer than `most` tokens later. */
static size_t later(const tokens *t, size_t token, size_t most) {
  token += below(most);
  return token < t->count ? token : t->count;
}

static size_t mutate_tokens(uint8_t *data, size_t size, size_t most) {
  static tokens t;
  static uint8_t copy[ROOM];
  split(&t, data, size);
  size_t first = below(t.count + 1);
  size_t from = t.start[first];
  size_t to = t.start[later(&t, first, 4)];
  size_t other = below(t.count + 1);
  size_t bytes = t.start[later(&t, other, 8)] - t.start[other];
  const char *words = phrase();
  switch (below(6)) {
  case 0: /* leave out */
    return splice(data, size, most, from, to, "", 0);
  case 1: /* repeat elsewhere */
  case 2:
    bytes = bytes < ROOM ? bytes : ROOM;
    memcpy(copy, data + t.start[other], bytes);
    return splice(data, size, most, from, below(2) ? to : from, copy, bytes);
  case 3: /* say something else */
    return splice(data, size, most, from, to, words, strlen(words));
  default: /* say more */
    return splice(data, size, most, from, from, words, strlen(words));
  }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  state = seed;
  if (!fuzz_phrases[0] || size == 0 || below(2) == 0) {
    return LLVMFuzzerMutate(data, size, most);
  }
  for (size_t rounds = 1 + below(3); rounds > 0; rounds--) {
    size = mutate_tokens(data, size, most);
  }
  return size;
}
