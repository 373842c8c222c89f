/* The parts of the tree engine, one file each: see tree_engine.c. */
#ifndef KM_CORE_TREE_ENGINE_H
#define KM_CORE_TREE_ENGINE_H

#include "core/tree_walk.h"

km_status km_tree_start(km_engine *engine, size_t k, km_chunks *labels);
km_status km_tree_assign(km_engine *engine, const double *centroids, km_sum *sums, size_t *counts,
                         size_t *moved);
km_status km_tree_labels(km_engine *engine);
km_status km_tree_adopt(km_engine *engine, km_sum *sums, const size_t *counts);
km_status km_tree_summarise(km_engine *engine, const double *centroids, size_t k,
                            const km_summary *summary);
km_status km_tree_seed(km_engine *engine, km_random *random, size_t k, double *centroids);

#endif
