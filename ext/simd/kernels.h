/* The innermost loops, one table of function pointers per instruction set.
**
** There are two kinds. The exact ones, in double, compute the same bits at every level: the squared
** distance of x and c is the sum over the columns, in their order, of (x[j] - c[j])^2, each operation
** rounded once, no fused multiply-add. The fast ones, in float, may round differently from level to
** level: whoever calls them allows for the error (see core/narrow.h) and settles doubt in double.
*/
#ifndef KM_SIMD_KERNELS_H
#define KM_SIMD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "simd/block.h"

/* Centroids are read from panels: KM_PANEL of them side by side, column by column, so that
** panel[j * KM_PANEL + lane] is column j of centroid `lane` of the panel. Lanes past the last
** centroid of an exact panel hold infinity: they are never nearest. */
#define KM_PANEL 8

/* The most points that the fast kernels take at a time, at any level. */
#define KM_MAX_TILE 48

/* Rows of floats are padded with zeros to a multiple of this many columns. */
#define KM_ROW_PAD 8

/* How many columns the fast kernels add up one after the other: more are added up in chains of so many,
** and then the sums of the chains, so that fewer roundings pile up. A multiple of 8. */
#define KM_CHAIN 64

#define KM_CACHE_LINE 64

/* What `rank` finds out about the points of a tile. A score is x.c - |c|^2/2: the higher, the nearer,
** since |x - c|^2 = |x|^2 - 2 score. */
typedef struct km_ranking {
  float best[KM_MAX_TILE];     /* the highest score */
  float second[KM_MAX_TILE];   /* the highest but one; equal to best on a tie */
  float norm[KM_MAX_TILE];     /* |x|^2 */
  uint32_t label[KM_MAX_TILE]; /* a centroid with the best score: 8 * panel + lane */
  size_t group_panels;         /* panels that make a group */
  float *group_best;           /* groups * tile: the highest score in each group; or NULL */
  const char *ahead;  /* memory that is needed next: its cache lines are asked for on the way */
  size_t ahead_lines; /* how many there are, of KM_CACHE_LINE bytes */
} km_ranking;

/* What `probe` finds out about 8 points and a group of panels: as in km_ranking, but each point's
** `skip` left out. */
typedef struct km_probe {
  const float *row[KM_PANEL]; /* 8 points, padded */
  int32_t skip[KM_PANEL];     /* 8 * panel + lane of a centroid to leave out, or -1 */
  float best[KM_PANEL];
  float second[KM_PANEL];
  int32_t label[KM_PANEL];
} km_probe;

/* What `measure` is given and finds out about 8 points and a centroid for each. */
typedef struct km_measure {
  const double *row[KM_PANEL];     /* dims doubles; NULL: the row is there as floats already */
  const float *floats[KM_PANEL];   /* padded: given, or set to where the row is written */
  const float *centroid[KM_PANEL]; /* padded */
  float squared[KM_PANEL];         /* the squared distance of the two */
  float norm[KM_PANEL];            /* |x|^2 */
} km_measure;

