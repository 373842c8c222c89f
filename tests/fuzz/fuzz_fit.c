/* Numbers, into the core: a fit of whatever data, with whatever parameters, keeps what core/fit.h
** promises. The first bytes are parameters, the rest coordinates, in one of several encodings that make
** ties, duplicates and extremes likely.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fit.h"
#include "core_hooks.h"
#include "fuzz.h"
#include "oracle.h"

const char *const fuzz_phrases[] = {NULL};

enum { MOST_ROWS = 150 };

/* Magnitudes whose squares, and the sums of these, stay in range: here the plain formula is the promise,
** to the last bit. Beyond, exponents are computed apart, and are compared within rounding. */
#define PLAIN_LEAST 1e-100
#define PLAIN_MOST 1e100

static void take_bytes(fuzz_input *input, void *to, size_t count) {
  size_t left = (size_t)(input->end - input->at);
  memset(to, 0, count);
  memcpy(to, input->at, left < count ? left : count);
  input->at += left < count ? left : count;
}

/* A finite coordinate. */
static double usable(double x) {
  return isnan(x) ? 0 : fmax(-KM_MAX_COORDINATE, fmin(KM_MAX_COORDINATE, x));
}

static double take_coordinate(fuzz_input *input, size_t encoding) {
  static const double palette[] = {0,     -0.0,   1,      -1,          0.1,       0.3,   1e9,
                                   1e300, -1e300, 1e-300, 5e-324,      0x1p-1022, 1e154, 1e-154,
                                   1e150, 3,      0x1p53, 1 + 0x1p-52, 1e-9,      1e16};
  double wide = 0;
  float narrow = 0;
  uint16_t half = 0;
  switch (encoding) {
  case 0: /* small whole numbers: ties and duplicates */
    return (double)(fuzz_take(input) % 16) - 8;
  case 1:
    return (double)fuzz_take(input) / 8;
  case 2: /* a large offset */
    return 1e9 + (double)fuzz_take(input) / 64;
  case 3:
    return palette[fuzz_take(input) % (sizeof palette / sizeof *palette)];
  case 4: /* any exponent */
    take_bytes(input, &half, sizeof half);
    return usable(ldexp((double)(half % 32) - 16, (int)(half / 32) - 1050));
  case 5:
    take_bytes(input, &narrow, sizeof narrow);
    return usable((double)narrow);
  default:
    take_bytes(input, &wide, sizeof wide);
    return usable(wide);
  }
}

/* One input. */
typedef struct trial {
  km_params params;
  km_view view;
  km_element element;
  size_t n;
  size_t dims;
  int weighted;
  int has_missing;
  size_t fault; /* the allocation that fails, or the poll that says stop; 0: none */
  int stop;
  double *rows;      /* n * dims; NaN is NULL */
  double *weights;   /* n */
  double *centroids; /* k * dims */
} trial;

static void *memory(size_t count) {
  double *block = calloc(count + 1, sizeof *block);
  fuzz_require(block != NULL, "memory", "");
  return block;
}

static void take_trial(fuzz_input *input, trial *t) {
  static const size_t threads[] = {1, 2, 3, 7};
  static const double tolerances[] = {0, 1e-4, 1, 1e300};
  static const size_t iterations[] = {300, 1, 2, 5};
  size_t shape = fuzz_take(input);
  t->dims = shape < 240 ? 1 + shape % 8 : 1 + fuzz_take(input) % 70;
  t->params.k = 1 + fuzz_take(input) % 24;
  size_t choice = fuzz_take(input);
  t->params.init = (km_init)(choice % 3);
  t->params.refine = choice / 3 % 8 ? KM_REFINE_NONE : KM_REFINE_AUTO; /* slow */
  t->params.n_init = 1 + choice / 24 % 2;
  t->params.clamp = choice & 128 ? 0 : 1;
  choice = fuzz_take(input);
  t->params.algorithm = (km_algorithm)(choice % 5);
  t->params.threads = threads[choice / 5 % 4];
  t->params.tol = tolerances[choice / 20 % 4];
  t->params.max_iter = iterations[choice / 80 % 4];
  t->params.seed = fuzz_take(input);
  choice = fuzz_take(input);
  t->element = choice & 1 ? KM_FLOAT : KM_DOUBLE;
  t->weighted = choice & 2 ? 1 : 0;
  t->view.metric = choice & 4 ? KM_COSINE : KM_EUCLIDEAN;
  t->view.scale = choice & 4 || t->weighted ? KM_SCALE_NONE : (km_scale)(choice / 8 % KM_SCALES);
  t->view.impute = t->weighted ? 0 : choice & 64 ? 1 : 0;
  t->fault = choice & 128 ? fuzz_take(input) : 0;
  t->stop = t->fault > 100;
  size_t encoding = fuzz_take(input) % 7;
  t->rows = memory(MOST_ROWS * t->dims);
  t->weights = memory(MOST_ROWS);
  t->centroids = memory(t->params.k * t->dims);
  while (t->n < MOST_ROWS && (input->at < input->end || t->n == 0)) {
    size_t mark = t->weighted || t->view.impute ? fuzz_take(input) : 1;
    t->weights[t->n] = mark < 200 ? (double)(mark % 5) : ldexp(1 + (double)mark, (int)mark - 220);
    for (size_t j = 0; j < t->dims; j++) {
      double x = take_coordinate(input, encoding);
      x = t->element == KM_FLOAT ? (double)(float)fmax(-3e38, fmin(3e38, x)) : x;
      int missing = t->view.impute && mark % 16 == j + 3;
      t->rows[t->n * t->dims + j] = missing ? NAN : x;
    }
    t->n++;
  }
  /* Given centroids: rows, or near them, or all the same. */
  for (size_t c = 0; c < t->params.k * t->dims; c++) {
    double x = t->rows[c % (t->n * t->dims)];
    t->centroids[c] = isnan(x) ? 0 : choice & 32 ? usable(x * 3) : x;
  }
  t->params.centroids = t->centroids;
}

