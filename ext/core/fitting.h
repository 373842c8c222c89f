/* What the runs of one fit share: the points that count, the engine, the random numbers. */
#ifndef KM_CORE_FITTING_H
#define KM_CORE_FITTING_H

#include "core/engine.h"
#include "core/lloyd.h"

typedef struct km_fitting {
  const km_params *params; /* borrowed */
  km_hooks *hooks;
  const km_dataset *all;  /* borrowed */
  const km_dataset *data; /* the points that have weight: `all` or `selected` */
  km_dataset selected;
  size_t distinct; /* as in km_result */
  size_t k;        /* how many clusters the data allows; 0: no point has weight, there is no fit */
  km_blocks blocks;
  km_workers workers;
  km_engine engine;
  km_random random;
  km_random swaps; /* a stream of its own: every run starts as it would without refine */
  double *initial; /* k * dims, or NULL: given centroids, in the space of the clustering */
  int refine;
  double *ends; /* where runs have ended: ended * (k * dims + 1), and room for one more; or NULL */
  size_t ended;
  double points; /* how many the rows stand for */
  double tol;    /* times unit^2 and the mean variance */
} km_fitting;

/* Prepares for runs on the data. The struct must not move afterwards; km_fitting_end is due on any
** status. */
km_status km_fitting_begin(km_fitting *fit, const km_dataset *data, const km_params *params,
                           km_hooks *hooks);
void km_fitting_end(km_fitting *fit);

/* A run from centroids of its own: makes a result for it, whose arrays it uses, and chooses them. */
km_status km_fitting_seed(km_fitting *fit, size_t run, km_lloyd *lloyd, km_result *result);

/* Makes a result of the run's centroids, in canonical order and with the labels that they give; no
** cluster is empty. `numbers`, k or NULL, are put in the same order. The labels are those of fit->data. */
km_status km_fitting_finish(km_fitting *fit, km_lloyd *lloyd, km_result *result, uint32_t *numbers);

/* Makes all runs that the parameters ask for, and keeps the best: *start are the random numbers that it
** began with, *run its number. */
km_status km_fitting_run(km_fitting *fit, km_result *result, km_random *start, size_t *run);

#endif
