/* The argument that everything starts from, called `what`: an INTEGER k, a JSON object of options, or
** a model. */
#ifndef KM_BRIDGE_WHAT_H
#define KM_BRIDGE_WHAT_H

#include "bridge/model.h"
#include "bridge/options.h"
#include "core/trace.h"

typedef struct km_what {
  km_options options;
  km_model *model;      /* NULL: fit */
  km_transform learned; /* without a model: what the last fit learned of its data */
} km_what;

/* Reads `what` and, where there is one, the options argument (or NULL), for a caller that runs a query.
** After an error km_what_clear is still due. */
void km_what_read(km_host *host, km_what *what, sqlite3_value *value, sqlite3_value *options);

/* The same for an aggregate. The options of a picture go to `picture`: they stand among the others, or in
** the model. NULL: there are none. */
void km_what_read_picture(km_host *host, km_what *what, sqlite3_value *value,
                          km_picture_options *picture);
void km_what_clear(km_what *what, km_host *host);

/* How many rows had a NULL coordinate. */
typedef struct km_nulls_found {
  size_t skipped; /* and were left out; with cosine, zero vectors among them */
  size_t filled;  /* and were filled in */
} km_nulls_found;

/* True when two SQL values have the same type and the same bytes. None is a REAL: no argument is taken
** that is. */
int km_values_equal(sqlite3_value *a, sqlite3_value *b);

/* How points are seen: as the model says, or as the last fit found out. */
const km_transform *km_what_transform(const km_what *what);

km_metric km_what_metric(const km_what *what);

/* What the points are made of. */
typedef struct km_input {
  km_dataset *data;                /* encoded, where there are categories */
  const km_categories *categories; /* of a fit; NULL or empty: none */
  const char *names;               /* of the columns, as in km_model; NULL: they are arguments */
  km_nulls_found nulls;
} km_input;

/* Has the data show its rows as they are to be clustered: by the model, or by what it learns of them;
** given initial centroids get the place of their categories. */
void km_what_see(km_host *host, km_what *what, const km_input *input);

/* Says in the log how many rows had NULL, unless there is an error. */
void km_what_log_nulls(const km_host *host, const km_what *what, const km_nulls_found *nulls);

/* Reports that there are fewer distinct points than clusters. */
void km_what_fail_too_few(km_host *host, size_t distinct, size_t k);

/* Fits the points as `what` says, or applies its model. Writes to the log what people should know:
** rows skipped, no convergence, fewer clusters. The data may be empty for a model only: it
** shows its rows by km_what_transform afterwards. After an error km_result_clear is still due. */
void km_what_fit(km_host *host, km_what *what, const km_input *input, km_result *result);

/* The number of the argument that has coordinate column `column`, from 0, in an aggregate: `what` is
** the first, and the weight is no coordinate. */
size_t km_what_argument(const km_what *what, size_t column);

/* Begins to trace the points; there is no model. The log has the rows skipped; what else km_what_fit writes
** there is for km_what_log_end. After an error km_trace_end is still due. */
void km_what_trace(km_host *host, km_what *what, const km_input *input, km_trace *trace);

/* Writes to the log what should be known about how a fit has ended. */
void km_what_log_end(const km_host *host, const km_what *what, const km_result *result);

/* Vectors without names and with more numbers than this are not profiled in models. */
#define KM_PROFILED_DIMS 4096

/* The means of the columns, and after them their deviations: 2 * dims doubles from the host's hooks,
** the caller's; NULL after an error. There is at least one row. */
double *km_what_moments(km_host *host, const km_dataset *data);

#endif
