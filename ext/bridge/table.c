#include "bridge/table_reader.h"

#include <math.h>
#include <string.h>

void km_table_init(km_table *table) {
  memset(table, 0, sizeof *table);
  km_ids_init(&table->ids);
  km_chunks_init(&table->skipped, sizeof(uint64_t));
  km_chunks_init(&table->uncoded, sizeof(km_uncoded));
}

void km_table_clear(km_table *table, km_host *host) {
  km_dataset_clear(&table->data, &host->hooks);
  km_ids_clear(&table->ids, host);
  km_categories_clear(&table->categories);
  km_uncoded_clear(&table->uncoded, host);
  km_chunks_clear(&table->skipped, &host->hooks);
  sqlite3_free(table->columns);
  for (int i = 0; table->values && i < table->kept->count; i++) {
    km_ids_clear(&table->values[i], host);
  }
  km_host_release(host, table->values);
}

static void push_skipped(km_reader *reading) {
  uint64_t *place = km_host_push(reading->host, &reading->table->skipped);
  if (place) {
    *place = reading->table->rows - 1;
  }
}

/* The row that was pushed last goes again if it has no direction and should have one. */
static void keep_or_skip(km_reader *reading) {
  km_table *table = reading->table;
  if (reading->directed && !km_options_keep(reading->host, reading->options, reading->model,
                                            &table->data, table->rows)) {
    push_skipped(reading);
  }
}

/* Takes in the point of the current row from its only column of coordinates. */
static void read_only(km_reader *reading) {
  km_host *host = reading->host;
  km_table *table = reading->table;
  km_vectors *vectors = &reading->vectors;
  km_place place = {.row = table->rows,
                    .statement = reading->statement,
                    .column = reading->only,
                    .fits = !reading->model,
                    .keyed = 1}; /* it would leave no coordinate */
  sqlite3_value *value = sqlite3_column_value(reading->statement, reading->only);
  int null = sqlite3_value_type(value) == SQLITE_NULL;
  int fill = km_options_fill_only(reading->options, reading->model);
  if (null && !fill) {
    if (reading->options->nulls == KM_NULLS_ERROR) {
      km_vectors_refuse_null(host, vectors, &place);
    }
    push_skipped(reading);
    return;
  }
  if (vectors->form == KM_FORM_UNKNOWN) {
    if (fill) {
      km_vectors_begin_numbers(host, vectors, &place);
    } else {
      km_vectors_begin(host, vectors, value, &place);
    }
    if (host->code != SQLITE_OK) {
      return;
    }
    km_dataset_init(&table->data, vectors->dims, km_vectors_element(vectors));
    table->blobs = vectors->form == KM_FORM_BLOB;
    table->only = reading->directed ? -1 : reading->only;
    if (vectors->form != KM_FORM_NUMBER) {
      sqlite3_free(table->columns);
      table->columns = NULL;
    }
  }
  table->filled += (size_t)null;
  void *row = km_host_push(host, &table->data.rows);
  if (row) {
    km_vectors_read(host, vectors, value, &place, row);
    keep_or_skip(reading);
  }
}

/* Reads column i, the j-th coordinate of the row, which is a number. Returns 0 when it is NULL, and after
** an error. */
static int read_number(km_reader *reading, int i, size_t j) {
  sqlite3_value *value = sqlite3_column_value(reading->statement, i);
  double *number = &reading->row[reading->known ? reading->known->values[j].first : j];
  km_number problem = km_number_read(value, number);
  if (problem == KM_NUMBER_OK) {
    return 1;
  }
  km_place place = {.row = reading->table->rows,
                    .statement = reading->statement,
                    .column = i,
                    .fits = !reading->model,
                    .keyed = reading->id_column >= 0};
  *number = NAN;
  if (problem != KM_NUMBER_NULL || reading->options->nulls == KM_NULLS_ERROR) {
    km_refuse_coordinate(reading->host, problem, value, &place);
  }
  return 0;
}

