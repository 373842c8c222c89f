/* Points and centroids in single precision, and how wrong that can be.
**
** Coordinates are taken relative to the mean of the data, times a power of two that brings them to
** about 1, and rounded to float: y = f32((x - mean) * scale), z likewise for a centroid. The score
** y.z - |z|^2/2, in fused multiply-adds (or rounded products and sums), orders centroids as
** |x - c|^2 = |x|^2 - 2 score does, at a sixteenth of the price of the double loop that defines which is
** nearest.
**
** The error. Let Y and Z be the unrounded vectors, in the scaled unit, u = 2^-24, and a = km_additions(d):
** the products are added up in chains of 64, and then the chains, so that a product passes through
** 64 + d/64 additions instead of d. Rounding y and z changes y.z by at most 2u|Y||Z|; the a additions and the
** rounding of the products change the score by at most (a + 1)u(|Y||Z| + |Z|^2/2); rounding |z|^2/2 by at
** most u|Z|^2/2. Together at most (a + 5)u(|Y||Z| + |Z|^2/2) to first order. What the doubles lost on the
** way, and the rounding of the double loop itself, are 2^-53 of the same terms for each column, and
** underflow adds less than d 2^-145: both within the 2% added. So with e = 2.04 (a + 12) u, a score is within
**
**     e|Y|^2/4 + e|Z|^2/2
**
** of the true one; and the squared distance from a score, |y|^2 - 2 score, with |y|^2 taken in float too, is
** within e|Y|^2 + e|Z|^2, and so is the sum of (y[j] - z[j])^2.
**
** A centroid far out has the larger error, but no chance with points that are not: data with a few values
** that are huge is common. So each has its own error: `half` is raised by e|Z|^2/2, which makes the score the
** highest that the true one can be, but for the point's part. With error(Y) = e|Y|^2, level = e|Z|^2 and
** q = |y|^2 - 2 score, the true squared distance is between q - error(Y) and q + error(Y) + 2 level. For the
** sum of (y[j] - z[j])^2, q is that less level. And where
**
**     2 (score - another) > error(Y) + 2 level
**
** with the level of the first, that one is for certain what km_squared_distance finds nearer. The rest goes
** to the double loop.
**
** Data that is in floats already, not far from the origin beside its spread, and neither huge nor tiny,
** is taken as it is: the mean is then 0 and the scale 1, which is as good as any, and nothing has to be
** converted or copied. With cosine, y = f32(x * f32(direction)) is rounded twice, by 2u|Y| (and u^2, which
** the 2% has room for): y.z is off by one more u|Y||Z|, which makes (a + 6) of the (a + 5) above; and 3 more
** additions of the lanes of few columns make (a + 9).
**
** The 2% holds for d up to KM_NARROW_MAX_DIMS; e = 2.1 (a + 12) u below makes up for |y|^2 in place of
** |Y|^2 and for the roundings of error(Y) and of the levels.
*/
#ifndef KM_CORE_NARROW_H
#define KM_CORE_NARROW_H

#include "core/blocks.h"
#include "core/workers.h"

#define KM_NARROW_MAX_DIMS KM_MAX_DIMS

/* A bound, rounded up or down to float; infinity stays. */
static inline float km_round_up(double x) {
  return (float)(x * (x < 0 ? 1 - 0x1p-22 : 1 + 0x1p-22));
}

static inline float km_round_down(double x) {
  return (float)(x * (x < 0 ? 1 + 0x1p-22 : 1 - 0x1p-22));
}

typedef struct km_narrow {
  km_blocks *blocks;
  const km_kernels *kernels;
  size_t dims;
  size_t padded;  /* floats in a row */
  double scale;   /* a power of two */
  double *mean;   /* dims */
  int raw;        /* the data's own floats serve: mean is 0, scale 1 */
  int turned;     /* with raw: multiplied by their directions */
  int copying;    /* rows are copied as they are asked for */
  int copied;     /* all have been */
  km_chunks copy; /* rows in floats, padded; item_bytes is 0 where nobody has asked for a copy */

  /* The centroids, in an order of the user's: `place` is a position in it. */
  size_t k;
  size_t panels;
  uint32_t *order; /* place -> number of the centroid; k. Set by the user before km_narrow_aim. */
  uint32_t *place; /* number -> place */
  float *row;      /* k * padded: the centroids in the order of places */
  float *panel;    /* panels * dims * KM_PANEL: the same, packed */
  float *half;   /* panels * KM_PANEL: (level - |Z|^2) / 2, -infinity where there is no centroid */
  float *length; /* panels * KM_PANEL: |Z|, rounded up */
  float *level;  /* panels * KM_PANEL: level(|Z|^2), of the length */
  int usable;  /* zero when one is so far out that floats could overflow: then nothing is certain */
  float slope; /* e */
} km_narrow;

/* Finds the mean and the scale of blocks' data; blocks are tame and dims at most KM_NARROW_MAX_DIMS. After
** a failure km_narrow_clear is still due. */
km_status km_narrow_init(km_narrow *narrow, km_blocks *blocks);
void km_narrow_clear(km_narrow *narrow);

/* Row i of the data in floats, padded: where it is, or written to `to` (padded floats), by way of
** `room` (dims doubles). */
const float *km_narrow_row(const km_narrow *narrow, size_t i, double *room, float *to);

/* Tells the processor that row i will be needed in floats. */
void km_narrow_fetch(const km_narrow *narrow, size_t i);

/* Keeps rows in floats as tiles of them are asked for, which takes half the memory of the doubles; when all
** have been, km_narrow_copied lets them be read from there, in half the time. Where there is no memory for
** it, nothing is kept; nor is it of points that are not plain doubles: those who bring floats have many. */
km_status km_narrow_copy(km_narrow *narrow);
void km_narrow_copied(km_narrow *narrow);

/* Rows [first, end) of the data in floats, by columns, as many as a tile holds: the last one repeats
** where there are fewer. Written to `points` (tile * padded), which is returned, by way of `rows` (the
** same) and `room` (dims doubles). */
const float *km_narrow_tile(const km_narrow *narrow, size_t first, size_t end, double *room,
                            float *rows, float *points);

/* The same for the rows of these numbers, a whole tile of them. */
void km_narrow_gather(const km_narrow *narrow, const size_t *row, double *room, float *rows,
                      float *points);

/* The memory that km_narrow_tile will read for the rows from `first` on, a whole tile of them; *lines cache
** lines, 0 where it is in more than one piece. */
const char *km_narrow_ahead(const km_narrow *narrow, size_t first, size_t end, size_t *lines);

/* Makes room for k centroids, in the order of their numbers. */
km_status km_narrow_start(km_narrow *narrow, size_t k);

/* Converts a point (dims doubles): to floats in `row`, which has padded of them, and the same to their
** place in packed panels. Returns |Z|^2. */
double km_narrow_pack(const km_narrow *narrow, const double *point, float *row, float *panels,
                      size_t place);

/* Converts k centroids (row-major, in double). */
km_status km_narrow_aim(km_narrow *narrow, const double *centroids);

/* The level of a centroid with |Z|^2 = squared. */
static inline float km_narrow_level(const km_narrow *narrow, double squared) {
  return (float)((double)narrow->slope * (squared + 0x1p-96));
}

/* error(Y) for a point with |y|^2 = norm. */
static inline float km_narrow_error(const km_narrow *narrow, float norm) {
  return narrow->slope * norm;
}

#endif
