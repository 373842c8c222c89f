/* JSONB, the binary JSON that SQLite has from version 3.45 on: told from vectors, for which it could be
** taken. */
#ifndef KM_BRIDGE_JSONB_H
#define KM_BRIDGE_JSONB_H

#include <stddef.h>

/* Whether the bytes are an array of numbers in JSONB, from the first to the last. */
int km_is_jsonb_array(const unsigned char *bytes, size_t count);

#endif
