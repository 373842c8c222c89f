/* The options of pictures, which stand among the others. */
#ifndef KM_BRIDGE_PICTURE_H
#define KM_BRIDGE_PICTURE_H

#include "bridge/json.h"

typedef struct km_picture_options {
  unsigned given; /* a bit for each option that was read */
  size_t width;   /* pixels */
  size_t height;
  int voronoi;
  int dark;
  int animate;
  char *title; /* UTF-8; NULL: none was given */
  char *names; /* the labels, one closed string after the other; or NULL */
  size_t labels;
} km_picture_options;

/* Sets the defaults. */
void km_picture_options_init(km_picture_options *picture);
void km_picture_options_clear(km_picture_options *picture, km_host *host);

/* Reads the option, if it is one of these: else returns 0. A bad value is an error. */
int km_picture_option_read(km_host *host, km_picture_options *picture, const km_member *member);

/* Reads those that stand in a model: other members are passed over. */
void km_picture_options_of_model(km_host *host, km_picture_options *picture, const char *text,
                                 size_t bytes);

/* Appends their names, each with a comma before it. */
void km_picture_options_list(sqlite3_str *out);

#endif
