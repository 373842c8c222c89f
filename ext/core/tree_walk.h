/* How a tree is walked with candidates, in jobs that workers share; see tree_engine.c for the idea. */
#ifndef KM_CORE_TREE_WALK_H
#define KM_CORE_TREE_WALK_H

#include "core/engine.h"
#include "core/tree.h"

/* Labels are kept in 16 bits. */
#define KM_TREE_MAX_K 65534
#define KM_TREE_NO_LABEL 65535
#define KM_MIXED 65534

/* What a job found out about one cluster. */
typedef struct km_tally {
  size_t count;    /* points; where clusters also lose points, modulo 2^64 */
  double farthest; /* the largest squared distance */
  size_t listed;   /* in the job's list; else nothing here is valid */
  km_sum sums[];   /* those of the tree, then as many doubles: see km_tally_terms */
} km_tally;

typedef struct km_job {
  size_t node;
  size_t m;            /* candidates left for the node */
  uint32_t *candidate; /* room for k */
  size_t moved;        /* points that got another label */
  size_t listed;       /* clusters that the job has touched: */
  uint32_t *list;      /* room for k */
  unsigned char *tallies;
} km_job;

typedef struct km_walk km_walk;

/* What was found out at a node holds as long as its candidates are the same and have not moved
** further, all together, than the smallest slack of the decisions taken there and below. A node
** remembers up to KM_SEEN candidates, and `expiry`: the length of all their paths at that time plus the
** slack. Whatever changes the labels below a node from outside must call km_node_forget; a change at a
** node's ancestors reaches it as an owner pushed down.
**
** A hint for the filter (tree_filter.h), however old, does no harm. It is in `hint`; that about more than
** KM_SEEN candidates takes the place of these in `seen`. */
#define KM_SEEN 4

static inline void km_node_forget(km_node *node) {
  node->expiry = -1;
}

/* What is done with what the filter leaves of the candidates. */
typedef struct km_visitor {
  void (*uniform)(const km_walk *walk, size_t at, uint32_t label); /* the only one for node `at` */
  double (*leaf)(const km_walk *walk, size_t at, const uint32_t *candidate,
                 size_t m);                      /* m > 1; returns the slack */
  void (*enter)(const km_walk *walk, size_t at); /* an inner node, before its children; or NULL */
  void (*leave)(const km_walk *walk, size_t at); /* and after them */
  int thorough; /* `uniform` looks at every leaf: it is for the jobs */
} km_visitor;

typedef struct km_tree_state {
  km_tree tree;
  km_workers *workers;
  km_hooks *hooks;
  km_chunks labels; /* per leaf, KM_BLOCK uint16_t; not valid where a node above has an owner */
  size_t k;         /* what the following has room for */
  size_t tally_bytes;
  size_t cut; /* nodes of at most so many points are jobs of their own */
  size_t max_jobs;
  size_t jobs;
  km_job *job; /* max_jobs + 1: the last one is for what is settled above the jobs */
  uint32_t *numbers;
  unsigned char *tallies;
  size_t stack_length; /* of each worker: */
  uint32_t *stacks;
  uint64_t *owned;      /* k for each worker */
  km_sum *sums;         /* k * tree.sums: of the points with their labels of now */
  double *terms;        /* k * sums: the magnitudes of all terms that were added to sums */
  size_t *counts;       /* k */
  unsigned char *stale; /* k */
  size_t iteration;     /* calls of assign in this run */
  double *last;         /* k * dims: the centroids of the last assign */
  double *path;         /* k: how far each has moved since the run began, rounded up */
} km_tree_state;

struct km_walk {
  km_tree_state *state;
  const km_visitor *visitor;
  const double *centroids;
  size_t k;
  const km_summary *summary; /* or NULL */
  const double *path;        /* of each centroid; or NULL: nodes are not to remember */
  km_job *job;
  uint64_t *owned;
};

/* Makes room for walks with k centroids. */
km_status km_tree_reserve(km_tree_state *state, size_t k);
void km_tree_state_clear(km_tree_state *state);

/* Whether a node is one worker's: it has at most state->cut points, or is a leaf. */
static inline int km_tree_is_job(const km_tree_state *state, const km_node *node) {
  return node->left == 0 || node->points <= state->cut;
}

/* Lists the topmost of such nodes, from node `at` on: writes them to node (room for state->max_jobs; or
** NULL) and returns how many. */
size_t km_tree_list_jobs(const km_tree_state *state, size_t at, size_t *node);

/* Walks the tree with k centroids. The jobs are left in state->job, 0 .. jobs - 1 and max_jobs. */
km_status km_tree_walk(km_tree_state *state, const km_visitor *visitor, const double *centroids,
                       size_t k, const double *path, const km_summary *summary);

/* The job's tally of a cluster; zero when it is asked for the first time. */
km_tally *km_job_tally(const km_walk *walk, uint32_t label);

static inline double *km_tally_terms(km_tally *tally, size_t sums) {
  return &tally->sums[sums].high;
}

/* Calls merge for every cluster in every job, in an order that depends on the tree and the
** centroids alone, and empties the jobs. Returns how many points moved. */
size_t km_tree_merge(km_tree_state *state, void *context,
                     void (*merge)(void *context, uint32_t label, km_tally *tally));

/* Finds which points of leaf `at` each of m candidates owns, walk->owned[0 .. m), one bit a point, and
** the squared distances to their owners. Returns the slack. */
double km_tree_nearest(const km_walk *walk, size_t at, const uint32_t *candidate, size_t m,
                       double *distance);

/* The points of a leaf that exist, as bits. */
static inline uint64_t km_leaf_points(const km_node *leaf) {
  return UINT64_MAX >> (KM_BLOCK - leaf->points);
}

/* The number of the lowest bit of bits > 0, which is cleared. */
static inline size_t km_next_bit(uint64_t *bits) {
  size_t i = (size_t)__builtin_ctzll(*bits);
  *bits &= *bits - 1;
  return i;
}

#endif
