/* Initial centroids of points with categorical columns. What they say by value takes its place among the
** coordinates when the categories are known: after the rows are read. */
#ifndef KM_BRIDGE_INIT_H
#define KM_BRIDGE_INIT_H

#include "bridge/categories.h"
#include "bridge/options.h"

/* How many centroids there are: a JSON array, as json_each gave it. */
size_t km_init_count(km_host *host, sqlite3_value *text);

/* Sets options->init and params.centroids from what the option init gave, an array or a model: nothing
** where it gave none. A value that is not named has the share 0; one that the rows do not have
** counts for nothing. */
void km_init_place(km_host *host, km_options *options, const km_categories *categories);

#endif
