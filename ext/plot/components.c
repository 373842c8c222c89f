#include "plot/components.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/random.h"
#include "plot/eigen.h"

#define BLOCK 8         /* directions that are multiplied at a time */
#define MOST 64         /* directions in the basis */
#define MAX_CYCLES 8    /* of building a basis, from what was best in the one before */
#define TOLERANCE 1e-11 /* by which eigenvalues still change: directions are right to its root */

/* The points that are looked at. */
typedef struct cloud {
  km_components *found;
  const km_dataset *data;
  const size_t *row;
  size_t count;
  km_hooks *hooks;
  double heaviest;
  double total; /* of the weights, in units of the heaviest: they may be as large as numbers are */
  double variance; /* of all columns together, times unit^2 */
} cloud;

void km_components_clear(km_components *components, km_hooks *hooks) {
  km_release(hooks, components->mean);
  km_release(hooks, components->axis[0]);
  km_release(hooks, components->axis[1]);
  km_release(hooks, components->room);
  memset(components, 0, sizeof *components);
}

static km_status prepare(km_components *components, size_t dims, km_hooks *hooks) {
  memset(components, 0, sizeof *components);
  components->dims = dims;
  components->mean = km_allocate(hooks, dims, sizeof(double));
  components->axis[0] = km_allocate(hooks, dims, sizeof(double));
  components->axis[1] = km_allocate(hooks, dims, sizeof(double));
  components->room = km_allocate(hooks, dims, sizeof(double));
  return components->mean && components->axis[0] && components->axis[1] && components->room
             ? KM_OK
             : KM_NOMEM;
}

/* Row i, times unit and less the mean, in the room; the part of all weight that it has. */
static double centred(const cloud *points, size_t i) {
  km_components *found = points->found;
  const double *row = km_dataset_row(points->data, points->row[i], found->room);
  for (size_t j = 0; j < found->dims; j++) {
    found->room[j] = row[j] * found->unit - found->mean[j];
  }
  double weight = km_dataset_weight(points->data, points->row[i]);
  return points->total > 0 ? weight / points->heaviest / points->total : 0;
}

static km_status measure(cloud *points) {
  km_components *found = points->found;
  km_status status = KM_OK;
  double largest = 0;
  points->heaviest = points->total = 0;
  for (size_t i = 0; i < points->count && status == KM_OK; i++) {
    const double *row = km_dataset_row(points->data, points->row[i], found->room);
    for (size_t j = 0; j < found->dims; j++) {
      largest = fmax(largest, fabs(row[j]));
    }
    points->heaviest = fmax(points->heaviest, km_dataset_weight(points->data, points->row[i]));
    status = km_tick(points->hooks, found->dims);
  }
  found->unit = km_one_for(largest);
  for (size_t i = 0; i < points->count && points->heaviest > 0 && status == KM_OK; i++) {
    points->total += km_dataset_weight(points->data, points->row[i]) / points->heaviest;
    status = km_tick(points->hooks, 4);
  }
  return status;
}

/* The mean, from differences to the first row, so that a large offset costs no digits. */
static km_status find_mean(cloud *points) {
  km_components *found = points->found;
  km_status status = KM_OK;
  double *sum = found->axis[0];
  memset(found->mean, 0, found->dims * sizeof(double));
  memset(sum, 0, found->dims * sizeof(double));
  centred(points, 0);
  memcpy(found->mean, found->room, found->dims * sizeof(double));
  for (size_t i = 0; i < points->count && status == KM_OK; i++) {
    double weight = centred(points, i);
    for (size_t j = 0; j < found->dims; j++) {
      sum[j] += weight * found->room[j];
    }
    status = km_tick(points->hooks, 2 * found->dims);
  }
  for (size_t j = 0; j < found->dims; j++) {
    found->mean[j] += sum[j];
  }
  points->variance = 0;
  for (size_t i = 0; i < points->count && status == KM_OK; i++) {
    double weight = centred(points, i);
    for (size_t j = 0; j < found->dims; j++) {
      points->variance += weight * found->room[j] * found->room[j];
    }
    status = km_tick(points->hooks, 2 * found->dims);
  }
  return status;
}

