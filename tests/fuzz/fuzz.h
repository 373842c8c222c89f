/* Fuzzing: each fuzz_NAME.c tells what one input is and what must hold for any. libFuzzer makes inputs
** up (make fuzz); replay.c runs those that are kept, in seeds/NAME and crashes/NAME (make test).
*/
#ifndef KM_TESTS_FUZZ_H
#define KM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What is left of an input that is read byte by byte. */
typedef struct fuzz_input {
  const uint8_t *at;
  const uint8_t *end;
} fuzz_input;

/* Its next byte; 0 behind its end. */
static inline size_t fuzz_take(fuzz_input *input) {
  return input->at < input->end ? *input->at++ : 0;
}

/* Runs one input; returns 0. A promise that is broken ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with a message unless `holds`. */
void fuzz_require(int holds, const char *promise, const char *detail);

/* What inputs of a target are made of: words and whole phrases, NULL at the end. mutate.c puts them
** together. */
extern const char *const fuzz_phrases[];

#endif
