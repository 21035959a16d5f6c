// The memory of tensors and scratch blocks, which every step frees and the next one allocates again.
#pragma once

#include <cstddef>

namespace qprune {

// Asks for large pages for a block that has not been written yet: the system then provides, and clears, 2 MiB at a time.
void useLargePages(void* block, size_t bytes);

}  // namespace qprune
