#include "core/narrow.h"

#include <math.h>
#include <string.h>

/* About how many coordinates the mean is taken from, and rows at least: any mean would be exact, and
** this one is near enough. */
#define MEAN_WORK ((size_t)1 << 16)
#define MEAN_ROWS ((size_t)256)

/* The mean of the columns, and of floats the mean of |x|^2: a chain of additions that takes longer than
** all else here, and who brings doubles is not asked for it. */
static km_status take_mean(km_narrow *narrow, double *squares) {
  km_blocks *blocks = narrow->blocks;
  size_t n = blocks->data->rows.count;
  size_t wanted = MEAN_WORK / narrow->dims > MEAN_ROWS ? MEAN_WORK / narrow->dims : MEAN_ROWS;
  size_t step = n / wanted + 1;
  size_t rows = 0;
  int squared = blocks->data->element == KM_FLOAT;
  km_status status = KM_OK;
  *squares = 0;
  memset(narrow->mean, 0, narrow->dims * sizeof(double));
  for (size_t i = 0; i < n && status == KM_OK; i += step) {
    const double *row = km_dataset_row(blocks->data, i, blocks->row);
    for (size_t j = 0; j < narrow->dims; j++) {
      narrow->mean[j] += row[j];
    }
    for (size_t j = 0; squared && j < narrow->dims; j++) {
      *squares += row[j] * row[j];
    }
    rows++;
    status = km_tick(blocks->hooks, narrow->dims);
  }
  for (size_t j = 0; j < narrow->dims; j++) {
    narrow->mean[j] /= (double)rows;
  }
  *squares /= (double)rows;
  return status;
}

/* Whether all rows are seen as they are, but for a direction that floats can be multiplied by. */
static int plain_rows(const km_dataset *data) {
  const km_transform *transform = data->transform;
  if (transform && (transform->factor || transform->impute)) {
    return 0;
  }
  for (size_t i = 0; i < data->directions.count; i++) {
    double direction = *(const double *)km_chunks_at(&data->directions, i);
    if (!(direction > 0x1p-120 && direction < 0x1p120)) {
      return 0;
    }
  }
  return 1;
}

/* Whether the floats of the data serve as they are: neither huge nor tiny, and near the origin beside
** their spread. */
static int takes_raw(const km_narrow *narrow, double squares) {
  double from_origin = 0;
  for (size_t j = 0; j < narrow->dims; j++) {
    from_origin += narrow->mean[j] * narrow->mean[j];
  }
  return narrow->blocks->data->element == KM_FLOAT && narrow->blocks->one < 0x1p20 &&
         narrow->blocks->one > 0x1p-20 && from_origin <= 4 * (squares - from_origin) &&
         plain_rows(narrow->blocks->data);
}

km_status km_narrow_init(km_narrow *narrow, km_blocks *blocks) {
  size_t dims = blocks->data->dims;
  double squares;
  memset(narrow, 0, sizeof *narrow);
  narrow->blocks = blocks;
  narrow->kernels = blocks->kernels;
  narrow->dims = dims;
  narrow->padded = km_padded(dims);
  narrow->slope = (float)(2.1 * ((double)km_additions(dims) + 12) * 0x1p-24);
  narrow->mean = km_allocate(blocks->hooks, dims, sizeof(double));
  if (!narrow->mean) {
    return KM_NOMEM;
  }
  km_status status = take_mean(narrow, &squares);
  /* Any scale would be exact, too: this one keeps floats small, and clear of overflow. */
  narrow->scale = blocks->one;
  narrow->raw = takes_raw(narrow, squares);
  if (narrow->raw) {
    memset(narrow->mean, 0, dims * sizeof(double));
    narrow->scale = 1;
    narrow->turned = blocks->data->directions.count > 0;
  }
  return status;
}

static float direction_of(const km_dataset *data, size_t i) {
  return (float)*(const double *)km_chunks_at(&data->directions, i);
}

/* A row times its direction. Eight at a time, which compilers make vectors of. */
static void turn_row(const km_dataset *data, size_t i, float *restrict to) {
  const float *restrict row = km_chunks_at(&data->rows, i);
  float direction = direction_of(data, i);
  size_t j = 0;
  for (; j + 8 <= data->dims; j += 8) {
    for (size_t q = 0; q < 8; q++) {
      to[j + q] = row[j + q] * direction;
    }
  }
  for (; j < data->dims; j++) {
    to[j] = row[j] * direction;
  }
}

