#include "bridge/ids.h"

#include <math.h>
#include <string.h>

#include "bridge/number.h"

/* An id that need not be an integer. */
typedef struct id {
  union {
    sqlite3_int64 integer;
    double real;
    const char *bytes; /* in an arena */
  } u;
  int length; /* of text and BLOBs */
  int type;   /* SQLITE_INTEGER, ... */
} id;

#define ARENA_BYTES ((size_t)65536)

void km_ids_init(km_ids *ids) {
  memset(ids, 0, sizeof *ids);
  km_chunks_init(&ids->items, sizeof(int32_t));
  km_chunks_init(&ids->arenas, sizeof(char *));
  km_chunks_init(&ids->head, sizeof(uint64_t));
  km_chunks_init(&ids->next, sizeof(uint64_t));
}

void km_ids_clear(km_ids *ids, km_host *host) {
  for (size_t a = 0; a < ids->arenas.count; a++) {
    km_host_release(host, *(void **)km_chunks_at(&ids->arenas, a));
  }
  km_chunks_clear(&ids->items, &host->hooks);
  km_chunks_clear(&ids->arenas, &host->hooks);
  km_chunks_clear(&ids->head, &host->hooks);
  km_chunks_clear(&ids->next, &host->hooks);
}

/* Keeps a copy of the bytes in the newest arena, or in a new one; long ones get one of their own. */
static const char *keep(km_ids *ids, km_host *host, const void *bytes, size_t length) {
  char *place;
  if (length == 0) {
    return "";
  }
  if (length <= ids->arena_left) {
    char *arena = *(char **)km_chunks_at(&ids->arenas, ids->arenas.count - 1);
    place = arena + (ARENA_BYTES - ids->arena_left);
    ids->arena_left -= length;
  } else {
    size_t size = length > ARENA_BYTES ? length : ARENA_BYTES;
    place = km_host_allocate(host, size, 1);
    void **slot = place ? km_host_push(host, &ids->arenas) : NULL;
    if (!slot) {
      km_host_release(host, place);
      return NULL;
    }
    *slot = place;
    ids->arena_left = size - length;
  }
  memcpy(place, bytes, length);
  return place;
}

/* Writes an id to the memory of an item of the kind, which can hold it. */
static void write_item(km_id_kind kind, const id *item, void *to) {
  if (kind == KM_IDS_SMALL) {
    *(int32_t *)to = (int32_t)item->u.integer;
  } else if (kind == KM_IDS_INTEGER) {
    *(sqlite3_int64 *)to = item->u.integer;
  } else {
    *(id *)to = *item;
  }
}

static id id_at(const km_ids *ids, size_t row) {
  const void *item = km_chunks_at(&ids->items, row);
  if (ids->kind == KM_IDS_MIXED) {
    return *(const id *)item;
  }
  return (id){.u.integer =
                  ids->kind == KM_IDS_SMALL ? *(const int32_t *)item : *(const sqlite3_int64 *)item,
              .type = SQLITE_INTEGER};
}

/* Keeps the ids collected so far, and those to come, as this kind. */
static void become(km_ids *ids, km_host *host, km_id_kind kind) {
  static const size_t bytes[] = {sizeof(int32_t), sizeof(sqlite3_int64), sizeof(id)};
  km_chunks items;
  km_chunks_init(&items, bytes[kind]);
  for (size_t i = 0; i < ids->items.count && host->code == SQLITE_OK; i++) {
    void *to = km_host_push(host, &items);
    if (to) {
      id item = id_at(ids, i);
      write_item(kind, &item, to);
    }
  }
  km_chunks_clear(&ids->items, &host->hooks);
  ids->items = items;
  ids->kind = kind;
}

/* The kind that has room for an id. */
static km_id_kind kind_of(const id *item) {
  return item->type != SQLITE_INTEGER                                   ? KM_IDS_MIXED
         : item->u.integer >= INT32_MIN && item->u.integer <= INT32_MAX ? KM_IDS_SMALL
                                                                        : KM_IDS_INTEGER;
}

/* The value's own bytes, TEXT as UTF-8 or a BLOB. */
static void borrow_bytes(km_host *host, sqlite3_value *value, id *item) {
  int text = item->type == SQLITE_TEXT;
  item->u.bytes = text ? (const char *)sqlite3_value_text(value) : sqlite3_value_blob(value);
  item->length = sqlite3_value_bytes(value);
  if (!item->u.bytes && (text || item->length > 0)) {
    km_fail_status(host, KM_NOMEM);
    item->length = 0;
  }
}