static void forget_trial(trial *t) {
  free(t->rows);
  free(t->weights);
  free(t->centroids);
}

static void load(const trial *t, km_dataset *data, km_hooks *hooks) {
  km_dataset_init(data, t->dims, t->element);
  for (size_t i = 0; i < t->n; i++) {
    void *row = km_chunks_push(&data->rows, hooks);
    double *weight = t->weighted ? km_chunks_push(&data->weights, hooks) : NULL;
    fuzz_require(row != NULL, "memory", "");
    for (size_t j = 0; j < t->dims; j++) {
      double x = t->rows[i * t->dims + j];
      if (t->element == KM_FLOAT) {
        ((float *)row)[j] = (float)x;
      } else {
        ((double *)row)[j] = x;
      }
    }
    if (weight) {
      *weight = t->weights[i];
    }
  }
}

/* Learns how points are seen, and fits. */
static km_status fit(const trial *t, const km_params *params, km_dataset *data, km_hooks *hooks,
                     km_transform *transform, km_result *result) {
  size_t at = 0;
  memset(transform, 0, sizeof *transform);
  memset(result, 0, sizeof *result);
  km_status status = km_transform_learn(transform, &t->view, data, hooks, &at);
  if (status == KM_OK) {
    status = km_dataset_see(data, hooks, transform, &at);
  }
  if (status != KM_OK) {
    return status;
  }
  for (size_t c = 0; c < params->k && params->init == KM_INIT_CENTROIDS; c++) {
    if (t->view.metric == KM_COSINE && km_direction(t->centroids + c * t->dims, t->dims) == 0) {
      return KM_NO_DIRECTION; /* the host refuses it */
    }
  }
  return km_fit(data, params, hooks, result);
}

static int is_plain(const double *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    double magnitude = fabs(numbers[i]);
    if (magnitude != 0 && !(magnitude >= PLAIN_LEAST && magnitude <= PLAIN_MOST)) {
      return 0;
    }
  }
  return 1;
}

static long double squared(const double *a, const double *b, size_t dims) {
  long double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    sum += ((long double)a[j] - (long double)b[j]) * ((long double)a[j] - (long double)b[j]);
  }
  return sum;
}

/* Each label is that of the nearest centroid, the lowest number on a tie. */
static void check_labels(const km_dataset *data, const km_result *result, double *room) {
  int plain = is_plain(result->centroids, result->k * result->dims);
  for (size_t i = 0; i < data->rows.count; i++) {
    const double *row = km_dataset_row(data, i, room);
    uint32_t label = km_result_label(result, i);
    fuzz_require(label < result->k, "labels are numbers of clusters", "");
    if (plain && is_plain(row, result->dims)) {
      fuzz_require(label == oracle_nearest(row, result->centroids, result->k, result->dims),
                   "labels are those of the nearest centroid", "");
    }
    long double own = squared(row, result->centroids + label * result->dims, result->dims);
    for (size_t c = 0; c < result->k; c++) {
      long double other = squared(row, result->centroids + c * result->dims, result->dims);
      fuzz_require(own <= other * (1 + 1e-13L * (long double)result->dims),
                   "no centroid is nearer than that of the label", "");
    }
  }
}