/* The same of a categorical column: its codes where there is a model, else the number of its value. */
static int read_category(km_reader *reading, int i, size_t j) {
  km_host *host = reading->host;
  km_place place = {.row = reading->table->rows, .statement = reading->statement, .column = i};
  sqlite3_value *value = sqlite3_column_value(reading->statement, i);
  if (reading->known) {
    km_category_apply(host, &reading->known->values[j], value, &place, reading->row);
  } else {
    km_values *values = &reading->table->categories.values[j];
    reading->row[j] = km_category_learn(host, values, value, &place);
  }
  int null = sqlite3_value_type(value) == SQLITE_NULL;
  if (null && reading->options->nulls == KM_NULLS_ERROR) {
    km_category_refuse_null(host, &place);
  }
  return !null;
}

/* Remembers the values of the point that was read last for which the model has no code. */
static void keep_uncoded(km_reader *reading) {
  size_t j = 0;
  for (int i = 0; reading->known && i < reading->columns; i++) {
    if (!km_reader_is_coordinate(reading, i)) {
      continue;
    }
    const km_values *values = &reading->known->values[j];
    sqlite3_value *value = sqlite3_column_value(reading->statement, i);
    if (values->categorical && sqlite3_value_type(value) != SQLITE_NULL) {
      km_category_text text;
      km_category_read(value, &text);
      if (text.text && km_category_find(values, text.text, text.bytes) == KM_NO_CODE) {
        km_uncoded_add(reading->host, &reading->table->uncoded, reading->table->data.rows.count - 1,
                       j, text.text, text.bytes);
      }
    }
    j++;
  }
}

/* Takes in the point of the current row from several columns. */
static void read_several(km_reader *reading) {
  km_host *host = reading->host;
  km_table *table = reading->table;
  const km_categories *categories = reading->known ? reading->known : &table->categories;
  int some = km_categories_any(categories);
  size_t j = 0;
  int nulls = 0;
  reading->row = km_host_push(host, &table->data.rows);
  if (!reading->row) {
    return;
  }
  for (int i = 0; i < reading->columns; i++) {
    if (!km_reader_is_coordinate(reading, i)) {
      continue;
    }
    int categorical = some && categories->values[j].categorical;
    int found = categorical ? read_category(reading, i, j) : read_number(reading, i, j);
    nulls += !found;
    j++;
  }
  if (nulls > 0 && reading->options->nulls != KM_NULLS_MEAN) {
    km_chunks_pop_back(&table->data.rows);
    push_skipped(reading);
    return;
  }
  table->filled += nulls > 0;
  keep_uncoded(reading);
  keep_or_skip(reading);
}

static void keep_values(km_reader *reading) {
  for (int i = 0; i < reading->columns; i++) {
    if (i != reading->id_column && !(i == reading->table->only && reading->table->blobs)) {
      km_ids_add(&reading->table->values[i], reading->host,
                 sqlite3_column_value(reading->statement, i));
    }
  }
}

/* Reads the weight of the current row; the point's, if it turns out to have one. */
static double read_weight(const km_reader *reading) {
  km_place place = {.row = reading->table->rows,
                    .statement = reading->statement,
                    .column = reading->weight_column};
  return km_weight_read(reading->host,
                        sqlite3_column_value(reading->statement, reading->weight_column), &place);
}

static void push_weight(km_reader *reading, double weight) {
  double *place = km_host_push(reading->host, &reading->table->data.weights);
  if (place) {
    *place = weight;
  }
}

/* Takes the current row of the statement in. sqlite3_column_value avoids a lock for each access; the
** values are safe to read, since nobody else has this statement. */
static void read_row(km_reader *reading) {
  reading->table->rows++;
  if (reading->id_column >= 0) {
    km_ids_add(&reading->table->ids, reading->host,
               sqlite3_column_value(reading->statement, reading->id_column));
  }
  size_t points = reading->table->data.rows.count;
  double weight = reading->weight_column >= 0 ? read_weight(reading) : 1;
  if (reading->only >= 0) {
    read_only(reading);
  } else {
    read_several(reading);
  }
  if (reading->table->values) {
    keep_values(reading);
  }
  if (reading->weight_column >= 0 && reading->table->data.rows.count > points) {
    push_weight(reading, weight);
  }
}