void km_ids_add(km_ids *ids, km_host *host, sqlite3_value *value) {
  id item = {.type = sqlite3_value_type(value)};
  if (item.type == SQLITE_INTEGER) {
    item.u.integer = sqlite3_value_int64(value);
  }
  if (kind_of(&item) > ids->kind) {
    become(ids, host, kind_of(&item));
  }
  void *slot = km_host_push(host, &ids->items);
  if (!slot) {
    return;
  }
  if (item.type == SQLITE_FLOAT) {
    item.u.real = sqlite3_value_double(value);
  } else if (item.type == SQLITE_TEXT || item.type == SQLITE_BLOB) {
    borrow_bytes(host, value, &item);
    item.u.bytes = keep(ids, host, item.u.bytes, (size_t)item.length);
  }
  write_item(ids->kind, &item, slot);
}

void km_ids_result(const km_ids *ids, size_t row, sqlite3_context *context) {
  id item = id_at(ids, row);
  switch (item.type) {
  case SQLITE_INTEGER:
    sqlite3_result_int64(context, item.u.integer);
    break;
  case SQLITE_FLOAT:
    sqlite3_result_double(context, item.u.real);
    break;
  case SQLITE_TEXT:
    sqlite3_result_text(context, item.u.bytes, item.length, SQLITE_TRANSIENT);
    break;
  case SQLITE_BLOB:
    sqlite3_result_blob(context, item.u.bytes, item.length, SQLITE_TRANSIENT);
    break;
  default:
    sqlite3_result_null(context);
  }
}

/* The hash must be equal wherever SQL's = may be true: for numbers of equal value, for text that
** reads as such a number when numeric affinity is applied, and for equal bytes. So numbers are
** hashed by their nearest integer, which INTEGER, REAL and TEXT share even where SQLite's conversion
** of long decimals differs from ours in the last place. */
static KM_WRAPS uint64_t hash_integer(sqlite3_int64 integer) {
  uint64_t bits = (uint64_t)integer;
  bits = (bits ^ bits >> 31) * 0x9E3779B97F4A7C15u;
  return bits ^ bits >> 32;
}

static uint64_t hash_real(double real) {
  return real >= -0x1p63 && real < 0x1p63 ? hash_integer(llround(real)) : 0;
}

static KM_WRAPS uint64_t hash_bytes(const char *bytes, size_t length) {
  uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
  for (size_t i = 0; i < length; i++) {
    hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001B3u;
  }
  return hash ^ hash >> 32;
}

/* An integer written with up to 19 digits and nothing else, exactly: a double would lose some. */
static int whole_number(const char *text, size_t length, sqlite3_int64 *number) {
  size_t first = length > 0 && (text[0] == '-' || text[0] == '+');
  uint64_t magnitude = 0;
  if (length == first || length - first > 19) {
    return 0;
  }
  for (size_t i = first; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') {
      return 0;
    }
    magnitude = magnitude * 10 + (uint64_t)(text[i] - '0');
  }
  if (magnitude > INT64_MAX) {
    return 0;
  }
  *number = text[0] == '-' ? -(sqlite3_int64)magnitude : (sqlite3_int64)magnitude;
  return 1;
}

static uint64_t hash_text(const char *text, size_t length) {
  sqlite3_int64 integer;
  double real;
  if (whole_number(text, length, &integer)) {
    return hash_integer(integer);
  }
  return km_parse_number(text, length, &real) ? hash_real(real) : hash_bytes(text, length);
}

static uint64_t hash_id(const id *item) {
  switch (item->type) {
  case SQLITE_INTEGER:
    return hash_integer(item->u.integer);
  case SQLITE_FLOAT:
    return hash_real(item->u.real);
  case SQLITE_TEXT:
    return hash_text(item->u.bytes, (size_t)item->length);
  case SQLITE_BLOB:
    return hash_bytes(item->u.bytes, (size_t)item->length);
  default:
    return 0;
  }
}

static uint64_t *head_of(const km_ids *ids, uint64_t hash) {
  return km_chunks_at(&ids->head, (size_t)hash & (ids->heads - 1));
}

