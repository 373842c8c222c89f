#include "core/line.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/distance.h"
#include "core/line_points.h"
#include "simd/sum.h"
#include "core/twice.h"

/* On a line every cluster is a run of the sorted values, so a partition is a path of k steps from 0
** to n whose step from i to j costs the inertia of the values i..j-1, which prefix sums give at
** once. (Equal values can share a cluster: with the other points fixed, moving all copies of a
** value to the nearer of two centroids never costs more.) The textbook fills a table of n * k least
** costs, and to know the path needs all of it.
**
** Here no table is kept. Charge a toll for every step: the cheapest path of any number of steps is
** found in one sweep, remembering one predecessor per value. A higher toll gives fewer steps. Since
** the cost satisfies the quadrangle inequality, the least cost f(m) of m steps is convex in m
** (Aggarwal, Schieber & Tokuyama 1994), so that some toll, between f(k) - f(k+1) and f(k-1) - f(k),
** makes a path of k steps cheapest; and a cheapest path of k steps under any toll is the optimum
** for k. Where a toll is the least for several numbers of steps at once, as on evenly spaced
** values, a path of too few and one of too many steps are spliced into one of exactly k.
**
** One sweep takes O(n log n), less in practice, by the same inequality: once a later start of the
** last step beats an earlier one, it does so for good. A queue holds the starts that are still to
** have their turn, each with the place where it begins (Hirschberg & Larmore 1987).
**
** The toll is looked for with cuts allowed only at every 256th value, then every 32nd, every 4th,
** and only then at all, where the first guess is mostly right: all costs little over one sweep.
**
** Precision: inertias are small differences of large sums. All sums have twice double's precision;
** comparisons are made in double first, and repeated only where an error bound leaves doubt. */

/* A partition: stops 0 = stop[0] < stop[1] < ... < stop[steps]. */
typedef struct partition {
  uint32_t *stop; /* NULL: every stop there is */
  size_t steps;
  km_twice cost;
} partition;

/* A start of a last step that is to have its turn, from stop `begin` on. */
typedef struct turn {
  uint32_t start;
  uint32_t begin;
} turn;

typedef struct solver {
  km_hooks *hooks;
  size_t k;
  km_line_points points;
  km_chunks queue; /* turn; items from `front` on are live */
  size_t front;
  /* Cuts are allowed at stops: stop t is position t * stride, the last stop the last position. */
  size_t stride;
  size_t stops; /* the number of the last stop */
  km_twice toll;
} solver;

static km_line_position *stop_at(const solver *line, size_t stop) {
  size_t i = stop * line->stride;
  return km_chunks_at(&line->points.positions,
                      i < line->points.positions.count ? i : line->points.positions.count - 1);
}

/* The inertia between two positions, in double; *scale is the sum of squares it was taken from. */
static inline double rough_cost(const km_line_position *from, const km_line_position *to,
                                double *scale) {
  double weight = to->weight - from->weight;
  double sum = (to->sum.high - from->sum.high) + (to->sum.low - from->sum.low);
  *scale = (to->square.high - from->square.high) + (to->square.low - from->square.low);
  return *scale - sum * sum / weight;
}

static km_twice full_cost(const km_line_position *from, const km_line_position *to) {
  km_twice sum = km_twice_subtract(to->sum, from->sum);
  km_twice square = km_twice_subtract(to->square, from->square);
  km_twice mean_square = km_twice_divide(km_twice_multiply(sum, sum), to->weight - from->weight);
  km_twice cost = km_twice_subtract(square, mean_square);
  return cost.high > 0 ? cost : (km_twice){0, 0};
}

/* True when the last step to `to` should rather start from `late` than from `early`. A tie goes to
** the later start. The bound covers 16 roundings of each term; there are at most 8. */
static inline int late_wins(const km_line_position *early, const km_line_position *late,
                            const km_line_position *to) {
  double early_scale;
  double late_scale;
  double difference = (early->best.high - late->best.high) +
                      (rough_cost(early, to, &early_scale) - rough_cost(late, to, &late_scale));
  double bound = 0x1p-49 * (early_scale + late_scale + early->best.high + late->best.high);
  if (difference > bound) {
    return 1;
  }
  if (difference < -bound) {
    return 0;
  }
  return !km_twice_less(km_twice_add(early->best, full_cost(early, to)),
                        km_twice_add(late->best, full_cost(late, to)));
}

