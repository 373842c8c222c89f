/* A column of vectors: the only coordinate of its rows, a whole point in each value.
**
** A vector is a BLOB of numbers, little-endian float32 as sqlite-vec stores them (float64 when the
** option "dtype" says so), or a JSON array of numbers. What the first value that is not NULL is, all
** later ones must be. A column of plain numbers is read here, too: only its first value tells which
** kind it is.
*/
#ifndef KM_BRIDGE_VECTOR_H
#define KM_BRIDGE_VECTOR_H

#include "bridge/place.h"
#include "core/dataset.h"

/* What BLOBs hold. */
typedef enum km_dtype {
  KM_DTYPE_AUTO,    /* nobody said: float32, but what looks like float64 is refused */
  KM_DTYPE_FLOAT32, /* float32, whatever it looks like */
  KM_DTYPE_FLOAT64
} km_dtype;

/* What the values of the column are. */
typedef enum km_form { KM_FORM_UNKNOWN, KM_FORM_NUMBER, KM_FORM_BLOB, KM_FORM_JSON } km_form;

/* Who says how many numbers there are. */
typedef enum km_origin { KM_ORIGIN_ROW, KM_ORIGIN_MODEL, KM_ORIGIN_INIT } km_origin;

/* The column while it is being read. */
typedef struct km_vectors {
  km_form form; /* KM_FORM_UNKNOWN before the first value that is not NULL */
  km_dtype dtype;
  size_t dims; /* 0 before it is known */
  km_origin origin;
  size_t first_row;   /* the row of the first value, from 1 */
  size_t read;        /* vectors read so far */
  int numbers_only;   /* NULL is filled in, so that no value may be a vector */
  sqlite3_stmt *json; /* reads JSON; kept from row to row */
} km_vectors;

/* A column of which nothing is known; dims, if not 0, is what the origin asks for. */
void km_vectors_init(km_vectors *vectors, km_dtype dtype, size_t dims, km_origin origin);

/* Gives back the statement; the column can be read on. A zeroed struct is allowed. */
void km_vectors_rest(km_vectors *vectors);

/* Learns form and dims from the first value, which is not NULL. dims is from 1 to KM_MAX_DIMS
** afterwards, or there is an error. */
void km_vectors_begin(km_host *host, km_vectors *vectors, sqlite3_value *value,
                      const km_place *place);

/* The same where NULL is filled in: the column is one of numbers, whatever the value. */
void km_vectors_begin_numbers(km_host *host, km_vectors *vectors, const km_place *place);

/* Reports a value that is NULL, where that is an error. */
void km_vectors_refuse_null(km_host *host, const km_vectors *vectors, const km_place *place);

/* How a dataset of this column stores its coordinates; BLOBs as they are. */
km_element km_vectors_element(const km_vectors *vectors);

/* Reads a value, the first one included, into row: dims elements. It is not NULL, unless numbers are
** read and NULL filled in: then it is NaN. All are finite
** and at most KM_MAX_COORDINATE, or there is an error. */
void km_vectors_read(km_host *host, km_vectors *vectors, sqlite3_value *value,
                     const km_place *place, void *row);

/* The same, into dims doubles, whatever the element. */
void km_vectors_read_double(km_host *host, km_vectors *vectors, sqlite3_value *value,
                            const km_place *place, double *row);

/* The form that the value, which is not NULL, has as an only coordinate. */
km_form km_vector_form(sqlite3_value *value);

/* Returns row i of data, which came as a BLOB, as that BLOB. */
void km_vector_result(sqlite3_context *context, const km_dataset *data, size_t i);

#endif
