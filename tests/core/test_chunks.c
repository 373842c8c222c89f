/* km_chunks: growing arrays whose items can leave at the front. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/chunks.h"
#include "core_hooks.h"

/* Item sizes from many in a chunk to one in a chunk, and larger than a chunk. */
static const size_t item_sizes[] = {4,
                                    8,
                                    24,
                                    KM_CHUNK_BYTES / 64,
                                    KM_CHUNK_BYTES / 3,
                                    KM_CHUNK_BYTES / 2 + 8,
                                    KM_CHUNK_BYTES,
                                    KM_CHUNK_BYTES + 8};

#define ITEM_SIZES (sizeof item_sizes / sizeof *item_sizes)

/* Marks the first and the last bytes of item number `mark`. */
static void write_mark(void *item, size_t item_bytes, uint32_t mark) {
  memcpy(item, &mark, sizeof mark);
  memcpy((char *)item + item_bytes - sizeof mark, &mark, sizeof mark);
}

static void assert_mark(const void *item, size_t item_bytes, uint32_t mark) {
  uint32_t first;
  uint32_t last;
  memcpy(&first, item, sizeof first);
  memcpy(&last, (const char *)item + item_bytes - sizeof last, sizeof last);
  assert_int_equal(first, mark);
  assert_int_equal(last, mark);
}

/* Every run stays in one block of memory, and the runs together are the array. */
static void assert_items(const km_chunks *chunks, uint32_t first_mark) {
  size_t run = 0;
  for (size_t i = 0; i < chunks->count; i += run) {
    const char *item = km_chunks_at(chunks, i);
    run = km_chunks_run(chunks, i);
    assert_true(run >= 1 && run <= chunks->count - i);
    for (size_t r = 0; r < run; r++) {
      assert_ptr_equal(km_chunks_at(chunks, i + r), item + r * chunks->item_bytes);
      assert_mark(item + r * chunks->item_bytes, chunks->item_bytes,
                  first_mark + (uint32_t)(i + r));
    }
  }
}

static void push(km_chunks *chunks, core_hooks *hooks, uint32_t mark) {
  void *item = km_chunks_push(chunks, &hooks->hooks);
  assert_non_null(item);
  assert_ptr_equal(item, km_chunks_at(chunks, chunks->count - 1));
  write_mark(item, chunks->item_bytes, mark);
}

/* How many items to use, so that several chunks are filled but memory stays small. */
static size_t items_for(const km_chunks *chunks) {
  size_t per_chunk = (size_t)1 << chunks->shift;
  return per_chunk > 1000 ? 2 * per_chunk + 5 : 5 * per_chunk + 3;
}