/* Adds the row, which comes before all that are in its chain. */
static void link(const km_ids *ids, size_t row) {
  id item = id_at(ids, row);
  uint64_t *head = head_of(ids, hash_id(&item));
  *(uint64_t *)km_chunks_at(&ids->next, row) = *head;
  *head = (uint64_t)row + 1;
}

/* Chains all rows up, the last first, so that every chain is in the order of the rows. */
static void build(km_ids *ids, km_host *host) {
  size_t rows = ids->items.count;
  size_t heads = 16;
  while (heads < rows) {
    heads *= 2;
  }
  km_chunks_clear(&ids->head, &host->hooks);
  km_status status = km_chunks_fill(&ids->head, &host->hooks, heads);
  ids->heads = heads;
  for (size_t h = 0; h < heads && status == KM_OK; h++) {
    *(uint64_t *)km_chunks_at(&ids->head, h) = 0;
  }
  while (status == KM_OK && ids->next.count < rows) {
    status = km_chunks_push(&ids->next, &host->hooks) ? km_tick(&host->hooks, 4) : KM_NOMEM;
  }
  for (size_t row = rows; row > 0 && status == KM_OK; row--) {
    link(ids, row - 1);
    status = km_tick(&host->hooks, 16);
  }
  km_fail_status(host, status);
}

static size_t row_or_end(const km_ids *ids, uint64_t link) {
  return link ? (size_t)(link - 1) : ids->items.count;
}

/* The value as an id whose bytes are the value's own. */
static id borrow(km_host *host, sqlite3_value *value) {
  id item = {.type = sqlite3_value_type(value)};
  if (item.type == SQLITE_INTEGER) {
    item.u.integer = sqlite3_value_int64(value);
  } else if (item.type == SQLITE_FLOAT) {
    item.u.real = sqlite3_value_double(value);
  } else if (item.type != SQLITE_NULL) {
    borrow_bytes(host, value, &item);
  }
  return item;
}

size_t km_ids_first(km_ids *ids, km_host *host, sqlite3_value *value) {
  if (ids->items.count > 0 && ids->heads == 0) {
    build(ids, host);
  }
  id item = borrow(host, value);
  if (host->code != SQLITE_OK || ids->items.count == 0 || item.type == SQLITE_NULL) {
    return ids->items.count;
  }
  return row_or_end(ids, *head_of(ids, hash_id(&item)));
}

size_t km_ids_next(const km_ids *ids, size_t row) {
  return row_or_end(ids, *(const uint64_t *)km_chunks_at(&ids->next, row));
}

/* Whether an integer and a real are the same number. */
static int same_number(sqlite3_int64 integer, double real) {
  return real >= -0x1p63 && real < 0x1p63 && (double)integer == real &&
         (sqlite3_int64)real == integer;
}

static int same(const id *a, const id *b) {
  if (a->type == SQLITE_INTEGER && b->type == SQLITE_FLOAT) {
    return same_number(a->u.integer, b->u.real);
  }
  if (a->type == SQLITE_FLOAT && b->type == SQLITE_INTEGER) {
    return same_number(b->u.integer, a->u.real);
  }
  if (a->type != b->type) {
    return 0;
  }
  switch (a->type) {
  case SQLITE_INTEGER:
    return a->u.integer == b->u.integer;
  case SQLITE_FLOAT:
    return a->u.real == b->u.real;
  default: /* NULL, too, which has none */
    return a->length == b->length &&
           (a->length == 0 || memcmp(a->u.bytes, b->u.bytes, (size_t)a->length) == 0);
  }
}

uint32_t km_ids_number(km_ids *ids, km_host *host, sqlite3_value *value) {
  size_t added = ids->items.count;
  id item = borrow(host, value);
  if (host->code != SQLITE_OK) {
    return 0;
  }
  size_t row = ids->heads > 0 ? row_or_end(ids, *head_of(ids, hash_id(&item))) : added;
  for (; row < added; row = km_ids_next(ids, row)) {
    id known = id_at(ids, row);
    if (same(&known, &item)) {
      return (uint32_t)row;
    }
  }
  if (added >= UINT32_MAX) { /* unreached: so many take 100 GiB */
    km_fail(host, SQLITE_ERROR, "there are more than 4294967295 different labels");
    return 0;
  }
  km_ids_add(ids, host, value);
  if (host->code == SQLITE_OK && added >= ids->heads) {
    build(ids, host);
  } else if (km_host_push(host, &ids->next)) {
    link(ids, added);
  }
  return (uint32_t)added;
}
