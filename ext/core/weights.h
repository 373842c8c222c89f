/* The weights of a dataset's rows: what is known about all of them, and rows drawn in proportion.
**
** A weight of m is as good as m copies of the row. Sums take weights times a power of two that brings
** the largest below 1 (km_blocks.weight_unit): no weight makes a sum overflow that would not have
** done so without, and whole weights give the same bits as copies.
*/
#ifndef KM_CORE_WEIGHTS_H
#define KM_CORE_WEIGHTS_H

#include "core/dataset.h"
#include "core/random.h"

typedef struct km_weights {
  double unit; /* a power of two: the largest weight times this is in [0.5, 1); 1 without weights */
  double total; /* of all rows, not times unit */
  int whole;    /* all weights are whole numbers, and total is below 2^53 */
  size_t zeros; /* rows of weight 0 */
} km_weights;

/* Goes through all weights; without any, the total is 0. */
km_status km_weights_measure(const km_dataset *data, km_hooks *hooks, km_weights *weights);

/* Copies the rows whose weight is not 0, with their weights; km_dataset_clear is due in any case. */
km_status km_weights_select(const km_dataset *data, km_hooks *hooks, const km_weights *weights,
                            km_dataset *selected);

/* Draws rows in proportion to their weights. */
typedef struct km_lottery {
  const km_dataset *data;
  km_weights weights;
  km_chunks tickets; /* a double per row: the sum of the weights up to this one, times unit unless
                        they are whole; empty without weights */
} km_lottery;

/* On any status km_lottery_clear is due. */
km_status km_lottery_init(km_lottery *lottery, const km_dataset *data, km_hooks *hooks);
void km_lottery_clear(km_lottery *lottery, km_hooks *hooks);

/* A row. Whole weights are drawn from as the rows of the copies would be. */
size_t km_lottery_draw(const km_lottery *lottery, km_random *random);

/* Draws one row, as a lottery of its own. */
km_status km_draw_row(const km_dataset *data, km_hooks *hooks, km_random *random, size_t *row);

#endif
