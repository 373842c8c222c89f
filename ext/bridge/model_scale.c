/* The part of a model that says how points are scaled:
**
**   "scale":{"method":"standard","shift":[5.8,3.0],"factor":[1.2,2.3]}
**
** A coordinate is seen as (x - shift) * factor. "method" says where the numbers come from, and may be
** missing; null stands for no scale.
*/
#include <math.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/model.h"
#include "bridge/number.h"

const char *const km_scale_names[KM_SCALES] = {"none", "standard", "minmax", "robust"};

typedef struct scale_reader {
  km_model *model;
  size_t shifts;
  size_t factors;
  int given; /* bits: method, shift, factor */
} scale_reader;

static void read_method(km_host *host, scale_reader *reader, const km_member *member) {
  for (int scale = KM_SCALE_STANDARD; scale < KM_SCALES; scale++) {
    if (km_member_is_text(member, km_scale_names[scale])) {
      reader->model->transform.scale = (km_scale)scale;
      return;
    }
  }
  km_member_refuse(host, "model: \"scale\": ", member, "\"standard\", \"minmax\" or \"robust\"");
}

/* One number for each column. */
static double *read_numbers(km_host *host, const km_member *member, const char *subject,
                            size_t *count) {
  double *numbers = NULL;
  if (!km_member_is(member, "array")) {
    km_member_refuse(host, "model: \"scale\": ", member, "an array of numbers");
  } else {
    km_json_numbers(host, subject, member->value, &numbers, count);
  }
  return numbers;
}

static void read_shift(km_host *host, scale_reader *reader, const km_member *member) {
  static const char subject[] = "model: \"scale\": \"shift\"";
  double *shift = read_numbers(host, member, subject, &reader->shifts);
  reader->model->transform.shift = shift;
  for (size_t j = 0; host->code == SQLITE_OK && j < reader->shifts; j++) {
    if (!(fabs(shift[j]) <= KM_MAX_COORDINATE)) {
      km_fail(host, SQLITE_ERROR, "%s: item %lld is beyond 1e300", subject, (sqlite3_int64)j);
    }
  }
}

static void read_factor(km_host *host, scale_reader *reader, const km_member *member) {
  static const char subject[] = "model: \"scale\": \"factor\"";
  double *factor = read_numbers(host, member, subject, &reader->factors);
  reader->model->transform.factor = factor;
  for (size_t j = 0; host->code == SQLITE_OK && j < reader->factors; j++) {
    if (!(factor[j] > 0 && isfinite(factor[j]))) {
      km_fail(host, SQLITE_ERROR, "%s: item %lld is not a finite number greater than 0", subject,
              (sqlite3_int64)j);
    }
  }
}

static void read_part(km_host *host, void *context, const km_member *member) {
  static const struct {
    const char *name;
    void (*read)(km_host *host, scale_reader *reader, const km_member *member);
  } table[] = {{"method", read_method}, {"shift", read_shift}, {"factor", read_factor}};
  scale_reader *reader = context;
  for (int i = 0; i < 3; i++) {
    if (strcmp(table[i].name, member->key) == 0) {
      if (reader->given & 1 << i) {
        km_fail(host, SQLITE_ERROR, "model: \"scale\": \"%s\" is given twice", member->key);
      } else {
        reader->given |= 1 << i;
        table[i].read(host, reader, member);
      }
    }
  }
}

size_t km_model_read_scale(km_host *host, km_model *model, const km_member *member) {
  scale_reader reader = {.model = model};
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (km_member_is(member, "null")) {
    return 0;
  }
  if (!km_member_is(member, "object")) {
    km_member_refuse(host, "model: ", member,
                     "an object with \"method\", \"shift\" and \"factor\", or null");
    return 0;
  }
  if (!text) {
    km_fail_status(host, KM_NOMEM);
    return 0;
  }
  km_json_items(host, "model: \"scale\"", text, (size_t)sqlite3_value_bytes(member->value),
                read_part, &reader);
  if (host->code == SQLITE_OK && (!model->transform.shift || !model->transform.factor)) {
    km_fail(host, SQLITE_ERROR, "model: \"scale\": \"%s\" is missing",
            model->transform.shift ? "factor" : "shift");
  }
  if (host->code == SQLITE_OK && reader.shifts != reader.factors) {
    km_fail(host, SQLITE_ERROR,
            "model: \"scale\": \"shift\" has %lld items, but \"factor\" has %lld",
            (sqlite3_int64)reader.shifts, (sqlite3_int64)reader.factors);
  }
  return reader.shifts;
}

void km_model_write_scale(sqlite3_str *out, const km_transform *transform, size_t dims) {
  if (transform->factor) {
    sqlite3_str_appendall(out, ",\"scale\":{");
    if (transform->scale != KM_SCALE_NONE) {
      sqlite3_str_appendf(out, "\"method\":\"%s\",", km_scale_names[transform->scale]);
    }
    sqlite3_str_appendall(out, "\"shift\":");
    km_numbers_append(out, transform->shift, dims);
    sqlite3_str_appendall(out, ",\"factor\":");
    km_numbers_append(out, transform->factor, dims);
    sqlite3_str_appendchar(out, 1, '}');
  }
}
