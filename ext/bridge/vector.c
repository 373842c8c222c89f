#include "bridge/vector.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/jsonb.h"

/* BLOBs are little-endian, whatever the processor. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_HOST 1
#else
#define BIG_ENDIAN_HOST 0
#endif

/* How many rows are looked at for signs of another type of number. */
#define DOUBTED_ROWS 64

/* Floats on their way to double. */
#define TILE 256

void km_vectors_refuse_null(km_host *host, const km_vectors *vectors, const km_place *place) {
  int vector = vectors->form == KM_FORM_BLOB || vectors->form == KM_FORM_JSON;
  km_refuse(host, place,
            sqlite3_mprintf("NULL is not a %s (\"nulls\": \"skip\" leaves such rows out)",
                            vector ? "vector" : "number"));
}

void km_vectors_init(km_vectors *vectors, km_dtype dtype, size_t dims, km_origin origin) {
  memset(vectors, 0, sizeof *vectors);
  vectors->dtype = dtype;
  vectors->dims = dims;
  vectors->origin = origin;
}

void km_vectors_rest(km_vectors *vectors) {
  sqlite3_finalize(vectors->json);
  vectors->json = NULL;
}

km_element km_vectors_element(const km_vectors *vectors) {
  return vectors->form == KM_FORM_BLOB && vectors->dtype != KM_DTYPE_FLOAT64 ? KM_FLOAT : KM_DOUBLE;
}

km_form km_vector_form(sqlite3_value *value) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_BLOB:
    return KM_FORM_BLOB;
  case SQLITE_TEXT: {
    const char *text = (const char *)sqlite3_value_text(value);
    while (text && (*text == ' ' || (*text >= '\t' && *text <= '\r'))) {
      text++;
    }
    return text && *text == '[' ? KM_FORM_JSON : KM_FORM_NUMBER;
  }
  default:
    return KM_FORM_NUMBER;
  }
}

static const char *form_name(km_form form) {
  return form == KM_FORM_BLOB ? "a BLOB" : form == KM_FORM_JSON ? "a JSON array" : "a number";
}

/* What a value is that is not what its column began with; from sqlite3_malloc, or NULL. */
static char *describe(sqlite3_value *value) {
  km_form form = km_vector_form(value);
  double number;
  if (form == KM_FORM_NUMBER && km_number_read(value, &number) == KM_NUMBER_TEXT) {
    const char *text = (const char *)sqlite3_value_text(value);
    return text ? sqlite3_mprintf("'%!.60s%s'", text, km_ellipsis(text, 60)) : NULL;
  }
  return sqlite3_mprintf("%s", form_name(form));
}

/* Refuses `what`, which has not as many numbers as is asked for. It is from sqlite3_malloc, freed here;
** NULL when there was no memory. */
static void refuse_count(km_host *host, const km_vectors *vectors, const km_place *place,
                         char *what, const char *hint) {
  sqlite3_int64 dims = (sqlite3_int64)vectors->dims;
  const char *s = dims == 1 ? "" : "s";
  char *text = NULL;
  if (!what) {
    km_fail_status(host, KM_NOMEM);
    return;
  }
  switch (vectors->origin) {
  case KM_ORIGIN_ROW:
    text = sqlite3_mprintf("%s, but row %lld has %lld%s", what, (sqlite3_int64)vectors->first_row,
                           dims, hint);
    break;
  case KM_ORIGIN_MODEL:
    text = sqlite3_mprintf("%s, but the model has %lld dimension%s%s", what, dims, s, hint);
    break;
  case KM_ORIGIN_INIT:
    text = sqlite3_mprintf("%s, but the centroids of option \"init\" have %lld number%s%s", what,
                           dims, s, hint);
    break;
  }
  sqlite3_free(what);
  km_refuse(host, place, text);
}

/* Checks the number of numbers in a vector, or sets it if it is the first. hint ends the message. */
static void check_count(km_host *host, km_vectors *vectors, const km_place *place, size_t count,
                        const char *hint) {
  const char *s = count == 1 ? "" : "s";
  if (vectors->dims == 0 && count <= KM_MAX_DIMS) {
    vectors->dims = count;
  } else if (vectors->dims == 0) {
    km_refuse(host, place,
              sqlite3_mprintf("a vector of %lld numbers: %d are the most that one can have",
                              (sqlite3_int64)count, KM_MAX_DIMS));
  } else if (count != vectors->dims) {
    refuse_count(host, vectors, place,
                 sqlite3_mprintf("a vector of %lld number%s", (sqlite3_int64)count, s), hint);
  }
}