/* The sign of an axis is a matter of choice: its largest number is positive. */
static void take_axis(cloud *points, int which, const double *axis, double value) {
  km_components *found = points->found;
  size_t largest = 0;
  for (size_t j = 1; j < found->dims; j++) {
    largest = fabs(axis[j]) > fabs(axis[largest]) ? j : largest;
  }
  double sign = axis[largest] < 0 ? -1 : 1;
  for (size_t j = 0; j < found->dims; j++) {
    found->axis[which][j] = sign * axis[j];
  }
  double share = points->variance > 0 ? value / points->variance : 0;
  found->share[which] = fmin(fmax(share, 0), 1);
}

static km_status add_covariance(cloud *points, double *matrix) {
  size_t dims = points->found->dims;
  const double *x = points->found->room;
  km_status status = KM_OK;
  memset(matrix, 0, dims * dims * sizeof *matrix);
  for (size_t i = 0; i < points->count && status == KM_OK; i++) {
    double weight = centred(points, i);
    for (size_t p = 0; p < dims; p++) {
      double term = weight * x[p];
      for (size_t q = p; q < dims; q++) {
        matrix[p * dims + q] += term * x[q];
      }
    }
    status = km_tick(points->hooks, dims * dims / 2 + dims);
  }
  return status;
}

static km_status from_covariance(cloud *points) {
  size_t dims = points->found->dims;
  km_hooks *hooks = points->hooks;
  km_status status = KM_NOMEM;
  double *matrix = km_allocate(hooks, dims, dims * sizeof *matrix);
  double *vectors = km_allocate(hooks, dims, dims * sizeof *vectors);
  double values[KM_COVARIANCE_DIMS];
  if (matrix && vectors) {
    status = add_covariance(points, matrix);
  }
  if (status == KM_OK) {
    km_eigen(matrix, dims, values, vectors);
    take_axis(points, 0, vectors, values[0]);
    take_axis(points, 1, vectors + dims, values[1]);
  }
  km_release(hooks, matrix);
  km_release(hooks, vectors);
  return status;
}

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* What from_images works with. */
typedef struct krylov {
  size_t count;   /* directions in the basis */
  double *basis;  /* MOST * dims, orthonormal */
  double *image;  /* BLOCK * dims */
  double *matrix; /* MOST * MOST: the covariance, seen from the basis; its upper triangle */
  double *small;  /* MOST * MOST: the same, to be destroyed */
  double *turn;   /* MOST * MOST: its eigenvectors */
  double values[MOST];
} krylov;

/* Makes the direction one of the basis: Gram-Schmidt, twice, which is enough (W. Kahan, B. Parlett).
** Returns 0 where nothing of it is left. */
static int add_direction(krylov *space, const double *direction, size_t dims) {
  double *row = space->basis + space->count * dims;
  memcpy(row, direction, dims * sizeof *row);
  double before = sqrt(dot(row, row, dims));
  for (int pass = 0; pass < 2; pass++) {
    for (size_t a = 0; a < space->count; a++) {
      const double *other = space->basis + a * dims;
      double part = dot(row, other, dims);
      for (size_t j = 0; j < dims; j++) {
        row[j] -= part * other[j];
      }
    }
  }
  double length = sqrt(dot(row, row, dims));
  if (!(length > 1e-12 * before && length > 1e-300)) {
    return 0;
  }
  for (size_t j = 0; j < dims; j++) {
    row[j] /= length;
  }
  space->count++;
  return 1;
}

/* image = covariance * direction, for each of the basis from `first` on. */
static km_status multiply(cloud *points, krylov *space, size_t first) {
  size_t dims = points->found->dims;
  const double *x = points->found->room;
  km_status status = KM_OK;
  memset(space->image, 0, BLOCK * dims * sizeof(double));
  for (size_t i = 0; i < points->count && status == KM_OK; i++) {
    double weight = centred(points, i);
    for (size_t b = first; b < space->count && status == KM_OK; b++) {
      double along = weight * dot(x, space->basis + b * dims, dims);
      double *image = space->image + (b - first) * dims;
      for (size_t j = 0; j < dims; j++) {
        image[j] += along * x[j];
      }
      status = km_tick(points->hooks, 2 * dims);
    }
  }
  return status;
}

