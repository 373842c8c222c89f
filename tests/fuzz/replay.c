/* Runs all inputs that are kept of one target: seeds, and what once was a crash. The target is what the
** program is called by: fuzz_NAME. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <cmocka.h>

#include "fuzz.h"

enum { MOST = 1 << 20 };

static const char *target;

static void run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t *room = malloc(MOST);
  assert_non_null(file);
  assert_non_null(room);
  size_t size = fread(room, 1, MOST, file);
  fclose(file);
  /* As long as the input is, so that a tool sees who reads behind its end. */
  uint8_t *data = realloc(room, size ? size : 1);
  assert_non_null(data);
  LLVMFuzzerTestOneInput(data, size);
  free(data);
}

/* Runs the files of kind/target; returns how many there are. */
static size_t run_folder(const char *kind) {
  char folder[100];
  char path[1000];
  size_t count = 0;
  snprintf(folder, sizeof folder, "tests/fuzz/%s/%s", kind, target);
  DIR *directory = opendir(folder);
  struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      run_file(path);
      count++;
    }
  }
  if (directory) {
    closedir(directory);
  }
  return count;
}

static void seeds(void **state) {
  (void)state;
  assert_true(run_folder("seeds") > 0);
}

static void crashes(void **state) {
  (void)state;
  run_folder("crashes");
}

/* The shortest of inputs. */
static void nothing(void **state) {
  uint8_t data[2] = {0, 0};
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    data[0] = (uint8_t)byte;
    LLVMFuzzerTestOneInput(data, 1);
    LLVMFuzzerTestOneInput(data, 2);
  }
  LLVMFuzzerTestOneInput(data, 0);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(seeds),
      cmocka_unit_test(crashes),
      cmocka_unit_test(nothing),
  };
  const char *name = argc > 0 ? strstr(argv[0], "fuzz_") : NULL;
  if (!name) {
    return 1;
  }
  target = name + strlen("fuzz_");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