/* Sizes, weights, inertias and radii are those of the labels. */
static void check_sums(const km_dataset *data, const km_result *result, double *room) {
  double half = km_dataset_metric(data) == KM_COSINE ? 0.5 : 1;
  long double total = 0;
  for (size_t c = 0; c < result->k; c++) {
    size_t size = 0;
    long double weight = 0, inertia = 0, radius = 0;
    for (size_t i = 0; i < data->rows.count; i++) {
      if (km_result_label(result, i) == c) {
        const double *row = km_dataset_row(data, i, room);
        long double w = km_dataset_weight(data, i);
        long double s = half * squared(row, result->centroids + c * result->dims, result->dims);
        size++;
        weight += w;
        inertia += w * s;
        radius = w > 0 && s > radius ? s : radius;
      }
    }
    radius = half < 1 ? radius : sqrtl(radius);
    total += inertia;
    long double slack = 1e-12L * (long double)(data->rows.count + result->dims);
    fuzz_require(result->sizes[c] == size, "sizes are those of the labels", "");
    fuzz_require(weight > 0, "no cluster is empty", "");
    fuzz_require(fabsl(result->weights[c] - weight) <= slack * weight, "weights add up", "");
    fuzz_require(fabsl(result->radii[c] - radius) <= slack * radius + 5e-324L, "radii are right",
                 "");
    fuzz_require(inertia > 1e308L ||
                     fabsl(result->inertias[c] - inertia) <= slack * inertia + 1e-307L,
                 "inertias are those of the labels", "");
  }
  fuzz_require(total > 1e308L || fabsl(result->inertia - total) <= 1e-9L * total + 1e-306L,
               "the inertia is the sum", "");
}

static void check_centroids(const trial *t, const km_result *result) {
  for (size_t c = 0; c < result->k; c++) {
    for (size_t j = 0; j < result->dims; j++) {
      fuzz_require(fabs(result->restored[c * result->dims + j]) <= 2 * KM_MAX_COORDINATE,
                   "centroids are finite", "");
    }
    for (size_t other = 0; other < c; other++) {
      fuzz_require(memcmp(result->centroids + c * result->dims,
                          result->centroids + other * result->dims,
                          result->dims * sizeof(double)) != 0,
                   "no two centroids are equal", "");
    }
    if (c > 0 && t->params.init != KM_INIT_CENTROIDS) {
      const double *here = result->restored + c * result->dims;
      const double *before = result->restored + (c - 1) * result->dims;
      size_t j = 0;
      while (j < result->dims && here[j] == before[j]) {
        j++;
      }
      fuzz_require(j == result->dims || here[j] > before[j],
                   "clusters are numbered in the order of their centroids", "");
    }
  }
}

/* Whether a point is as near to two centroids: numbering the clusters may have given it to the other. */
static int has_ties(const km_dataset *data, const km_result *result) {
  for (size_t i = 0; i < data->rows.count; i++) {
    const double *row = km_dataset_row(data, i, NULL);
    uint32_t label = km_result_label(result, i);
    double own = oracle_squared(row, result->centroids + label * result->dims, result->dims);
    for (size_t c = 0; c < result->k; c++) {
      if (c != label &&
          oracle_squared(row, result->centroids + c * result->dims, result->dims) == own) {
        return 1;
      }
    }
  }
  return 0;
}

/* Where Lloyd's algorithm has come to rest, and nothing is scaled, centroids are means. */
static void check_means(const trial *t, const km_dataset *data, const km_result *result) {
  if (!result->converged || t->params.tol > 0 || t->view.scale != KM_SCALE_NONE ||
      t->view.metric == KM_COSINE || t->view.impute || t->element == KM_FLOAT ||
      !is_plain(t->rows, t->n * t->dims) || !is_plain(t->weights, t->n) || has_ties(data, result)) {
    return;
  }
  double *terms = memory(t->n);
  double *weights = memory(t->n);
  for (size_t c = 0; c < result->k; c++) {
    for (size_t j = 0; j < t->dims; j++) {
      size_t count = 0;
      double most = 0;
      for (size_t i = 0; i < t->n; i++) {
        if (km_result_label(result, i) == c) {
          weights[count] = km_dataset_weight(data, i);
          terms[count] = t->rows[i * t->dims + j];
          most = fmax(most, fabs(terms[count++]));
        }
      }
      double mean = oracle_mean(terms, weights, count);
      double is = result->centroids[c * t->dims + j];
      fuzz_require(fabs(is - mean) <= 4e-16 * fabs(mean) + 1e-28 * most,
                   "centroids are the means of their points", "");
    }
  }
  free(terms);
  free(weights);
}

