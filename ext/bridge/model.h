/* A model: what a fit found, as the JSON object that SQL stores.
**
**   {"type":"kmeans","version":1,"k":2,"dims":2,"columns":["x","y"],"metric":"euclidean",
**    "centroids":[[0.0,0.0],[5.0,5.0]],"sizes":[3,4],"inertias":[1.5,2.0],"radii":[0.9,1.1],
**    "inertia":3.5,"iterations":4,"converged":true,"n":7,"skipped":0,"means":[2.9,2.7],
**    "deviations":[2.5,2.4],"seed":0}
**
** "weights" stands behind "sizes" when the points had weights: their sums.
** "scale":{"method":"standard","shift":[...],"factor":[...]} stands behind "metric" when coordinates are
** scaled: see model_scale.c. Centroids are in the units of the points all the same.
** "categories":[null,["blue","red"]] stands there when columns are categorical: an item for each column of
** the input, null for numbers. All that is by dimension has an item for each value then, in this order:
** see bridge/categories.h. "columns" has the names of the columns of the input.
** "impute":[...] holds what stands for NULL in each column, and "imputed" counts the rows that had one.
** "dtype":"float64" stands there when the BLOBs that it is applied to hold float64 instead of float32.
** Only "centroids" is required. Unknown members are left alone, so that people can add notes. Parts
** that contradict each other are an error.
*/
#ifndef KM_BRIDGE_MODEL_H
#define KM_BRIDGE_MODEL_H

#include "bridge/categories.h"
#include "bridge/json.h"
#include "bridge/names.h"
#include "bridge/vector.h"

/* The largest number of clusters: labels are 32-bit. */
#define KM_MAX_K 4294967294

typedef struct km_model {
  int references;
  char *text; /* the JSON it was read from, bytes long */
  size_t bytes;
  size_t k;
  size_t dims;
  double *centroids; /* k * dims, row-major, in the units of the points */
  double *placed; /* the same in the space of the clustering; the same array without a transform */
  km_transform transform;
  double *sizes;      /* k whole numbers, or NULL */
  double *weights;    /* k, or NULL */
  double *inertias;   /* k, or NULL */
  double *radii;      /* k, or NULL */
  double *means;      /* dims, of all points; or NULL */
  double *deviations; /* dims, standard deviations of all points; or NULL */
  size_t inputs;      /* columns of the input: dims, if none is categorical */
  km_categories categories;
  char *columns;  /* inputs names, one closed string after the other; or NULL */
  km_names names; /* the same, to be searched */
  km_dtype dtype; /* of BLOBs */
  sqlite3_int64 seed;
} km_model;

/* Reads a model; NULL after an error. The caller owns one reference. */
km_model *km_model_read(km_host *host, const char *text, size_t bytes);
void km_model_release(void *model);

/* What a model says beside the result of the fit. */
typedef struct km_model_facts {
  size_t n;            /* points that took part */
  size_t skipped;      /* rows with a NULL coordinate that were left out */
  size_t filled;       /* and those that were filled in */
  int weighted;        /* the points had weights */
  const char *columns; /* as in km_model, or NULL */
  size_t inputs;
  const km_categories *categories;
  const double *moments; /* of the points: dims means, then dims deviations; or NULL */
  const km_transform *transform;
  km_dtype dtype;
  sqlite3_int64 seed;
} km_model_facts;

/* The fit as a model; NULL after an error. From sqlite3_malloc, *bytes long without its closing NUL. */
char *km_model_write(km_host *host, const km_result *result, const km_model_facts *facts,
                     size_t *bytes);

/* The names of the scales, as options and models have them. */
extern const char *const km_scale_names[KM_SCALES];

/* Reads the member "scale" into model->transform. Returns how many columns it scales; 0: none. */
size_t km_model_read_scale(km_host *host, km_model *model, const km_member *member);

/* Reads the member "categories" into model->categories. */
void km_model_read_categories(km_host *host, km_model *model, const km_member *member);

/* Gives a model with categories the scale that it has where it does not say. */
void km_model_scale_codes(km_host *host, km_model *model);

/* Appends the member "categories", with a comma before it, if there is one. */
void km_model_write_categories(sqlite3_str *out, const km_categories *categories);

/* Appends the member "scale", with a comma before it, if there is one. */
void km_model_write_scale(sqlite3_str *out, const km_transform *transform, size_t dims);

#endif
