/* Which columns of a query are what: the key, the weight, coordinates. */
#include <string.h>

#include "bridge/table_reader.h"

/* Text that goes into a message; NULL and an error, which then comes before the message, when there is no memory. */
char *km_reader_finish_list(km_host *host, sqlite3_str *list) {
  char *text = sqlite3_str_finish(list);
  if (!text) {
    km_fail_status(host, KM_NOMEM);
  }
  return text;
}

size_t km_reader_count_coordinates(const km_reader *reading) {
  return (size_t)(reading->columns - (reading->id_column >= 0) - (reading->weight_column >= 0));
}

/* The names of the coordinate columns, for messages; from sqlite3_malloc. */
static char *column_list(const km_reader *reading) {
  sqlite3_str *list = sqlite3_str_new(reading->host->db);
  const char *separator = "";
  for (int i = 0; i < reading->columns; i++) {
    if (km_reader_is_coordinate(reading, i)) {
      sqlite3_str_appendf(list, "%s%s", separator,
                          km_column_name(reading->host, reading->statement, i));
      separator = ", ";
    }
  }
  return km_reader_finish_list(reading->host, list);
}

/* The column that is called so, or -1. It is an error if two are, and if none is where an option names it;
** option: NULL, none does. */
static int find_column(const km_reader *reading, const char *option, const char *wanted) {
  km_host *host = reading->host;
  int found = -1;
  for (int i = 0; host->code == SQLITE_OK && i < reading->columns; i++) {
    if (sqlite3_stricmp(km_column_name(host, reading->statement, i), wanted) == 0) {
      if (found >= 0) {
        km_fail(host, SQLITE_ERROR, "the query has two columns called \"%s\"", wanted);
      }
      found = i;
    }
  }
  if (host->code == SQLITE_OK && found < 0 && option) {
    char *names = column_list(reading);
    km_fail(host, SQLITE_ERROR, "option \"%s\": the query has no column \"%s\", it has %s", option,
            wanted, names);
    sqlite3_free(names);
  }
  return host->code == SQLITE_OK ? found : -1;
}

/* Whether an option other than the key's names this column. */
static int has_a_use(const km_options *options, const char *column) {
  const char *name = options->categorical_names;
  int found = options->weight && sqlite3_stricmp(options->weight, column) == 0;
  for (size_t i = 0; !found && name && i < options->categorical; i++, name += strlen(name) + 1) {
    found = sqlite3_stricmp(name, column) == 0;
  }
  return found;
}

/* Finds the column that holds the key: the one the option names, or the one called id, or else as SQLite calls a
** row's number, if it has no other use. */
void km_reader_find_id(km_reader *reading) {
  static const char *const usual[] = {"id", "rowid", "_rowid_", "oid"};
  const km_options *options = reading->options;
  reading->id_column = -1;
  if (options->id) {
    reading->id_column = find_column(reading, "id", options->id);
  }
  for (size_t u = 0; !options->id && !options->id_none && u < sizeof usual / sizeof *usual; u++) {
    if (u == 0 || !has_a_use(options, usual[u])) {
      reading->id_column = find_column(reading, NULL, usual[u]);
    }
    if (reading->id_column >= 0) {
      break;
    }
  }
  reading->table->has_ids = reading->id_column >= 0;
}

/* Finds the column that holds the weights, if the option names one. */
void km_reader_find_weight(km_reader *reading) {
  const char *wanted = reading->options->weight;
  int found = wanted ? find_column(reading, "weight", wanted) : -1;
  if (found >= 0 && found == reading->id_column) {
    km_fail(reading->host, SQLITE_ERROR, "option \"weight\": column \"%s\" is the key", wanted);
  } else {
    reading->weight_column = found;
  }
}

/* The place of a column among those of coordinates. */
static size_t coordinate_place(const km_reader *reading, int column) {
  size_t place = 0;
  for (int i = 0; i < column; i++) {
    place += (size_t)km_reader_is_coordinate(reading, i);
  }
  return place;
}

