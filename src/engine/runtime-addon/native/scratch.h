// Memory that a thread keeps between calls.
#pragma once

#include <cstdlib>

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// A block that grows. No container of the standard library: the linker would keep one of its copies for all targets.
struct Block {
  void* start = nullptr;
  size_t bytes = 0;
  ~Block() { std::free(start); }
  template <class T>
  T* room(size_t count) {
    if (bytes < count * sizeof(T)) {
      std::free(start);
      bytes = count * sizeof(T);
      start = std::malloc(bytes);
    }
    return static_cast<T*>(start);
  }
};

// Scratch memory of a thread.
struct Scratch {
  Block rows, sums, row;
};

Scratch& scratch() {
  static thread_local Scratch own;
  return own;
}

}  // namespace
}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