/* Gives each categorical column its codes, now that all values are known. */
static void encode(km_reader *reading) {
  km_table *table = reading->table;
  km_dataset encoded;
  size_t missing;
  memset(&encoded, 0, sizeof encoded);
  km_categories_encode(reading->host, &table->categories, &table->data, 1, &encoded,
                       &table->uncoded, &missing);
  if (missing != SIZE_MAX) {
    km_refuse_empty(reading->host, table->columns, missing, km_dataset_weighted(&table->data));
  }
  if (reading->host->code == SQLITE_OK) {
    encoded.weights = table->data.weights;
    km_chunks_init(&table->data.weights, sizeof(double));
    km_dataset_clear(&table->data, &reading->host->hooks);
    table->data = encoded;
  } else {
    km_dataset_clear(&encoded, &reading->host->hooks);
  }
}

static void read_rows(km_reader *reading) {
  km_host *host = reading->host;
  while (host->code == SQLITE_OK) {
    int rc = sqlite3_step(reading->statement);
    if (rc == SQLITE_DONE) {
      break;
    }
    if (rc == SQLITE_ROW) {
      read_row(reading);
    } else {
      km_fail_sqlite(host, rc, "query");
    }
  }
  if (km_categories_any(&reading->table->categories) && reading->table->data.rows.count > 0) {
    encode(reading);
  }
  km_vectors_rest(&reading->vectors);
}

/* The names of all columns of the query. */
static char *all_names(const km_reader *reading, size_t *bytes) {
  sqlite3_str *names = sqlite3_str_new(reading->host->db);
  for (int i = 0; i < reading->columns; i++) {
    const char *name = km_column_name(reading->host, reading->statement, i);
    sqlite3_str_append(names, name, (int)strlen(name) + 1);
  }
  *bytes = (size_t)sqlite3_str_length(names);
  return km_reader_finish_list(reading->host, names);
}

/* Checks that the columns are what they were, and makes room for their values. */
static void begin_keeping(km_reader *reading) {
  km_host *host = reading->host;
  km_table *table = reading->table;
  const km_columns *kept = table->kept;
  size_t bytes;
  char *names = all_names(reading, &bytes);
  if (host->code == SQLITE_OK && (bytes != kept->bytes || memcmp(names, kept->names, bytes) != 0)) {
    char *before = km_names_list(host, kept->names, (size_t)kept->count);
    char *now = km_names_list(host, names, (size_t)reading->columns);
    km_fail(host, SQLITE_ERROR,
            "the columns of the query have changed, from %s to %s: drop the table and create it "
            "again",
            before, now);
    sqlite3_free(before);
    sqlite3_free(now);
  }
  sqlite3_free(names);
  table->values = km_host_allocate(host, (size_t)kept->count, sizeof *table->values);
  for (int i = 0; table->values && i < kept->count; i++) {
    km_ids_init(&table->values[i]);
  }
}

/* The affinity of a declared type, by SQLite's rules, as km_columns has it. */
static char affinity(const char *type) {
  static const char *const pieces[] = {"%INT%",  "%CHAR%", "%CLOB%", "%TEXT%",
                                       "%BLOB%", "%REAL%", "%FLOA%", "%DOUB%"};
  static const char affinities[] = "ittt rrr";
  if (!type || !*type) {
    return ' ';
  }
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    if (sqlite3_strlike(pieces[i], type, 0) == 0) {
      return affinities[i];
    }
  }
  return 'n';
}

/* Prepares the query, without which there is no statement, and finds which of its columns are what.
** Returns how many hold coordinates. */
static size_t open_query(km_reader *reading, sqlite3_value *query) {
  reading->statement = km_statement_open(reading->host, query, reading->options->bound);
  if (!reading->statement) {
    return 0;
  }
  reading->columns = sqlite3_column_count(reading->statement);
  km_reader_find_id(reading);
  km_reader_find_weight(reading);
  km_reader_find_categorical(reading);
  return km_reader_count_coordinates(reading);
}