/* Checks the length of a BLOB. */
static void check_bytes(km_host *host, km_vectors *vectors, sqlite3_value *value,
                        const km_place *place) {
  size_t bytes = (size_t)sqlite3_value_bytes(value);
  size_t item = vectors->dtype == KM_DTYPE_FLOAT64 ? 8 : 4;
  const unsigned char *blob = sqlite3_value_blob(value);
  if (vectors->dtype == KM_DTYPE_AUTO && blob && km_is_jsonb_array(blob, bytes)) {
    km_refuse(
        host, place,
        sqlite3_mprintf("the BLOB is JSONB: json(...) makes a JSON array of it, which is read "
                        "(\"dtype\": \"float32\" takes the bytes as they are)"));
  } else if (bytes == 0) {
    km_refuse(host, place, sqlite3_mprintf("an empty BLOB is no vector"));
  } else if (bytes % item != 0) {
    km_refuse(host, place,
              sqlite3_mprintf("a BLOB of %lld byte%s is no vector of %s, %d bytes each",
                              (sqlite3_int64)bytes, bytes == 1 ? "" : "s",
                              item == 8 ? "float64" : "float32", (int)item));
  } else if (item == 4 && vectors->origin != KM_ORIGIN_ROW && bytes == vectors->dims * 8) {
    check_count(host, vectors, place, bytes / item,
                place->row ? " (as float64 it would fit: pass the option \"dtype\": \"float64\")"
                           : " (as float64 it would fit: a model's \"dtype\" can be \"float64\")");
  } else {
    check_count(host, vectors, place, bytes / item, item == 8 ? " (of float64)" : "");
  }
}

static uint32_t float_bits(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits;
}

static uint64_t double_bits(double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits;
}

/* Turns `count` little-endian items of 4 or 8 bytes into the processor's, or back. */
static void swap_items(void *items, size_t count, size_t item) {
  unsigned char *bytes = items;
  for (size_t i = 0; BIG_ENDIAN_HOST && i < count; i++, bytes += item) {
    for (size_t b = 0; b < item / 2; b++) {
      unsigned char byte = bytes[b];
      bytes[b] = bytes[item - 1 - b];
      bytes[item - 1 - b] = byte;
    }
  }
}

/* Two floats at a time, in integers, since compilers leave a loop with a branch or a comparison of
** floats as it is: adding 1 to an exponent of all ones, and to no other, carries into the sign. */
static int floats_finite(const float *row, size_t count) {
  const uint64_t exponents = 0x7F8000007F800000;
  const uint64_t one = 0x0080000000800000;
  uint64_t carry = 0;
  size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    uint64_t two;
    memcpy(&two, row + i, sizeof two);
    carry |= (two & exponents) + one;
  }
  if (i < count) {
    carry |= (float_bits(row[i]) & exponents) + one;
  }
  return (carry & 0x8000000080000000) == 0;
}

/* The same for doubles, up to the largest coordinate: magnitudes compare as their bits do. */
static KM_WRAPS int doubles_usable(const double *row, size_t count) {
  const uint64_t most = double_bits(KM_MAX_COORDINATE);
  uint64_t beyond = 0;
  for (size_t i = 0; i < count; i++) {
    beyond |= most - (double_bits(row[i]) & INT64_MAX);
  }
  return beyond >> 63 == 0;
}

/* Whether floats are the halves of doubles, the usual slip with numpy. The halves with the sign show
** nothing: those of ordinary doubles (zero, or from 2^-64 to 2^64) are floats near 1. The other ones
** are arbitrary bits: among them are floats beyond 2^50, and many beyond that or below 2^-50. What
** people write into floats to say that a number is missing is no such sign. */
static int looks_double(const float *row, size_t count) {
  size_t huge = 0;
  size_t tiny = 0;
  for (size_t i = 0; i + 1 < count; i += 2) {
    uint32_t low = float_bits(row[i]);
    uint32_t high = float_bits(row[i + 1]) & INT32_MAX;
    uint32_t magnitude = low & INT32_MAX;
    if ((low | high) != 0 && (high >> 20 < 1023 - 64 || high >> 20 > 1023 + 64)) {
      return 0;
    }
    if (magnitude == 0x7FC00000 || magnitude == 0x7F800000 || magnitude == 0x7F7FFFFF) {
      return 0;
    }
    huge += magnitude >> 23 >= 127 + 50;
    tiny += magnitude != 0 && magnitude >> 23 <= 127 - 50;
  }
  return count % 2 == 0 && huge > 0 && 8 * (huge + tiny) >= count;
}

/* Whether floats are integers: small ones are the bits of numbers so close to 0 that nobody has them. */
static int looks_whole(const float *row, size_t count) {
  uint32_t any = 0;
  uint32_t normal = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t magnitude = float_bits(row[i]) & INT32_MAX;
    any |= magnitude;
    normal |= magnitude >> 23;
  }
  return any != 0 && normal == 0;
}

