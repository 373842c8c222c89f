/* Categorical columns: their values, and the points in which each value has a column of its own.
**
** Such a column is one-hot encoded: a code for each of its values, 1 where the row has it and 0
** elsewhere. So the columns of the input come to dims coordinates, in the order of the columns and in
** each of the codes. Codes are in the order of the values' text, by bytes as the collation BINARY has
** it: the same data in another order has the same codes. (Those of a model are in its own order.)
**
** A value is known by its text: INTEGER as it is written, REAL likewise if it is whole, so that 1,
** 1.0 and '1' are one value. While rows are read, values are numbered as they come; codes are given when
** all rows are there.
*/
#ifndef KM_BRIDGE_CATEGORIES_H
#define KM_BRIDGE_CATEGORIES_H

#include "bridge/place.h"
#include "core/dataset.h"

/* The most values that a column may have when it is fitted. */
#define KM_MAX_CATEGORIES 1000

/* A value without a code. */
#define KM_NO_CODE UINT32_MAX

typedef struct km_category {
  char *text; /* closed */
  size_t bytes;
  uint32_t code; /* or KM_NO_CODE */
} km_category;

/* The values of one column. */
typedef struct km_values {
  int categorical;    /* 0: a column of numbers, with one coordinate */
  km_category *value; /* count, as they came */
  uint32_t *sorted;   /* count: the same in the order of their text */
  size_t count;
  size_t room;
  uint32_t *coded; /* codes: the value of each code */
  size_t codes;
  size_t first; /* the column's first coordinate */
} km_values;

typedef struct km_categories {
  size_t columns;         /* of the input; 0: no column is categorical, coordinates are columns */
  size_t dims;            /* what they come to; 0 before there are codes */
  km_values *values;      /* columns */
  unsigned char *is_code; /* dims: 0 for numbers */
} km_categories;

/* Columns of numbers, any of which can be made categorical. The struct is zeroed or cleared. */
void km_categories_init(km_host *host, km_categories *categories, size_t columns);
void km_categories_clear(km_categories *categories);

static inline int km_categories_any(const km_categories *categories) {
  return categories && categories->columns > 0;
}

/* The text of a value that is neither NULL nor a BLOB; valid as long as the value and room. NULL when
** there is no memory. */
typedef struct km_category_text {
  const char *text;
  size_t bytes;
  char room[KM_NUMBER_BYTES];
} km_category_text;
void km_category_read(sqlite3_value *value, km_category_text *text);
void km_category_read_number(double number, km_category_text *text);

/* The number of the value in a column, or KM_NO_CODE. */
uint32_t km_category_find(const km_values *values, const char *text, size_t bytes);

/* Adds a value that is not there, and returns its number; KM_NO_CODE after an error. */
uint32_t km_category_add(km_host *host, km_values *values, const char *text, size_t bytes);

/* Reads a value while rows are fitted: returns the number that it has, or gets, in its column; NaN for
** NULL. What can be no category is an error. */
double km_category_learn(km_host *host, km_values *values, sqlite3_value *value,
                         const km_place *place);

/* Reads a value by which a point is found: writes its codes to row, all 0 where it is a value that has
** none, all NaN for NULL. */
void km_category_apply(km_host *host, const km_values *values, sqlite3_value *value,
                       const km_place *place, double *row);

/* Reports NULL, where that is an error. */
void km_category_refuse_null(km_host *host, const km_place *place);

/* Gives every value its number as code. */
void km_categories_number(km_host *host, km_categories *categories);

/* Writes a row's coordinate in a categorical column: all its codes 0, but 1 for this number; KM_NO_CODE
** for none. row: dims doubles. */
void km_category_encode(const km_values *values, uint32_t number, double *row);

/* The same for NULL that may be filled in: all its codes are NaN. */
void km_category_encode_null(const km_values *values, double *row);

/* A value that was left without a code, for who wants to see it. */
typedef struct km_uncoded {
  size_t row;
  size_t column;
  char *text; /* closed; from sqlite3_malloc */
} km_uncoded;

/* Gives codes to the values that rows of a weight above 0 have (all rows, where all weights are 0), and
** encodes the rows: from holds a column in each coordinate, numbers of values or NaN for NULL; its
** weights stay there. A column without any value gets no code, and *missing is its number; else
** SIZE_MAX. uncoded, or NULL, gets a km_uncoded for each value without a code. With consume, rows leave
** `from` as they are encoded. */
void km_categories_encode(km_host *host, km_categories *categories, km_dataset *from, int consume,
                          km_dataset *to, km_chunks *uncoded, size_t *missing);

/* Remembers a value without a code; rows and their columns come in order. */
void km_uncoded_add(km_host *host, km_chunks *uncoded, size_t row, size_t column, const char *text,
                    size_t bytes);

/* Its text, or "". */
const char *km_uncoded_find(const km_chunks *uncoded, size_t row, size_t column);
void km_uncoded_clear(km_chunks *uncoded, km_host *host);

/* The names of the coordinates, "color=blue" and the like, closed strings one after the other as those of
** the columns are; from sqlite3_malloc, NULL after an error. */
char *km_feature_names(km_host *host, const km_categories *categories, const char *columns);

/* Appends coordinates as a JSON array with an item for each column: a number; for a categorical one
** an object with the share of each value, as centroids have it. categories may be NULL or have none. */
void km_shares_append(sqlite3_str *out, const km_categories *categories, const double *numbers,
                      size_t dims);

/* The same of a point: for a categorical column its value, or null where it is filled in. row: of the
** data, to find values without a code; uncoded may be NULL. */
void km_point_append(sqlite3_str *out, const km_categories *categories, const double *numbers,
                     const km_chunks *uncoded, size_t row);

#endif
