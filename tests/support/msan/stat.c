/* For `make msan` with an SQLite of its own: some versions of clang do not know that stat and its like
** write what they return, where the C library has them as functions (glibc 2.33 and later). The linker
** puts these in their place (--wrap). */
#include <stddef.h>
#include <sys/stat.h>

/* As sanitizer/msan_interface.h has it, which comes with clang only. */
void __msan_unpoison(const volatile void *bytes, size_t size);

#define WRAP(NAME, TYPE)                                                                           \
  int __real_##NAME(TYPE, void *);                                                                 \
  int __wrap_##NAME(TYPE of, void *status);                                                        \
  int __wrap_##NAME(TYPE of, void *status) {                                                       \
    int result = __real_##NAME(of, status);                                                        \
    if (result == 0) {                                                                             \
      __msan_unpoison(status, sizeof(struct stat));                                                \
    }                                                                                              \
    return result;                                                                                 \
  }

WRAP(stat, const char *)
WRAP(lstat, const char *)
WRAP(fstat, int)
WRAP(stat64, const char *)
WRAP(lstat64, const char *)
WRAP(fstat64, int)
