/* The two directions in which points differ most: their first principal components (K. Pearson 1901;
** H. Hotelling 1933).
**
** Up to KM_COVARIANCE_DIMS columns, from the covariance matrix. With more columns that would be large, so
** that it is only multiplied with, row by row of the data: what a block of random directions, its image,
** the image's image and so on span holds the two very nearly (C. Musco, C. Musco: Randomized block Krylov
** methods for stronger and faster approximate singular value decomposition, 2015).
*/
#ifndef KM_PLOT_COMPONENTS_H
#define KM_PLOT_COMPONENTS_H

#include "core/dataset.h"

#define KM_COVARIANCE_DIMS 64

typedef struct km_components {
  size_t dims;
  double unit;     /* a power of two that brings all coordinates into [-1, 1] */
  double *mean;    /* dims, times unit */
  double *axis[2]; /* dims each, of length 1, at right angles; the largest number is positive */
  double share[2]; /* of the variance, 0 to 1; 0 where there is none */
  double *room;    /* dims */
} km_components;

/* Finds the components of rows row[0 .. count - 1] of the data, as the clustering sees them, by weight;
** dims >= 2, count >= 1. On any status km_components_clear is due. */
km_status km_components_find(km_components *components, const km_dataset *data, const size_t *row,
                             size_t count, km_hooks *hooks);
void km_components_clear(km_components *components, km_hooks *hooks);

/* Where a point of the data's space lies along the two axes, from the mean; times unit. */
void km_components_project(const km_components *components, const double *point, double to[2]);

#endif
