/* Options: one JSON object, as README's table describes it. */
#ifndef KM_BRIDGE_OPTIONS_H
#define KM_BRIDGE_OPTIONS_H

#include "bridge/host.h"
#include "bridge/json.h"
#include "bridge/model.h"
#include "bridge/picture.h"
#include "bridge/vector.h"

/* What becomes of a row with a NULL coordinate. */
typedef enum km_nulls {
  KM_NULLS_AUTO, /* nobody said: it is left out, unless there is a model that fills it in */
  KM_NULLS_SKIP, /* it is left out, and so is one without a direction, where that counts */
  KM_NULLS_ERROR,
  KM_NULLS_MEAN /* the mean of its column stands for the NULL */
} km_nulls;

/* Where the options are read: which ones make sense. */
typedef enum km_scope {
  KM_SCOPE_QUERY,       /* a table-valued function that fits */
  KM_SCOPE_QUERY_MODEL, /* a table-valued function that applies a model */
  KM_SCOPE_AGGREGATE,   /* an aggregate: there is no query */
  KM_SCOPE_SWEEP        /* kmeans_sweep */
} km_scope;

typedef struct km_options {
  unsigned given;   /* a bit for each option that was read, by its place in the table */
  km_params params; /* what the core needs; params.centroids points at init.values */
  km_matrix init;   /* given initial centroids; with categories, only rows until they are known */
  km_view view;     /* how points are scaled and compared */
  km_nulls nulls;   /* with a model and no such option, what it asks for */
  km_dtype dtype;   /* of BLOBs; with a model and no such option, the model's */
  int id_none;      /* "id": null: no column is the key */
  char *id;         /* "id": the column's name; NULL: the column called id, if there is one */
  char *bound;      /* "params": JSON text, or NULL */
  km_scope scope;   /* where the options were read last */
  char *weight;     /* "weight": of a query, the column's name; or NULL */
  size_t sample;    /* "sample": points that a silhouette looks at, at most */
  size_t weight_argument;        /* of an aggregate, the number of the value, from 1; 0: none */
  size_t categorical;            /* "categorical": how many columns it names */
  char *categorical_names;       /* of a query: their names, closed strings one after the other */
  double *categorical_arguments; /* of an aggregate: the numbers of the values, from 1 */
  sqlite3_value *init_value;     /* "init": the array, as it was given; or NULL */
  km_model *init_model;          /* or the model */
  /* Borrowed: where the options of a picture go; NULL: there are none. */
  km_picture_options *picture;
} km_options;

/* Sets the defaults. */
void km_options_init(km_options *options);
void km_options_clear(km_options *options, km_host *host);

/* Reads a JSON object of options into options, on top of what is there. An unknown name, a bad value,
** an option that has no meaning in this scope, or one given before is an error. subject is what the
** text is called when it is no object. */
void km_options_read(km_host *host, km_options *options, km_scope scope, const char *subject,
                     const char *text, size_t bytes);

/* The same of an argument; NULL is as good as none. */
void km_options_read_value(km_host *host, km_options *options, km_scope scope,
                           sqlite3_value *value);

/* Sets k, as the option of that name does. */
void km_options_set_k(km_options *options, size_t k);

/* Checks what only all options together can tell: k is there and agrees with init, as metric does with
** scale and init. */
void km_options_finish(km_host *host, km_options *options);

/* Whether column `argument` of an aggregate, from 1, is categorical. */
int km_options_categorical(const km_options *options, size_t argument);

/* How the points are compared: as the options say, or the model if there is one. */
km_metric km_options_metric(const km_options *options, const km_model *model);

/* Applies a model: takes over from it what the options leave open. */
void km_options_follow(km_host *host, km_options *options, const km_model *model);

/* Whether NULL in an only column is filled in: it is a column of numbers then, never of vectors. */
int km_options_fill_only(const km_options *options, const km_model *model);

/* Looks at the row that was pushed last. Where it must have a
** direction and has none, it is taken back, which is an error unless the options say otherwise.
** Returns 1 when it stays. row: its number, from 1. */
int km_options_keep(km_host *host, const km_options *options, const km_model *model,
                    km_dataset *data, size_t row);

/* Sets up a column of vectors of which only the options and the model (or NULL) are known. */
void km_options_vectors(const km_options *options, const km_model *model, km_vectors *vectors);

#endif
