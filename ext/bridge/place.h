/* Where a value stands, and what is wrong with it. */
#ifndef KM_BRIDGE_PLACE_H
#define KM_BRIDGE_PLACE_H

#include "bridge/host.h"
#include "bridge/number.h"

/* Where a value stands, for messages. */
typedef struct km_place {
  size_t row;              /* from 1; 0: there are no rows, the function is a scalar */
  sqlite3_stmt *statement; /* the value is this column of its row; NULL: an argument */
  int column;              /* from 0 */
  int argument;            /* from 1 */
  int fits;  /* it is fitted: where text has no business, an option can give it some */
  int keyed; /* the column cannot be the rows' key: another one is, or it is the only one */
} km_place;

/* Sets the error `row 17, column "v": text`. The text is from sqlite3_malloc, freed here; NULL when there
** was no memory. */
void km_refuse(km_host *host, const km_place *place, char *text);

/* Reads the weight of a row: not negative, finite. What else it is becomes an error, and 0. */
double km_weight_read(km_host *host, sqlite3_value *value, const km_place *place);

/* Reports what is wrong with a coordinate; problem is not KM_NUMBER_OK. */
void km_refuse_coordinate(km_host *host, km_number problem, sqlite3_value *value,
                          const km_place *place);

/* Reports a column in which no mean is to be had: the column of that number, from 0, among the names
** (closed strings, one after the other); without names, the argument of that number. weighted: whether
** rows have weights. */
void km_refuse_empty(km_host *host, const char *names, size_t column, int weighted);

#endif