const float *km_narrow_row(const km_narrow *narrow, size_t i, double *room, float *to) {
  const km_dataset *data = narrow->blocks->data;
  size_t dims = narrow->dims;
  if (narrow->copied) {
    return km_chunks_at(&narrow->copy, i);
  }
  if (!narrow->raw) {
    narrow->kernels->narrow(km_dataset_row(data, i, room), 1, narrow->mean, narrow->scale, dims,
                            to);
    return to;
  }
  const float *row = km_chunks_at(&data->rows, i);
  if (narrow->turned) {
    turn_row(data, i, to);
  } else if (narrow->padded == dims) {
    return row;
  } else {
    memcpy(to, row, dims * sizeof *to);
  }
  memset(to + dims, 0, (narrow->padded - dims) * sizeof *to);
  return to;
}

void km_narrow_fetch(const km_narrow *narrow, size_t i) {
  if (narrow->copied) {
    km_fetch(km_chunks_at(&narrow->copy, i), narrow->padded * sizeof(float));
  } else {
    km_dataset_fetch(narrow->blocks->data, i, 0, narrow->dims);
  }
}

km_status km_narrow_copy(km_narrow *narrow) {
  const km_dataset *data = narrow->blocks->data;
  km_hooks *hooks = narrow->blocks->hooks;
  if (narrow->copy.item_bytes > 0 || !data->direct) {
    return KM_OK;
  }
  km_chunks_init(&narrow->copy, narrow->padded * sizeof(float));
  km_status status = km_chunks_fill(&narrow->copy, hooks, data->rows.count);
  narrow->copying = status == KM_OK;
  if (status != KM_OK) {
    km_chunks_clear(&narrow->copy, hooks);
  }
  return status == KM_NOMEM ? KM_OK : status;
}

void km_narrow_copied(km_narrow *narrow) {
  narrow->copied |= narrow->copying;
  narrow->copying = 0;
}

/* Keeps `count` rows, from `first` on. */
static void copy_rows(const km_narrow *narrow, size_t first, size_t count, const float *rows) {
  size_t run;
  for (size_t i = 0; i < count; i += run) {
    run = km_chunks_run(&narrow->copy, first + i);
    run = run < count - i ? run : count - i;
    memcpy(km_chunks_at(&narrow->copy, first + i), rows + i * narrow->padded,
           run * narrow->padded * sizeof *rows);
  }
}

/* The rows that lie in memory as floats, one after the other, if not yet turned; NULL: they do not. */
static const km_chunks *floats_of(const km_narrow *narrow) {
  int ready = narrow->raw && narrow->padded == narrow->dims;
  return narrow->copied ? &narrow->copy : ready ? &narrow->blocks->data->rows : NULL;
}

static void bring_row(const km_narrow *narrow, size_t i, double *room, float *to) {
  const float *row = km_narrow_row(narrow, i, room, to);
  if (row != to) {
    memcpy(to, row, narrow->padded * sizeof *to);
  }
}

const float *km_narrow_tile(const km_narrow *narrow, size_t first, size_t end, double *room,
                            float *rows, float *points) {
  const km_dataset *data = narrow->blocks->data;
  const km_chunks *floats = floats_of(narrow);
  size_t tile = narrow->kernels->tile;
  size_t padded = narrow->padded;
  const float *from = rows;
  float direction[KM_MAX_TILE];
  const float *factor = NULL;
  int whole = end - first >= tile;
  if (floats && whole && km_chunks_run(floats, first) >= tile) {
    from = km_chunks_at(floats, first);
    for (size_t i = 0; narrow->turned && i < tile; i++) {
      direction[i] = direction_of(data, first + i);
    }
    factor = narrow->turned ? direction : NULL;
  } else if (data->direct && whole && km_chunks_run(&data->rows, first) >= tile) {
    narrow->kernels->narrow(km_chunks_at(&data->rows, first), tile, narrow->mean, narrow->scale,
                            narrow->dims, rows);
  } else {
    for (size_t i = 0; i < tile; i++) {
      bring_row(narrow, first + i < end ? first + i : end - 1, room, rows + i * padded);
    }
  }
  if (narrow->copying) {
    copy_rows(narrow, first, end - first < tile ? end - first : tile, rows);
  }
  narrow->kernels->transpose(from, padded, factor, points);
  return points;
}

void km_narrow_gather(const km_narrow *narrow, const size_t *row, double *room, float *rows,
                      float *points) {
  for (size_t i = 0; i < narrow->kernels->tile; i++) {
    bring_row(narrow, row[i], room, rows + i * narrow->padded);
  }
  narrow->kernels->transpose(rows, narrow->padded, NULL, points);
}

/* More would drive out of the cache what is at hand. */
#define MOST_AHEAD ((size_t)1 << 17)