/* Says which element it is that makes the vector unusable. */
static void refuse_element(km_host *host, const km_place *place, size_t i, double number) {
  char text[KM_NUMBER_BYTES];
  char *problem;
  if (isnan(number)) {
    problem = sqlite3_mprintf("NaN");
  } else if (isinf(number)) {
    problem = sqlite3_mprintf("%sinfinity", number < 0 ? "-" : "");
  } else {
    km_number_write(number, text);
    problem = sqlite3_mprintf("%s, beyond 1e300, the largest coordinate", text);
  }
  if (problem) {
    km_refuse(host, place,
              sqlite3_mprintf("element %lld (counted from 0) is %s", (sqlite3_int64)i, problem));
  } else {
    km_fail_status(host, KM_NOMEM);
  }
  sqlite3_free(problem);
}

static void check_doubles(km_host *host, const km_place *place, const double *row, size_t count) {
  if (!doubles_usable(row, count)) {
    size_t i = 0;
    while (fabs(row[i]) <= KM_MAX_COORDINATE) {
      i++;
    }
    refuse_element(host, place, i, row[i]);
  }
}

static void check_floats(km_host *host, const km_vectors *vectors, const km_place *place,
                         const float *row) {
  int finite = floats_finite(row, vectors->dims);
  int doubted = vectors->dtype == KM_DTYPE_AUTO && vectors->origin == KM_ORIGIN_ROW;
  if (finite && (!doubted || vectors->read > DOUBTED_ROWS)) {
    return;
  }
  if (doubted && looks_double(row, vectors->dims)) {
    km_refuse(
        host, place,
        sqlite3_mprintf("the BLOB looks like float64: pass the option \"dtype\": \"float64\", "
                        "or store float32 (\"dtype\": \"float32\" takes it as it is)"));
  } else if (doubted && looks_whole(row, vectors->dims)) {
    km_refuse(host, place,
              sqlite3_mprintf("the BLOB looks like integers: store float32, or a JSON array "
                              "(\"dtype\": \"float32\" takes it as it is)"));
  } else if (!finite) {
    size_t i = 0;
    while (isfinite(row[i])) {
      i++;
    }
    refuse_element(host, place, i, (double)row[i]);
  }
}

/* The bytes of a BLOB that has the right length, or NULL after an error. */
static const unsigned char *blob_bytes(km_host *host, sqlite3_value *value) {
  const unsigned char *blob = host->code == SQLITE_OK ? sqlite3_value_blob(value) : NULL;
  if (!blob) {
    km_fail_status(host, KM_NOMEM);
  }
  return blob;
}

static void read_blob(km_host *host, km_vectors *vectors, sqlite3_value *value,
                      const km_place *place, void *row) {
  size_t item = vectors->dtype == KM_DTYPE_FLOAT64 ? sizeof(double) : sizeof(float);
  check_bytes(host, vectors, value, place);
  const unsigned char *blob = blob_bytes(host, value);
  if (blob) {
    memcpy(row, blob, vectors->dims * item); /* BLOBs may lie at any address */
    swap_items(row, vectors->dims, item);
    if (item == sizeof(double)) {
      check_doubles(host, place, row, vectors->dims);
    } else {
      check_floats(host, vectors, place, row);
    }
  }
}

/* A BLOB of floats, into doubles. */
static void widen_blob(km_host *host, km_vectors *vectors, sqlite3_value *value,
                       const km_place *place, double *row) {
  float tile[TILE];
  check_bytes(host, vectors, value, place);
  const unsigned char *blob = blob_bytes(host, value);
  for (size_t done = 0; blob && done < vectors->dims; done += TILE) {
    size_t count = vectors->dims - done < TILE ? vectors->dims - done : TILE;
    memcpy(tile, blob + done * sizeof *tile, count * sizeof *tile);
    swap_items(tile, count, sizeof *tile);
    for (size_t i = 0; i < count; i++) {
      row[done + i] = (double)tile[i];
    }
    if (!floats_finite(tile, count)) {
      check_doubles(host, place, row, done + count);
      return;
    }
  }
}

static void refuse_json(km_host *host, sqlite3_value *value, const km_place *place) {
  const char *text = (const char *)sqlite3_value_text(value);
  km_refuse(host, place,
            text ? sqlite3_mprintf("'%!.60s%s' is malformed JSON", text, km_ellipsis(text, 60))
                 : NULL);
}

/* Reads a JSON array, the first `room` of its numbers into values. Returns how many there are; 0
** after an error. */
static size_t read_array(km_host *host, km_vectors *vectors, sqlite3_value *value,
                         const km_place *place, double *values, size_t room) {
  sqlite3_int64 count = km_json_array(host, &vectors->json, value, values, room);
  if (host->code != SQLITE_OK) {
    return 0;
  }
  if (count == KM_JSON_MALFORMED) {
    refuse_json(host, value, place);
  } else if (count < 0) {
    km_refuse(host, place,
              sqlite3_mprintf("element %lld (counted from 0) is not a number", -1 - count));
  } else if (count == 0) {
    km_refuse(host, place, sqlite3_mprintf("an empty array is no vector"));
  } else {
    return (size_t)count;
  }
  return 0;
}