static void pushes_across_chunks(void **state) {
  (void)state;
  core_hooks hooks;
  core_hooks_init(&hooks);
  for (size_t s = 0; s < ITEM_SIZES; s++) {
    km_chunks chunks;
    km_chunks_init(&chunks, item_sizes[s]);
    assert_int_equal(hooks.allocations, 0);
    size_t count = items_for(&chunks);
    for (size_t i = 0; i < count; i++) {
      push(&chunks, &hooks, (uint32_t)i);
      assert_int_equal(chunks.count, i + 1);
    }
    assert_items(&chunks, 0);
    km_chunks_clear(&chunks, &hooks.hooks);
    assert_int_equal(chunks.count, 0);
    assert_int_equal(hooks.live, 0);
    push(&chunks, &hooks, 7);
    assert_items(&chunks, 7);
    km_chunks_clear(&chunks, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    hooks.allocations = 0;
  }
}

static void a_chunk_is_as_full_as_it_can_be(void **state) {
  (void)state;
  for (size_t item_bytes = 1; item_bytes < 3 * KM_CHUNK_BYTES; item_bytes += item_bytes / 3 + 1) {
    km_chunks chunks;
    km_chunks_init(&chunks, item_bytes);
    size_t per_chunk = (size_t)1 << chunks.shift;
    assert_true(per_chunk == 1 || per_chunk * item_bytes <= KM_CHUNK_BYTES);
    assert_true(2 * per_chunk * item_bytes > KM_CHUNK_BYTES);
  }
}

static void small_arrays_take_little(void **state) {
  (void)state;
  core_hooks hooks;
  km_chunks chunks;
  core_hooks_init(&hooks);
  km_chunks_init(&chunks, 8);
  for (uint32_t i = 0; i < 100; i++) {
    push(&chunks, &hooks, i);
  }
  assert_true(hooks.live_bytes < 100 * 8 * 2 + 100);
  assert_items(&chunks, 0);
  km_chunks_clear(&chunks, &hooks.hooks);
}

/* A window of `width` items that slides over `total`. */
static void slide(size_t item_bytes, size_t width, size_t total) {
  core_hooks hooks;
  km_chunks chunks;
  core_hooks_init(&hooks);
  km_chunks_init(&chunks, item_bytes);
  size_t per_chunk = (size_t)1 << chunks.shift;
  for (size_t i = 0; i < total; i++) {
    push(&chunks, &hooks, (uint32_t)i);
    if (chunks.count > width) {
      km_chunks_pop_front(&chunks, &hooks.hooks);
      assert_int_equal(chunks.count, width);
    }
    if (i % 97 == 0 || i % per_chunk < 2) {
      assert_items(&chunks, (uint32_t)(i + 1 - chunks.count));
    }
    size_t chunks_needed = (width + per_chunk) / per_chunk + 2;
    assert_true(hooks.live_bytes <=
                chunks_needed * per_chunk * item_bytes + 16 * sizeof(void *) * (1 + i / per_chunk));
  }
  while (chunks.count > 0) {
    km_chunks_pop_front(&chunks, &hooks.hooks);
  }
  push(&chunks, &hooks, 99);
  assert_items(&chunks, 99);
  km_chunks_clear(&chunks, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  assert_int_equal(hooks.live_bytes, 0);
}

static void window_slides(void **state) {
  (void)state;
  slide(KM_CHUNK_BYTES + 8, 3, 20);
  slide(KM_CHUNK_BYTES / 2, 5, 41);
  slide(KM_CHUNK_BYTES / 16, 1, 300);
  slide(KM_CHUNK_BYTES / 16, 16, 300);
  slide(KM_CHUNK_BYTES / 64, 100, 1000);
  slide(KM_CHUNK_BYTES >= 4096 * sizeof(uint32_t) ? KM_CHUNK_BYTES / 4096 : sizeof(uint32_t), 5000,
        20000);
}

/* Pushes and pops in turn, from an empty array and back to one, again and again. */
static void empties_and_fills_again(void **state) {
  (void)state;
  core_hooks hooks;
  km_chunks chunks;
  uint32_t next = 0;
  core_hooks_init(&hooks);
  km_chunks_init(&chunks, KM_CHUNK_BYTES / 8);
  for (uint32_t round = 1; round < 40; round++) {
    for (uint32_t i = 0; i < round; i++) {
      push(&chunks, &hooks, next++);
    }
    assert_items(&chunks, next - round);
    for (uint32_t i = 0; i < round; i++) {
      km_chunks_pop_front(&chunks, &hooks.hooks);
    }
    assert_int_equal(chunks.count, 0);
  }
  km_chunks_clear(&chunks, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void fills_at_once(void **state) {
  (void)state;
  core_hooks hooks;
  core_hooks_init(&hooks);
  for (size_t s = 0; s < ITEM_SIZES; s++) {
    km_chunks chunks;
    km_chunks_init(&chunks, item_sizes[s]);
    size_t most = items_for(&chunks);
    for (size_t count = 0; count <= most; count = count * 2 + 1) {
      assert_int_equal(km_chunks_fill(&chunks, &hooks.hooks, count), KM_OK);
      assert_int_equal(chunks.count, count);
      for (size_t i = 0; i < count; i++) {
        write_mark(km_chunks_at(&chunks, i), item_sizes[s], (uint32_t)i);
      }
      assert_items(&chunks, 0);
      km_chunks_clear(&chunks, &hooks.hooks);
      assert_int_equal(hooks.live, 0);
    }
  }
}

/* A push that fails changes nothing, and the next one works. */
static void push_survives_failed_allocations(void **state) {
  (void)state;
  core_hooks hooks;
  km_chunks chunks;
  core_hooks_init(&hooks);
  km_chunks_init(&chunks, KM_CHUNK_BYTES / 32);
  for (uint32_t i = 0; i < 500; i++) {
    hooks.fail_at = hooks.allocations + 1;
    void *item = km_chunks_push(&chunks, &hooks.hooks);
    if (item) {
      write_mark(item, chunks.item_bytes, i);
    } else {
      assert_int_equal(chunks.count, i);
      assert_items(&chunks, 0);
      hooks.fail_at = hooks.allocations + 2; /* where two blocks are needed, the second fails */
      item = km_chunks_push(&chunks, &hooks.hooks);
      hooks.fail_at = 0;
      if (!item) {
        assert_int_equal(chunks.count, i);
        item = km_chunks_push(&chunks, &hooks.hooks);
      }
      assert_non_null(item);
      write_mark(item, chunks.item_bytes, i);
    }
    assert_int_equal(chunks.count, i + 1);
  }
  assert_items(&chunks, 0);
  km_chunks_clear(&chunks, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void fill_gives_all_back_after_failure(void **state) {
  (void)state;
  size_t fail = 0;
  km_status status = KM_NOMEM;
  while (status != KM_OK) {
    core_hooks hooks;
    km_chunks chunks;
    core_hooks_init(&hooks);
    hooks.fail_at = ++fail;
    km_chunks_init(&chunks, KM_CHUNK_BYTES);
    status = km_chunks_fill(&chunks, &hooks.hooks, 20);
    assert_true(status == KM_OK || status == KM_NOMEM);
    km_chunks_clear(&chunks, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
  assert_true(fail > 20);
}

static void clears_a_zeroed_struct(void **state) {
  (void)state;
  core_hooks hooks;
  km_chunks chunks;
  core_hooks_init(&hooks);
  memset(&chunks, 0, sizeof chunks);
  km_chunks_clear(&chunks, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void refuses_sizes_that_overflow(void **state) {
  (void)state;
  core_hooks hooks;
  core_hooks_init(&hooks);
  assert_null(km_allocate(&hooks.hooks, SIZE_MAX / 8 + 1, 8));
  assert_null(km_allocate(&hooks.hooks, SIZE_MAX, SIZE_MAX));
  assert_int_equal(hooks.allocations, 0);
  void *nothing = km_allocate(&hooks.hooks, 0, 8);
  assert_non_null(nothing);
  km_release(&hooks.hooks, nothing);
  km_release(&hooks.hooks, NULL);
  assert_int_equal(hooks.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pushes_across_chunks),
      cmocka_unit_test(a_chunk_is_as_full_as_it_can_be),
      cmocka_unit_test(small_arrays_take_little),
      cmocka_unit_test(window_slides),
      cmocka_unit_test(empties_and_fills_again),
      cmocka_unit_test(fills_at_once),
      cmocka_unit_test(push_survives_failed_allocations),
      cmocka_unit_test(fill_gives_all_back_after_failure),
      cmocka_unit_test(clears_a_zeroed_struct),
      cmocka_unit_test(refuses_sizes_that_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
