#include "bridge/picture.h"

#include <string.h>

#define LEAST_SIDE 300
#define MOST_SIDE 4000

static void refuse(km_host *host, const km_member *member, const char *allowed) {
  km_member_refuse(host, "option ", member, allowed);
}

static void read_side(km_host *host, size_t *side, const km_member *member) {
  sqlite3_int64 value = sqlite3_value_int64(member->value);
  if (!km_member_is(member, "integer") || value < LEAST_SIDE || value > MOST_SIDE) {
    refuse(host, member, "a number of pixels, an integer from 300 to 4000");
  } else {
    *side = (size_t)value;
  }
}

static void read_width(km_host *host, km_picture_options *picture, const km_member *member) {
  read_side(host, &picture->width, member);
}

static void read_height(km_host *host, km_picture_options *picture, const km_member *member) {
  read_side(host, &picture->height, member);
}

static void read_flag(km_host *host, int *flag, const km_member *member) {
  if (!km_member_is(member, "true") && !km_member_is(member, "false")) {
    refuse(host, member, "true or false");
  }
  *flag = km_member_is(member, "true");
}

static void read_voronoi(km_host *host, km_picture_options *picture, const km_member *member) {
  read_flag(host, &picture->voronoi, member);
}

static void read_animate(km_host *host, km_picture_options *picture, const km_member *member) {
  read_flag(host, &picture->animate, member);
}

static void read_theme(km_host *host, km_picture_options *picture, const km_member *member) {
  picture->dark = km_member_is_text(member, "dark");
  if (!picture->dark && !km_member_is_text(member, "light")) {
    refuse(host, member, "\"light\" or \"dark\"");
  }
}

static void read_title(km_host *host, km_picture_options *picture, const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (!km_member_is(member, "text")) {
    refuse(host, member, "a text");
  } else if (text) {
    picture->title = km_host_copy(host, text, strlen(text));
  } else {
    km_fail_status(host, KM_NOMEM);
  }
}

typedef struct label_list {
  sqlite3_str *text;
  size_t count;
} label_list;

static void add_label(km_host *host, void *context, const km_member *item) {
  label_list *list = context;
  const char *text = (const char *)sqlite3_value_text(item->value);
  if (!km_member_is(item, "text")) {
    km_fail(host, SQLITE_ERROR, "option \"labels\": item %lld must be a text",
            (sqlite3_int64)list->count);
  } else if (text) {
    sqlite3_str_append(list->text, text, (int)strlen(text) + 1);
    list->count++;
  } else {
    km_fail_status(host, KM_NOMEM);
  }
}

#define NAMES "an array of texts, the names of the coordinates"

static void read_labels(km_host *host, km_picture_options *picture, const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (!km_member_is(member, "array")) {
    refuse(host, member, NAMES);
  } else if (!text) {
    km_fail_status(host, KM_NOMEM);
  } else {
    label_list list = {sqlite3_str_new(host->db), 0};
    km_json_items(host, "option \"labels\"", text, strlen(text), add_label, &list);
    int failed = sqlite3_str_errcode(list.text);
    picture->names = sqlite3_str_finish(list.text);
    picture->labels = picture->names ? list.count : 0;
    if (failed) {
      km_fail_status(host, KM_NOMEM);
    } else if (!picture->names) {
      refuse(host, member, NAMES);
    }
  }
}

/* In the order in which messages list them. */
static const struct {
  const char *name;
  void (*read)(km_host *host, km_picture_options *picture, const km_member *member);
} table[] = {
    {"animate", read_animate}, {"height", read_height}, {"labels", read_labels},
    {"theme", read_theme},     {"title", read_title},   {"voronoi", read_voronoi},
    {"width", read_width},
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

void km_picture_options_init(km_picture_options *picture) {
  *picture = (km_picture_options){.width = 720, .height = 480, .voronoi = 1};
}

void km_picture_options_clear(km_picture_options *picture, km_host *host) {
  km_host_release(host, picture->title);
  km_host_release(host, picture->names);
}

int km_picture_option_read(km_host *host, km_picture_options *picture, const km_member *member) {
  int i = 0;
  while (i < OPTION_COUNT && strcmp(table[i].name, member->key) != 0) {
    i++;
  }
  if (i == OPTION_COUNT) {
    return 0;
  }
  if (picture->given & 1u << i) {
    km_fail(host, SQLITE_ERROR, "option \"%s\" is given twice", member->key);
  } else {
    picture->given |= 1u << i;
    table[i].read(host, picture, member);
  }
  return 1;
}

static void read_member(km_host *host, void *context, const km_member *member) {
  km_picture_option_read(host, context, member);
}

void km_picture_options_of_model(km_host *host, km_picture_options *picture, const char *text,
                                 size_t bytes) {
  km_json_items(host, "the model", text, bytes, read_member, picture);
}

void km_picture_options_list(sqlite3_str *out) {
  for (int i = 0; i < OPTION_COUNT; i++) {
    sqlite3_str_appendf(out, ", %s", table[i].name);
  }
}