/* The first stop after `from` to which `late` is the better start: it is not at `from`, and is at
** the last stop. Looks near `from` first: it is nearly always there. */
static size_t first_win(const solver *line, const km_line_position *early,
                        const km_line_position *late, size_t from) {
  size_t low = from;
  size_t reach = 1;
  while (low + reach < line->stops && !late_wins(early, late, stop_at(line, low + reach))) {
    low += reach;
    reach *= 2;
  }
  size_t high = low + reach < line->stops ? low + reach : line->stops;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (late_wins(early, late, stop_at(line, middle))) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

/* Lets stop t, whose best path is known, queue up as a start for the stops after it. */
static km_status enqueue(solver *line, size_t t) {
  const km_line_position *late = stop_at(line, t);
  size_t begin = t + 1;
  while (line->queue.count > line->front) {
    const turn *last = km_chunks_at(&line->queue, line->queue.count - 1);
    const km_line_position *early = stop_at(line, last->start);
    size_t from = last->begin > t + 1 ? last->begin : t + 1;
    if (!late_wins(early, late, stop_at(line, from))) {
      if (!late_wins(early, late, stop_at(line, line->stops))) {
        return KM_OK;
      }
      begin = first_win(line, early, late, from);
      break;
    }
    begin = from;
    line->queue.count--;
  }
  turn *next = km_chunks_push(&line->queue, line->hooks);
  if (!next) {
    return KM_NOMEM;
  }
  next->start = (uint32_t)t;
  next->begin = (uint32_t)begin;
  return KM_OK;
}

/* Finds the cheapest path to every stop under the toll. */
static km_status sweep(solver *line) {
  km_status status;
  km_line_position *to = stop_at(line, 0);
  to->best = (km_twice){0, 0};
  to->steps = 0;
  line->front = 0;
  line->queue.count = 0;
  status = enqueue(line, 0);
  for (size_t t = 1; t <= line->stops && status == KM_OK; t++) {
    if (line->front + 1 < line->queue.count &&
        ((const turn *)km_chunks_at(&line->queue, line->front + 1))->begin <= t) {
      line->front++;
    }
    const turn *next = km_chunks_at(&line->queue, line->front);
    const km_line_position *from = stop_at(line, next->start);
    to = stop_at(line, t);
    to->best = km_twice_add(km_twice_add(from->best, full_cost(from, to)), line->toll);
    to->parent = next->start;
    to->steps = from->steps + 1;
    status = t < line->stops ? enqueue(line, t) : KM_OK;
    if (status == KM_OK) {
      status = km_tick(line->hooks, 64);
    }
  }
  return status;
}

/* The path that the last sweep found; path->stop is the caller's. */
static km_status trace(const solver *line, partition *path) {
  size_t t = line->stops;
  const km_line_position *last = stop_at(line, t);
  km_twice steps = {last->steps, 0};
  path->steps = last->steps;
  path->cost = km_twice_subtract(last->best, km_twice_multiply(line->toll, steps));
  path->stop = km_allocate(line->hooks, path->steps + 1, sizeof *path->stop);
  if (!path->stop) {
    return KM_NOMEM;
  }
  for (size_t step = path->steps; step > 0; step--) {
    path->stop[step] = (uint32_t)t;
    t = stop_at(line, t)->parent;
  }
  path->stop[0] = 0;
  return KM_OK;
}

static size_t path_stop(const partition *path, size_t step) {
  return path->stop ? path->stop[step] : step;
}

/* From two cheapest paths under one toll, `few` of less than k steps and `many` of more, makes one
** of k steps, just as cheap, in place of few. Where a step of many lies within one of few, and is
** k - few->steps places later in its path, follow many to where its step starts, and few from where
** its step ends: the two paths that cross over there cost no more together than the nested ones, by
** the quadrangle inequality. The first step of few to end no sooner than its counterpart is such. */
static km_status splice(const solver *line, partition *few, const partition *many) {
  size_t shift = line->k - few->steps;
  size_t step = 0;
  uint32_t *stop = km_allocate(line->hooks, line->k + 1, sizeof *stop);
  if (!stop) {
    return KM_NOMEM;
  }
  while (path_stop(many, step + shift + 1) > path_stop(few, step + 1)) {
    step++;
  }
  for (size_t s = 0; s <= line->k; s++) {
    stop[s] = (uint32_t)(s <= step + shift ? path_stop(many, s) : path_stop(few, s - shift));
  }
  km_release(line->hooks, few->stop);
  few->stop = stop;
  few->steps = line->k;
  return KM_OK;
}

/* The state of the search for the toll at one stride: f(few.steps) and f(many.steps) are known. */
typedef struct toll_search {
  partition few;
  partition many;
  km_twice few_toll;  /* under it, few was the cheapest; infinite at first */
  km_twice many_toll; /* under it, many was; 0 at first, when many is all stops */
  int sure;           /* the toll tried last was the slope between few and many */
  int guesses;        /* tried since the last sure one */
} toll_search;

/* Begins with paths that need no sweep: one step, and all. */
static km_status search_begin(const solver *line, toll_search *search) {
  uint32_t *stop = km_allocate(line->hooks, 2, sizeof *stop);
  km_status status = KM_OK;
  memset(search, 0, sizeof *search);
  if (!stop) {
    return KM_NOMEM;
  }
  stop[0] = 0;
  stop[1] = (uint32_t)line->stops;
  search->few = (partition){stop, 1, full_cost(stop_at(line, 0), stop_at(line, line->stops))};
  search->many.steps = line->stops;
  for (size_t t = 0; t < line->stops && line->stride > 1 && status == KM_OK; t++) {
    km_twice cost = full_cost(stop_at(line, t), stop_at(line, t + 1));
    search->many.cost = km_twice_add(search->many.cost, cost);
    status = km_tick(line->hooks, 64);
  }
  search->few_toll = (km_twice){INFINITY, 0};
  return status;
}

/* A guess at the toll when the last one gave `steps` steps. Smooth densities have f(m) ~ m^-2, so
** that tolls go with m^-3; between two known points, with the power that joins them. */
static double guess_toll(const solver *line, const toll_search *search, size_t steps) {
  double high = search->few_toll.high;
  double low = search->many_toll.high;
  double power = 3;
  if (isfinite(high) && low > 0 && search->many.steps > search->few.steps) {
    power = log(high / low) / log((double)search->many.steps / (double)search->few.steps);
    return low * pow((double)search->many.steps / (double)line->k, power);
  }
  return line->toll.high * pow((double)steps / (double)line->k, power);
}

/* Chooses the next toll. The slope between the two known costs never misses: it finds a path
** between them, or else all numbers of steps between theirs cost the same. But it takes small steps
** where one end is far away: then guesses come first. */
static void next_toll(solver *line, toll_search *search, size_t steps) {
  int one_sided = !isfinite(search->few_toll.high) || !(search->many_toll.high > 0);
  int wide = one_sided || search->many.steps - search->few.steps > 4;
  km_twice guess = {0, 0};
  if (steps > 0 && wide && search->guesses < (one_sided ? 4 : 1)) {
    guess.high = guess_toll(line, search, steps);
  }
  if (km_twice_less(search->many_toll, guess) && km_twice_less(guess, search->few_toll)) {
    line->toll = guess;
    search->sure = 0;
    search->guesses++;
  } else {
    double gap = (double)(search->many.steps - search->few.steps);
    line->toll = km_twice_divide(km_twice_subtract(search->few.cost, search->many.cost), gap);
    search->sure = 1;
    search->guesses = 0;
  }
}

/* Takes in the path that a sweep found; it becomes the caller's no more. Returns 1 when the search
** is over: few or many has k steps, or the two cost the same under the toll. */
static int search_narrow(const solver *line, toll_search *search, partition *found) {
  int few = found->steps <= line->k;
  int progress = found->steps > search->few.steps && found->steps < search->many.steps;
  partition *place = few ? &search->few : &search->many;
  if (progress) {
    partition replaced = *place;
    *place = *found;
    *found = replaced;
  }
  if (progress || !search->sure) {
    *(few ? &search->few_toll : &search->many_toll) = line->toll;
  }
  km_release(line->hooks, found->stop);
  return search->few.steps == line->k || (!progress && search->sure);
}

/* Finds the cheapest path of k steps at the present stride, with line->toll as the first guess if
** it is not 0; stop[0..k] is the caller's. There are at least k stops. */
static km_status best_path(solver *line, uint32_t **stop) {
  toll_search search;
  partition found;
  int over = line->k == 1 || line->k == line->stops;
  km_status status = search_begin(line, &search);
  if (status == KM_OK && line->stops > 1 && !(line->toll.high > 0)) {
    next_toll(line, &search, 0);
  }
  while (status == KM_OK && !over) {
    status = sweep(line);
    if (status == KM_OK) {
      status = trace(line, &found);
    }
    if (status == KM_OK) {
      size_t steps = found.steps;
      over = search_narrow(line, &search, &found);
      if (!over) {
        next_toll(line, &search, steps);
      }
    }
  }
  if (status == KM_OK && search.few.steps < line->k) {
    status = splice(line, &search.few, &search.many);
  }
  km_release(line->hooks, search.many.stop);
  *stop = search.few.stop;
  return status;
}

/* The index of the first value that is not before stop t (stride 1). */
static size_t value_index(const solver *line, size_t t) {
  if (km_line_weighted(&line->points)) {
    return *(const size_t *)km_chunks_at(&line->points.ends, t);
  }
  return (size_t)stop_at(line, t)->weight;
}

/* The means of the clusters. They are kept within the range of their values, which rounding can
** leave, so that no two are equal. */
static km_status find_means(const solver *line, const uint32_t *stop, double *centroids) {
  km_status status = KM_OK;
  for (size_t c = 0; c < line->k && status == KM_OK; c++) {
    size_t first = value_index(line, stop[c]);
    size_t end = value_index(line, stop[c + 1]);
    km_sum sum = {0, 0};
    km_sum weight = {(double)(end - first), 0};
    if (km_line_weighted(&line->points)) {
      weight = (km_sum){0, 0};
    }
    for (size_t i = first; i < end && status == KM_OK; i++) {
      if (km_line_weighted(&line->points)) {
        double own = ((const double *)km_chunks_at(&line->points.values, i))[1];
        km_sum_add(&weight, own);
        km_sum_add_product(&sum, own, km_line_value(&line->points, i));
      } else {
        km_sum_add(&sum, km_line_value(&line->points, i));
      }
      status = km_tick(line->hooks, 1);
    }
    double mean = km_sum_value(&sum) / km_sum_value(&weight);
    if (!isfinite(mean)) {
      return KM_OVERFLOW;
    }
    centroids[c] = fmin(fmax(mean, km_line_value(&line->points, first)),
                        km_line_value(&line->points, end - 1));
  }
  return status;
}

/* Moves cuts that the rounded centroids see elsewhere; returns how many. In exact arithmetic there
** are none: in an optimum every point is strictly nearest to its own centroid, or else moving it to
** the other and both to their means would gain. */
static size_t move_cuts(const solver *line, uint32_t *stop, const double *centroids) {
  size_t moved = 0;
  for (size_t c = 1; c < line->k; c++) {
    size_t cut = value_index(line, stop[c]);
    double left = km_line_value(&line->points, cut - 1);
    double right = km_line_value(&line->points, cut);
    if (km_nearest(&left, centroids + c - 1, 2, 1, 2) == 1 && stop[c] - stop[c - 1] > 1) {
      stop[c]--;
      moved++;
    } else if (km_nearest(&right, centroids + c - 1, 2, 1, 2) == 0 && stop[c + 1] - stop[c] > 1) {
      stop[c]++;
      moved++;
    }
  }
  return moved;
}

static void set_stride(solver *line, size_t stride) {
  line->stride = stride;
  line->stops = (line->points.positions.count - 1 + stride - 1) / stride;
}

/* With the positions known, finds the optimum. */
static km_status solve(solver *line, double *centroids) {
  static const size_t strides[] = {256, 32, 4, 1};
  km_status status = KM_OK;
  uint32_t *stop = NULL;
  size_t moved = 1;
  for (int level = 0; level < 4 && status == KM_OK; level++) {
    set_stride(line, strides[level]);
    if (line->stride == 1 || line->stops >= 32 * line->k) {
      km_release(line->hooks, stop);
      status = best_path(line, &stop);
    }
  }
  for (int round = 0; round < 64 && moved > 0 && status == KM_OK; round++) {
    status = find_means(line, stop, centroids);
    moved = status == KM_OK ? move_cuts(line, stop, centroids) : 0;
  }
  km_release(line->hooks, stop);
  return status;
}

km_status km_line(const km_dataset *data, km_hooks *hooks, double unit, size_t k,
                  double *centroids) {
  solver line = {.hooks = hooks, .k = k};
  km_chunks_init(&line.queue, sizeof(turn));
  km_status status = km_line_points_init(&line.points, data, hooks, unit);
  if (status == KM_OK) {
    status = solve(&line, centroids);
  }
  km_chunks_clear(&line.queue, hooks);
  km_line_points_clear(&line.points);
  return status;
}