/* Marks the column that is called so. */
static void mark_categorical(km_reader *reading, const char *wanted) {
  km_host *host = reading->host;
  int found = find_column(reading, "categorical", wanted);
  if (found < 0) {
    return;
  }
  if (!km_reader_is_coordinate(reading, found)) {
    km_fail(host, SQLITE_ERROR, "option \"categorical\": column \"%s\" is the %s", wanted,
            found == reading->id_column ? "key" : "weight");
  } else {
    km_values *values = &reading->table->categories.values[coordinate_place(reading, found)];
    if (values->categorical) {
      km_fail(host, SQLITE_ERROR, "option \"categorical\" names column \"%s\" twice", wanted);
    }
    values->categorical = 1;
  }
}

void km_reader_find_categorical(km_reader *reading) {
  const km_options *options = reading->options;
  const char *name = options->categorical_names;
  if (options->categorical == 0 || reading->host->code != SQLITE_OK) {
    return;
  }
  km_categories_init(reading->host, &reading->table->categories, (size_t)reading->columns);
  for (size_t i = 0; i < options->categorical && reading->host->code == SQLITE_OK; i++) {
    mark_categorical(reading, name);
    name += strlen(name) + 1;
  }
  if (reading->table->categories.columns > 0) {
    reading->table->categories.columns = km_reader_count_coordinates(reading);
  }
}

/* Where the model names its columns and the query has the same names in another order, the labels
** would be silently wrong. Other names are the caller's business. */
static void check_names(const km_reader *reading, const km_model *model) {
  const char *name = model->columns;
  int moved = 0;
  int found = 0;
  int at = 0;
  for (size_t j = 0; j < model->inputs; j++, name += strlen(name) + 1) {
    while (!km_reader_is_coordinate(reading, at)) {
      at++;
    }
    for (int i = 0; i < reading->columns; i++) {
      const char *column = km_column_name(reading->host, reading->statement, i);
      if (km_reader_is_coordinate(reading, i) && sqlite3_stricmp(column, name) == 0) {
        found++;
        moved += i != at;
        break;
      }
    }
    at++;
  }
  if (found == (int)model->inputs && moved) {
    char *given = column_list(reading);
    char *expected = km_names_list(reading->host, model->columns, model->inputs);
    km_fail(reading->host, SQLITE_ERROR,
            "the query has the model's columns in another order: %s; the model's is %s", given,
            expected);
    sqlite3_free(given);
    sqlite3_free(expected);
  }
}

void km_reader_check_columns(const km_reader *reading, const km_model *model, size_t dims) {
  if (dims == 0 && reading->id_column < 0) {
    km_fail(reading->host, SQLITE_ERROR,
            "the query has no column of coordinates beside the weight \"%s\"",
            reading->options->weight);
  } else if (dims == 0 && reading->weight_column >= 0) {
    km_fail(reading->host, SQLITE_ERROR,
            "the query has no column of coordinates beside \"%s\" and the weight \"%s\"",
            km_column_name(reading->host, reading->statement, reading->id_column),
            reading->options->weight);
  } else if (dims == 0) {
    km_fail(reading->host, SQLITE_ERROR,
            "the query has no column of coordinates beside \"%s\" (\"id\": null makes it one)",
            km_column_name(reading->host, reading->statement, reading->id_column));
  } else if (dims == 1 && !(model && km_categories_any(&model->categories))) {
    return; /* the first row tells what the column holds */
  } else if (model && model->inputs != dims) {
    char *names = column_list(reading);
    km_fail(reading->host, SQLITE_ERROR,
            "the model has %lld columns, but the query has %lld of coordinates: %s",
            (sqlite3_int64)model->inputs, (sqlite3_int64)dims, names);
    sqlite3_free(names);
  } else if (model && model->columns) {
    check_names(reading, model);
  } else if (reading->options->init.values && reading->options->init.columns != dims) {
    km_fail(reading->host, SQLITE_ERROR,
            "option \"init\": the centroids have %lld numbers, but the query has %lld columns of "
            "coordinates",
            (sqlite3_int64)reading->options->init.columns, (sqlite3_int64)dims);
  }
}

void km_reader_keep_names(const km_reader *reading) {
  sqlite3_str *names = sqlite3_str_new(reading->host->db);
  for (int i = 0; i < reading->columns; i++) {
    if (km_reader_is_coordinate(reading, i)) {
      const char *name = km_column_name(reading->host, reading->statement, i);
      sqlite3_str_append(names, name, (int)strlen(name) + 1);
    }
  }
  reading->table->columns = km_reader_finish_list(reading->host, names);
}