/* The best eigenvectors within the basis, as combinations of it (W. Ritz). Returns whether the first two
** eigenvalues are what they were before. */
static int combine(krylov *space, size_t first, size_t dims) {
  double before[2] = {space->values[0], space->values[1]};
  size_t count = space->count;
  for (size_t b = first; b < count; b++) {
    for (size_t a = 0; a <= b; a++) {
      space->matrix[a * MOST + b] =
          dot(space->basis + a * dims, space->image + (b - first) * dims, dims);
    }
  }
  for (size_t a = 0; a < count; a++) {
    for (size_t b = a; b < count; b++) {
      space->small[a * count + b] = space->matrix[a * MOST + b];
    }
  }
  km_eigen(space->small, count, space->values, space->turn);
  double most = TOLERANCE * fabs(space->values[0]);
  return first > 0 && fabs(space->values[0] - before[0]) <= most &&
         fabs(space->values[1] - before[1]) <= most;
}

/* Directions for the next basis, the best first, into image. */
static void take_best(krylov *space, size_t dims) {
  memset(space->image, 0, BLOCK * dims * sizeof(double));
  for (size_t b = 0; b < BLOCK && b < space->count; b++) {
    for (size_t a = 0; a < space->count; a++) {
      double part = space->turn[b * space->count + a];
      for (size_t j = 0; j < dims; j++) {
        space->image[b * dims + j] += part * space->basis[a * dims + j];
      }
    }
  }
}

/* Builds a basis from the directions in image, and leaves the best ones there. *still: they are as good
** as they get. */
static km_status build(cloud *points, krylov *space, int *still) {
  size_t dims = points->found->dims;
  km_status status = KM_OK;
  space->count = 0;
  while (space->count + BLOCK <= MOST && !*still && status == KM_OK) {
    size_t first = space->count;
    for (size_t b = 0; b < BLOCK; b++) {
      add_direction(space, space->image + b * dims, dims);
    }
    if (space->count == first) { /* it holds all that the points span */
      *still = 1;
      break;
    }
    status = multiply(points, space, first);
    if (status == KM_OK) {
      *still = combine(space, first, dims);
      status = km_tick(points->hooks, KM_TICK);
    }
  }
  if (status == KM_OK) {
    take_best(space, dims);
  }
  return status;
}

static km_status from_images(cloud *points) {
  size_t dims = points->found->dims;
  km_hooks *hooks = points->hooks;
  size_t numbers = (MOST + BLOCK) * dims + 3 * MOST * MOST;
  double *room = km_allocate(hooks, numbers, sizeof *room);
  if (!room) {
    return KM_NOMEM;
  }
  krylov space = {.basis = room};
  space.image = space.basis + MOST * dims;
  space.matrix = space.image + BLOCK * dims;
  space.small = space.matrix + MOST * MOST;
  space.turn = space.small + MOST * MOST;
  km_status status = KM_OK;
  km_random random;
  km_random_seed(&random, 0);
  for (size_t i = 0; i < BLOCK * dims; i++) {
    space.image[i] = km_random_unit(&random) - 0.5;
  }
  for (int cycle = 0, still = 0; cycle < MAX_CYCLES && !still && status == KM_OK; cycle++) {
    status = build(points, &space, &still);
  }
  if (status == KM_OK) {
    take_axis(points, 0, space.image, space.values[0]);
    take_axis(points, 1, space.image + dims, space.values[1]);
  }
  km_release(hooks, room);
  return status;
}

km_status km_components_find(km_components *components, const km_dataset *data, const size_t *row,
                             size_t count, km_hooks *hooks) {
  cloud points = {.found = components, .data = data, .row = row, .count = count, .hooks = hooks};
  km_status status = prepare(components, data->dims, hooks);
  if (status == KM_OK) {
    status = measure(&points);
  }
  if (status == KM_OK) {
    status = find_mean(&points);
  }
  if (status == KM_OK) {
    status = data->dims <= KM_COVARIANCE_DIMS ? from_covariance(&points) : from_images(&points);
  }
  return status;
}

void km_components_project(const km_components *components, const double *point, double to[2]) {
  to[0] = to[1] = 0;
  for (size_t j = 0; j < components->dims; j++) {
    /* A centroid may be anywhere: so far away that it does not matter where, it stays finite. */
    double scaled = fmax(-1e300, fmin(1e300, point[j] * components->unit));
    double centred_at = scaled - components->mean[j];
    to[0] += centred_at * components->axis[0][j];
    to[1] += centred_at * components->axis[1][j];
  }
}
