/* Eigenvectors of small symmetric matrices, by Jacobi's rotations. */
#ifndef KM_PLOT_EIGEN_H
#define KM_PLOT_EIGEN_H

#include <stddef.h>

/* Decomposes a symmetric matrix of n x n finite numbers, row-major, only its upper triangle read, and
** destroyed: values (n) falling, vectors (n x n) with the vector of value i in row i, of length 1. The
** cyclic method with the rotations of H. Rutishauser (The Jacobi method for real symmetric matrices,
** 1966): small angles, unconditionally convergent in practice; ends when nothing off the diagonal
** counts. */
void km_eigen(double *matrix, size_t n, double *values, double *vectors);

#endif