void km_columns_read(km_host *host, sqlite3_value *query, const km_options *options,
                     const km_model *model, km_columns *columns) {
  km_table none = {0};
  km_reader reading = {
      .host = host, .options = options, .table = &none, .id_column = -1, .weight_column = -1};
  memset(columns, 0, sizeof *columns);
  if (host->code != SQLITE_OK) {
    return;
  }
  size_t dims = open_query(&reading, query);
  if (reading.statement) {
    if (host->code == SQLITE_OK) {
      km_reader_check_columns(&reading, model, dims);
    }
    if (host->code == SQLITE_OK) {
      columns->names = all_names(&reading, &columns->bytes);
      columns->types = km_host_allocate(host, (size_t)reading.columns, 1);
      columns->count = reading.columns;
      columns->id = reading.id_column;
    }
    for (int i = 0; columns->types && i < columns->count; i++) {
      columns->types[i] = affinity(sqlite3_column_decltype(reading.statement, i));
    }
  }
  sqlite3_finalize(reading.statement);
  km_categories_clear(&none.categories);
}

void km_columns_clear(km_columns *columns) {
  sqlite3_free(columns->names);
  sqlite3_free(columns->types);
  memset(columns, 0, sizeof *columns);
}

void km_table_read(km_host *host, km_connection *connection, sqlite3_value *query,
                   const km_options *options, const km_model *model, km_table *table) {
  km_reader reading = {
      .host = host,
      .options = options,
      .model = model,
      .table = table,
      .id_column = -1,
      .weight_column = -1,
      .only = -1,
  };
  if (host->code != SQLITE_OK) {
    return;
  }
  if (connection->depth >= KM_MAX_DEPTH) {
    km_fail(host, SQLITE_ERROR, "queries are nested more than %d deep", KM_MAX_DEPTH);
    return;
  }
  connection->depth++;
  size_t dims = open_query(&reading, query);
  if (reading.statement) {
    if (host->code == SQLITE_OK && table->kept) {
      begin_keeping(&reading);
    }
    if (host->code == SQLITE_OK) {
      km_reader_check_columns(&reading, model, dims);
    }
    if (host->code == SQLITE_OK) {
      km_reader_keep_names(&reading);
      reading.known = model && km_categories_any(&model->categories) ? &model->categories : NULL;
      int vectors = dims == 1 && !reading.known && !km_categories_any(&table->categories);
      for (int i = 0; vectors && reading.only < 0; i++) {
        reading.only = km_reader_is_coordinate(&reading, i) ? i : -1;
      }
      km_options_vectors(options, model, &reading.vectors);
      reading.directed = km_options_metric(options, model) == KM_COSINE;
      /* Without a row that tells, an only column has what the model asks for. */
      km_dataset_init(&table->data, (vectors || reading.known) && model ? model->dims : dims,
                      KM_DOUBLE);
      read_rows(&reading);
      if (reading.only >= 0 && table->data.dims != 1) { /* no row told, and a model has more */
        sqlite3_free(table->columns);
        table->columns = NULL;
      }
    }
  }
  sqlite3_finalize(reading.statement);
  connection->depth--;
}

void km_table_value(const km_table *table, size_t row, int column, sqlite3_context *context) {
  if (column == table->kept->id) {
    km_ids_result(&table->ids, row, context);
  } else if (!table->blobs || column != table->only) {
    km_ids_result(&table->values[column], row, context);
  } else {
    size_t point = km_table_point(table, row);
    if (point != KM_NO_POINT) {
      km_vector_result(context, &table->data, point);
    }
  }
}

size_t km_table_find_point(const km_table *table, size_t row) {
  size_t low = 0;
  size_t high = table->skipped.count;
  while (low < high) { /* how many skipped rows come before this one? */
    size_t middle = low + (high - low) / 2;
    if (*(const uint64_t *)km_chunks_at(&table->skipped, middle) < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < table->skipped.count && *(const uint64_t *)km_chunks_at(&table->skipped, low) == row) {
    return KM_NO_POINT;
  }
  return row - low;
}