const char *km_narrow_ahead(const km_narrow *narrow, size_t first, size_t end, size_t *lines) {
  const km_chunks *rows = narrow->copied ? &narrow->copy : &narrow->blocks->data->rows;
  size_t tile = narrow->kernels->tile;
  size_t bytes = tile * rows->item_bytes;
  *lines = 0;
  if (first + tile > end || bytes > MOST_AHEAD || km_chunks_run(rows, first) < tile) {
    return NULL;
  }
  *lines = bytes / KM_CACHE_LINE;
  return km_chunks_at(rows, first);
}

static void clear_centroids(km_narrow *narrow) {
  km_hooks *hooks = narrow->blocks->hooks;
  km_release(hooks, narrow->order);
  km_release(hooks, narrow->place);
  km_release(hooks, narrow->row);
  km_release(hooks, narrow->panel);
  km_release(hooks, narrow->half);
  km_release(hooks, narrow->length);
  km_release(hooks, narrow->level);
  narrow->order = narrow->place = NULL;
  narrow->row = narrow->panel = narrow->half = narrow->length = narrow->level = NULL;
}

void km_narrow_clear(km_narrow *narrow) {
  if (narrow->blocks) {
    clear_centroids(narrow);
    km_release(narrow->blocks->hooks, narrow->mean);
    km_chunks_clear(&narrow->copy, narrow->blocks->hooks);
    memset(narrow, 0, sizeof *narrow);
  }
}

km_status km_narrow_start(km_narrow *narrow, size_t k) {
  km_hooks *hooks = narrow->blocks->hooks;
  clear_centroids(narrow);
  narrow->k = k;
  narrow->panels = km_panel_count(k);
  narrow->order = km_allocate(hooks, k, sizeof *narrow->order);
  narrow->place = km_allocate(hooks, k, sizeof *narrow->place);
  narrow->row = km_allocate(hooks, k, narrow->padded * sizeof(float));
  narrow->panel = km_allocate(hooks, narrow->panels * KM_PANEL, narrow->dims * sizeof(float));
  narrow->half = km_allocate(hooks, narrow->panels * KM_PANEL, sizeof(float));
  narrow->length = km_allocate(hooks, narrow->panels * KM_PANEL, sizeof(float));
  narrow->level = km_allocate(hooks, narrow->panels * KM_PANEL, sizeof(float));
  if (!narrow->order || !narrow->place || !narrow->row || !narrow->panel || !narrow->half ||
      !narrow->length || !narrow->level) {
    return KM_NOMEM;
  }
  for (size_t p = 0; p < k; p++) {
    narrow->order[p] = (uint32_t)p;
  }
  return KM_OK;
}

/* Where the columns of a place begin, in packed panels; they are KM_PANEL apart. */
static float *lane_of(float *panels, size_t dims, size_t place) {
  return panels + place / KM_PANEL * dims * KM_PANEL + place % KM_PANEL;
}

double km_narrow_pack(const km_narrow *narrow, const double *point, float *row, float *panels,
                      size_t place) {
  float *lane = lane_of(panels, narrow->dims, place);
  double squared = 0;
  narrow->kernels->narrow(point, 1, narrow->mean, narrow->scale, narrow->dims, row);
  for (size_t j = 0; j < narrow->dims; j++) {
    double z = (point[j] - narrow->mean[j]) * narrow->scale;
    squared += z * z;
    lane[j * KM_PANEL] = row[j];
  }
  return squared;
}

km_status km_narrow_aim(km_narrow *narrow, const double *centroids) {
  size_t dims = narrow->dims;
  double largest = 0;
  km_status status = KM_OK;
  for (size_t p = 0; p < narrow->panels * KM_PANEL && status == KM_OK; p++) {
    if (p >= narrow->k) {
      float *lane = lane_of(narrow->panel, dims, p);
      for (size_t j = 0; j < dims; j++) {
        lane[j * KM_PANEL] = 0;
      }
      narrow->half[p] = -INFINITY;
      narrow->length[p] = narrow->level[p] = 0;
      continue;
    }
    double squared = km_narrow_pack(narrow, centroids + narrow->order[p] * dims,
                                    narrow->row + p * narrow->padded, narrow->panel, p);
    narrow->place[narrow->order[p]] = (uint32_t)p;
    narrow->length[p] = km_round_up(sqrt(squared) * (1 + 0x1p-30));
    double length = (double)narrow->length[p];
    narrow->level[p] = km_narrow_level(narrow, length * length);
    narrow->half[p] = (float)(((double)narrow->level[p] - squared) / 2);
    largest = squared > largest ? squared : largest;
    status = km_tick(narrow->blocks->hooks, 8 * dims);
  }
  narrow->usable = largest < 0x1p80;
  return status;
}