static void read_json(km_host *host, km_vectors *vectors, sqlite3_value *value,
                      const km_place *place, double *row) {
  size_t count = read_array(host, vectors, value, place, row, vectors->dims);
  if (host->code == SQLITE_OK) {
    check_count(host, vectors, place, count, "");
  }
  if (host->code == SQLITE_OK) {
    check_doubles(host, place, row, count);
  }
}

/* How many numbers the first array has: it is read for that, and later again to keep it. */
static void count_json(km_host *host, km_vectors *vectors, sqlite3_value *value,
                       const km_place *place) {
  size_t count = read_array(host, vectors, value, place, NULL, 0);
  if (host->code == SQLITE_OK) {
    check_count(host, vectors, place, count, "");
  }
}

void km_vectors_begin(km_host *host, km_vectors *vectors, sqlite3_value *value,
                      const km_place *place) {
  if (host->code != SQLITE_OK) {
    return;
  }
  vectors->form = km_vector_form(value);
  vectors->first_row = place->row;
  if (vectors->form == KM_FORM_BLOB) {
    check_bytes(host, vectors, value, place);
  } else if (vectors->form == KM_FORM_JSON) {
    count_json(host, vectors, value, place);
  } else if (vectors->dims == 0) {
    vectors->dims = 1;
  } else if (vectors->dims != 1) {
    refuse_count(host, vectors, place, describe(value), "");
  }
}

void km_vectors_begin_numbers(km_host *host, km_vectors *vectors, const km_place *place) {
  vectors->form = KM_FORM_NUMBER;
  vectors->first_row = place->row;
  vectors->numbers_only = 1;
  if (vectors->dims > 1) {
    refuse_count(host, vectors, place, sqlite3_mprintf("a number"), "");
  }
  vectors->dims = 1;
}

/* Plain numbers, and what is not of the column's form. */
static void read_other(km_host *host, const km_vectors *vectors, sqlite3_value *value,
                       const km_place *place, double *number) {
  if (vectors->numbers_only && sqlite3_value_type(value) == SQLITE_NULL) {
    *number = NAN;
    return;
  }
  if (km_vector_form(value) == vectors->form) {
    km_number problem = km_number_read(value, number);
    if (problem != KM_NUMBER_OK) {
      km_refuse_coordinate(host, problem, value, place);
    }
    return;
  }
  char *text = describe(value);
  if (text && vectors->numbers_only) {
    km_refuse(host, place, sqlite3_mprintf("%s, but \"nulls\": \"mean\" is for numbers", text));
  } else if (text) {
    km_refuse(host, place,
              sqlite3_mprintf("%s, but row %lld has %s", text, (sqlite3_int64)vectors->first_row,
                              form_name(vectors->form)));
  } else {
    km_fail_status(host, KM_NOMEM);
  }
  sqlite3_free(text);
}

void km_vectors_read(km_host *host, km_vectors *vectors, sqlite3_value *value,
                     const km_place *place, void *row) {
  vectors->read++;
  if (host->code != SQLITE_OK) {
    return;
  }
  if (vectors->form == KM_FORM_BLOB && sqlite3_value_type(value) == SQLITE_BLOB) {
    read_blob(host, vectors, value, place, row);
  } else if (vectors->form == KM_FORM_JSON && km_vector_form(value) == KM_FORM_JSON) {
    read_json(host, vectors, value, place, row);
  } else {
    read_other(host, vectors, value, place, row);
  }
}

void km_vectors_read_double(km_host *host, km_vectors *vectors, sqlite3_value *value,
                            const km_place *place, double *row) {
  if (host->code == SQLITE_OK && km_vectors_element(vectors) == KM_FLOAT &&
      sqlite3_value_type(value) == SQLITE_BLOB) {
    widen_blob(host, vectors, value, place, row);
  } else {
    km_vectors_read(host, vectors, value, place, row);
  }
}

void km_vector_result(sqlite3_context *context, const km_dataset *data, size_t i) {
  const void *row = km_chunks_at(&data->rows, i);
  size_t item = data->element == KM_FLOAT ? sizeof(float) : sizeof(double);
  size_t bytes = data->dims * item;
  if (!BIG_ENDIAN_HOST) {
    sqlite3_result_blob64(context, row, bytes, SQLITE_TRANSIENT);
    return;
  }
  void *blob = sqlite3_malloc64(bytes);
  if (blob) {
    memcpy(blob, row, bytes);
    swap_items(blob, data->dims, item);
    sqlite3_result_blob64(context, blob, bytes, sqlite3_free);
  } else {
    sqlite3_result_error_nomem(context);
  }
}
