/* Models that a statement's functions have read, kept until the statement ends.
**
** Reading a model costs a thousand times as much as applying it to one point. A constant one is kept by
** SQLite with the function's argument; one that comes from a subquery or a column is not, so the last
** few are also kept with the statement, and found again by their text.
*/
#ifndef KM_BRIDGE_MODEL_CACHE_H
#define KM_BRIDGE_MODEL_CACHE_H

#include "bridge/model.h"

/* The model that the value holds; NULL after an error, which is then the context's result, or when the
** value is NULL or SQLite only wants an estimate, which is no error. Borrowed: valid until the function
** returns. */
const km_model *km_model_cached(sqlite3_context *context, const char *name, sqlite3_value *value);

#endif