typedef struct km_kernels {
  const char *name;

  /* Exact. For each of n points (row-major, dims columns) and each of `panels` panels: lowers
  ** distance[i] and sets label[i] = first + 8 * panel + lane wherever a centroid is strictly nearer
  ** than distance[i], a squared distance. So the lowest number wins a tie. */
  void (*nearest)(const double *points, size_t n, size_t dims, const double *panel, size_t panels,
                  uint32_t first, uint32_t *label, double *distance);

  /* Exact. Squared distances of n points to the KM_PANEL centroids of one panel:
  ** distance[i * KM_PANEL + lane]. */
  void (*distances)(const double *points, size_t n, size_t dims, const double *panel,
                    double *distance);

  /* Exact. The squared distances of KM_PANEL pairs of points: squared[i] is that of a[i] and b[i]. */
  void (*pairs)(const double *const a[KM_PANEL], const double *const b[KM_PANEL], size_t dims,
                double *squared);

  /* The loops of the tree engine. */
  const km_block_kernels *block;
  /* Exact. Adds dims terms, times `sign` (1 or -1), to as many sums: km_sum_add on each pair
  ** high[j], low[j]. */
  void (*accumulate)(double *high, double *low, const double *terms, size_t dims, double sign);

  /* Exact. The same for up to 8 rows, one after the other, each of `dims` terms. */
  void (*sum)(double *high, double *low, const double *const row[], size_t rows, size_t dims);

  /* Exact. The largest magnitude of `count` values; 0 without any. None is a NaN. */
  double (*largest)(const double *values, size_t count);

  /* Exact. Adds up the distances d of n points to the lanes of a panel, whose squares `distances` found:
  ** d[i][lane] is the root of squared[i * KM_PANEL + lane], or the square itself where `squares` is not 0.
  ** For the points, sum[i * KM_PANEL + lane] += lane_weight[lane] * d[i][lane]; for the lanes, unless
  ** column is NULL, column[lane] = the sum of point_weight[i] * d[i][lane] for i ascending. */
  void (*add_distances)(const double *squared, size_t n, int squares, const double *lane_weight,
                        double *sum, const double *point_weight, double *column);

  /* Exact. Converts `count` floats to double, and multiplies them by the factor. */
  void (*widen)(const float *from, double factor, size_t count, double *to);

  /* Fast. How many points `transpose` and `rank` take: a multiple of 8, at most KM_MAX_TILE. */
  size_t tile;

  /* Rounds (row[j] - mean[j]) * scale to float, the operations before it in double, for each of n rows, which
  ** lie one after the other; and pads. */
  void (*narrow)(const double *rows, size_t n, const double *mean, double scale, size_t dims,
                 float *out);

  /* Turns `tile` padded rows of floats into columns: points[j * tile + i] is column j of point i, times
  ** factor[i] unless factor is NULL. */
  void (*transpose)(const float *rows, size_t padded_dims, const float *factor, float *points);

  /* Fast. Scores a tile of points (columns, from `transpose`) with all centroids. half[c] is
  ** -|c|^2/2, or more by what the score may be too low; -infinity for lanes that hold no centroid, the last
  ** ones. `ranking` as above. */
  void (*rank)(const float *points, size_t dims, const float *panel, const float *half,
               size_t panels, km_ranking *ranking);

  /* Fast. Scores 8 points with the centroids of a group. */
  void (*probe)(km_probe *probe, size_t dims, const float *panel, const float *half, size_t panels);

  /* Fast. Converts 8 points to padded rows of floats, as `narrow` does, where they are not, and measures
  ** them. */
  void (*measure)(km_measure *measure, const double *mean, double scale, size_t dims, float *rows);

  /* Fast. Scores a tile of points with the centroids of one panel: scores[lane * tile + i]. */
  void (*scores)(const float *points, size_t dims, const float *panel, const float *half,
                 float *scores);

  /* Bit i % 8 of mask[i / 8] is set where one of the 8 scores of point i of a tile, from `scores`, is
  ** above limit[i]. */
  void (*exceed)(const float *scores, const float *limit, unsigned char *mask);

  /* How far the squared distances of a ranked tile can be off: below[i] = slope * norm[i]; and above[i] =
  ** -(below[i] + 2 level[label[i]]), rounded once, less than 0 for `bounds` to subtract. Bit i % 8 of
  ** doubt[i / 8] is set unless 2 (best[i] - second[i]) > -above[i]. */
  void (*margins)(const km_ranking *ranking, float slope, const float *level, size_t centroids,
                  float *below, float *above, unsigned char *doubt);

  /* Fast. lower[i] = sqrt(max(0, norm[i] - 2 score[i] - error[i])) for 8 points, at most 2^-19 of
  ** itself too low and never too high. */
  void (*bound)(const float *norm, const float *error, const float *score, float *lower);

  /* Fast. The same for 8 points of a ranked tile, from `first` on, with the errors of `margins`: upper[i]
  ** from the best score, at most 2^-18 of itself too high and never too low; lower[g * 8 + i] from the best
  ** score of each group, which is there, but from the second-best of all for own[i], the group of the
  ** point's centroid. */
  void (*bounds)(const km_ranking *ranking, size_t first, const float *below, const float *above,
                 size_t groups, const uint32_t *own, float *lower, float *upper);

  /* The points i < count for which lower > (upper[i] + travelled[place[i]] + drift[g]) * slack does not
  ** hold for some group g, but for roundings; there are `places` travelled. Their numbers go to `failed`,
  ** which has room for the next multiple of 8, ascending, and how many there are is returned. The lower
  ** bounds of 8 points lie together, group by group: lower[(i / 8 * groups + g) * 8 + i % 8]. */
  size_t (*failing)(const float *lower, size_t groups, const float *upper, const float *travelled,
                    size_t places, const uint32_t *place, const float *drift, size_t count,
                    float slack, uint32_t *failed);
} km_kernels;

/* The plain C loops: always there, and the oracle for every other level. */
extern const km_kernels km_kernels_scalar;

/* AVX2, on x86-64 only. */
extern const km_kernels km_kernels_avx2;

/* The fastest table that this processor can run. */
const km_kernels *km_kernels_best(void);

/* The table of that name ("scalar", "avx2", "avx512", "neon"), or NULL when this processor cannot
** run it. */
const km_kernels *km_kernels_named(const char *name);

/* How many panels k centroids fill. */
static inline size_t km_panel_count(size_t k) {
  return (k + KM_PANEL - 1) / KM_PANEL;
}

/* How many floats a padded row of dims columns has. */
static inline size_t km_padded(size_t dims) {
  return (dims + KM_ROW_PAD - 1) / KM_ROW_PAD * KM_ROW_PAD;
}

/* Through how many additions at most a term passes in a fast sum over dims columns; or 3 more of few
** columns, where `measure` adds up the lanes of a vector. */
static inline size_t km_additions(size_t dims) {
  return dims <= KM_CHAIN ? dims : KM_CHAIN + (dims + KM_CHAIN - 1) / KM_CHAIN;
}

/* Packs k centroids (row-major) into km_panel_count(k) * dims * KM_PANEL doubles, each multiplied
** by unit, a power of two. */
void km_panel_pack(const double *centroids, size_t k, size_t dims, double unit, double *panel);

#endif
