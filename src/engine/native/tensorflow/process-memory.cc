// glibc returns large blocks to the system as soon as they are freed, which then clears every page again for the next step. That
// took up to a third of an evaluation.
#include "process-memory.h"

#include <cstdint>
#include <cstdlib>

#ifdef __linux__
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace qprune {
namespace {

// Smaller blocks share pages with others.
constexpr size_t kLeast = size_t{4} << 20;
constexpr uintptr_t kLargePage = uintptr_t{2} << 20;

}  // namespace

void useLargePages(void* block, size_t bytes) {
#ifdef __linux__
  if (bytes < kLeast) return;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + kLargePage - 1) & ~(kLargePage - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + bytes) & ~(kLargePage - 1);
  // A kernel without large pages refuses, which changes nothing.
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

#ifdef __GLIBC__
namespace {

// Less than the 64 MiB of a heap of another thread, which glibc otherwise never returns.
constexpr int kGrowth = 16 << 20;
constexpr size_t kReserved = size_t{1} << 30;

// Blocks come from the heap of the process, which grows by kGrowth bytes and keeps freed ones at its end. Its first part has large
// pages; memory that was never written takes none. A large calloc, though, writes its zeros.
const bool freedBlocksAreKept = [] {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TOP_PAD, kGrowth);
  mallopt(M_TRIM_THRESHOLD, -1);  // no limit
  void* heap = malloc(kReserved);
  if (heap != nullptr) useLargePages(heap, kReserved);
  free(heap);
  return heap != nullptr;
}();

}  // namespace
#endif

}  // namespace qprune