/* Whether sums of coordinates by weight are exact in twice the precision of double, so that they cannot
** depend on the order in which an engine adds them up. */
static int sums_are_exact(const trial *t) {
  double least = INFINITY;
  double most = 0;
  for (size_t v = 0; v < t->n * t->dims; v++) {
    double term = fabs(t->rows[v]) * (t->weighted ? t->weights[v / t->dims] : 1);
    if (term > 0) {
      least = fmin(least, term);
      most = fmax(most, term);
    }
  }
  return most <= least * 0x1p30;
}

/* The engine gives the same bits as the other one, in one thread, with the plainest of kernels. */
static void check_engine(const trial *t, const km_result *result, km_algorithm algorithm) {
  static core_hooks hooks;
  km_dataset data;
  km_transform transform;
  km_result other;
  km_params params = t->params;
  params.algorithm = algorithm;
  params.threads = 1;
  params.kernels = "scalar";
  core_hooks_init(&hooks);
  load(t, &data, &hooks.hooks);
  km_status status = fit(t, &params, &data, &hooks.hooks, &transform, &other);
  size_t numbers = result->k * result->dims * sizeof(double);
  fuzz_require(status == KM_OK && other.k == result->k && other.iterations == result->iterations &&
                   other.converged == result->converged,
               "all engines take the same steps", "");
  fuzz_require(memcmp(other.centroids, result->centroids, numbers) == 0 &&
                   memcmp(other.restored, result->restored, numbers) == 0 &&
                   memcmp(other.inertias, result->inertias, result->k * sizeof(double)) == 0 &&
                   memcmp(other.radii, result->radii, result->k * sizeof(double)) == 0 &&
                   other.inertia == result->inertia,
               "all engines give the same bits", "");
  for (size_t i = 0; i < t->n; i++) {
    fuzz_require(km_result_label(&other, i) == km_result_label(result, i),
                 "all engines give the same labels", "");
  }
  km_result_clear(&other, &hooks.hooks);
  km_transform_clear(&transform, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  fuzz_require(hooks.live == 0, "all memory is given back", "");
}

/* The labels of the centroids in the units of the data are those of the fit. */
static void check_apply(km_dataset *data, const km_result *result, km_hooks *hooks) {
  km_result applied;
  km_status status = km_apply(data, result->restored, result->k, 0, hooks, &applied);
  fuzz_require(status == KM_OK, "a model can be applied", "");
  for (size_t i = 0; i < data->rows.count; i++) {
    fuzz_require(km_result_label(&applied, i) == km_result_label(result, i),
                 "a model gives the labels of its fit", "");
  }
  km_result_clear(&applied, hooks);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static core_hooks hooks;
  fuzz_input input = {bytes, bytes + size};
  trial t = {.n = 0};
  km_dataset data;
  km_transform transform;
  km_result result;
  take_trial(&input, &t);
  core_hooks_init(&hooks);
  load(&t, &data, &hooks.hooks);
  if (t.fault && t.stop) {
    core_hooks_eager(&hooks);
    hooks.cancel_at = t.fault;
  } else if (t.fault) {
    hooks.fail_at = hooks.allocations + t.fault;
  }
  km_status status = fit(&t, &t.params, &data, &hooks.hooks, &transform, &result);
  hooks.fail_at = hooks.cancel_at = 0;
  fuzz_require(status != KM_NOMEM || (t.fault && !t.stop), "there was memory", "");
  fuzz_require(status != KM_CANCELLED || t.stop, "nobody said stop", "");
  fuzz_require(status != KM_TOO_FEW || result.distinct < t.params.k, "there are enough points", "");
  if (status == KM_OK && result.k > 0) {
    double *room = memory(t.dims);
    fuzz_require(result.k <= t.params.k, "there are k clusters at most", "");
    fuzz_require(result.k == t.params.k || t.params.clamp, "fewer clusters are asked for", "");
    check_labels(&data, &result, room);
    check_sums(&data, &result, room);
    check_centroids(&t, &result);
    check_means(&t, &data, &result);
    check_engine(&t, &result, sums_are_exact(&t) ? KM_ALGORITHM_PLAIN : t.params.algorithm);
    check_apply(&data, &result, &hooks.hooks);
    free(room);
  }
  km_result_clear(&result, &hooks.hooks);
  km_transform_clear(&transform, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  fuzz_require(hooks.live == 0, "all memory is given back", "");
  forget_trial(&t);
  return 0;
}
