#include "core_runs.h"

#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core/engine.h"

static size_t held;
static size_t peak;

/* The size is kept in front of the block. */
static void *allocate(void *context, size_t bytes) {
  size_t *block = malloc(bytes + 16);
  (void)context;
  if (block == NULL) {
    return NULL;
  }
  block[0] = bytes;
  held += bytes;
  peak = held > peak ? held : peak;
  return block + 2;
}

static void release(void *context, void *memory) {
  (void)context;
  if (memory != NULL) {
    size_t *block = (size_t *)memory - 2;
    held -= block[0];
    free(block);
  }
}

static int cancelled(void *context) {
  (void)context;
  return 0;
}

static void report(void *context, const km_report *news) {
  (void)context;
  (void)news;
}

km_hooks core_hooks = {
    .allocate = allocate, .release = release, .cancelled = cancelled, .report = report};

void *checked(void *memory) {
  if (memory == NULL) {
    fputs("bench: out of memory\n", stderr);
    exit(1);
  }
  return memory;
}

static void succeed(km_status status) {
  if (status != KM_OK) {
    fprintf(stderr, "bench: a run of the core ended with status %d\n", (int)status);
    exit(1);
  }
}

size_t bench_threads(void) {
  const char *text = getenv("BENCH_THREADS");
  unsigned long threads = text != NULL ? strtoul(text, NULL, 10) : 0;
  return threads > 0 ? threads : 2;
}

int wanted(const char *name) {
  const char *only = getenv("BENCH_ONLY");
  size_t length = strlen(name);
  if (only == NULL || *only == '\0') {
    return 1;
  }
  for (const char *at = only; (at = strstr(at, name)) != NULL; at += length) {
    if ((at == only || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
      return 1;
    }
  }
  return 0;
}

static km_algorithm chosen_algorithm(void) {
  static const char *const names[] = {"auto", "plain", "tree", "dense", "bounds"};
  const char *wish = getenv("BENCH_ALGORITHM");
  for (int a = 0; wish != NULL && a < 5; a++) {
    if (strcmp(wish, names[a]) == 0) {
      return (km_algorithm)a;
    }
  }
  return KM_ALGORITHM_AUTO;
}

km_params lloyd_params(const double *initial, size_t k, size_t max_iter) {
  km_params params = {.k = k,
                      .init = KM_INIT_CENTROIDS,
                      .centroids = initial,
                      .n_init = 1,
                      .max_iter = max_iter,
                      .refine = KM_REFINE_NONE,
                      .algorithm = chosen_algorithm(),
                      .threads = bench_threads()};
  return params;
}

km_params default_params(size_t k, uint64_t seed) {
  km_params params = {.k = k,
                      .n_init = 1,
                      .max_iter = 300,
                      .tol = 1e-4,
                      .seed = seed,
                      .algorithm = chosen_algorithm(),
                      .threads = bench_threads()};
  return params;
}

static uint64_t mixed(uint64_t hash, uint64_t bits) {
  hash = (hash ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ hash >> 29;
}

static uint64_t hash_result(const km_result *result) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t v = 0; v < result->k * result->dims; v++) {
    uint64_t bits;
    memcpy(&bits, &result->centroids[v], sizeof bits);
    hash = mixed(hash, bits);
  }
  for (size_t i = 0; i < result->labels.count; i++) {
    hash = mixed(hash, km_result_label(result, i));
  }
  return hash;
}

static struct run fit_once(const km_dataset *data, const km_params *params) {
  km_result result;
  struct run run = {0};
  size_t before = held;
  peak = held;
  double begin = now();
  succeed(km_fit(data, params, &core_hooks, &result));
  run.seconds = now() - begin;
  run.megabytes = (double)(peak - before) / 1e6;
  run.iterations = result.iterations;
  run.inertia = result.inertia;
  run.hash = hash_result(&result);
  km_result_clear(&result, &core_hooks);
  return run;
}

struct run time_fit(const km_dataset *data, const km_params *params) {
  struct run run = {0};
  double begin = now();
  for (int runs = 0; !warm(runs, now() - begin); runs++) {
    run = fit_once(data, params);
  }
  return run;
}

static struct run seed_once(const km_dataset *data, size_t k, uint64_t seed) {
  static km_blocks blocks;
  static km_workers workers;
  km_engine engine = {0};
  km_random random;
  km_result result;
  struct run run = {0};
  double *centroids = checked(malloc(k * data->dims * sizeof *centroids));
  size_t before = held;
  peak = held;
  double begin = now();
  km_random_seed(&random, seed);
  succeed(km_blocks_init(&blocks, data, &core_hooks, NULL, k, NULL));
  km_workers_start(&workers, km_engine_threads(bench_threads(), data, k));
  succeed(km_engine_begin(&engine, km_engine_choose_seeder(&blocks, k), &blocks, &workers));
  succeed(km_engine_seed(&engine, &random, k, centroids));
  km_engine_end(&engine);
  km_workers_stop(&workers);
  km_blocks_clear(&blocks);
  run.seconds = now() - begin;
  run.megabytes = (double)(peak - before) / 1e6;
  succeed(km_apply(data, centroids, k, 0, &core_hooks, &result));
  run.inertia = result.inertia;
  km_result_clear(&result, &core_hooks);
  free(centroids);
  return run;
}

struct run time_seeding(const km_dataset *data, size_t k, uint64_t seed) {
  struct run run = {0};
  double begin = now();
  for (int runs = 0; !warm(runs, now() - begin); runs++) {
    run = seed_once(data, k, seed);
  }
  return run;
}

static double median_of(const struct run *runs, int count, int inertia) {
  double values[2 * MAX_RUNS];
  for (int i = 0; i < count; i++) {
    values[i] = inertia ? runs[i].inertia : runs[i].seconds;
  }
  return median(values, count);
}

double median_time(const struct run *runs, int count) {
  return median_of(runs, count, 0);
}

double median_inertia(const struct run *runs, int count) {
  return median_of(runs, count, 1);
}
