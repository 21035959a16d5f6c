// Scratch memory: a kernel states how many bytes it needs, and the caller provides them as one block.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qprune {

// Every block starts at a multiple of this, and so does every array in it: a cache line and the widest vector.
constexpr size_t kScratchAlignment = 64;

// One array for each thread; no two share a cache line.
template <class T>
struct PerThread {
  T* first;
  int64_t stride;
  T* of(int thread) const { return first + thread * stride; }
};

// Divides a block into arrays, whose contents are undefined. Without a block it only counts their bytes, so that
// the same code states a size and lays the block out.
class Scratch {
 public:
  Scratch() = default;
  explicit Scratch(void* block) : block_(static_cast<char*>(block)) {}

  template <class T>
  T* take(int64_t count) {
    const size_t offset = bytes_;
    bytes_ += (static_cast<size_t>(count) * sizeof(T) + kScratchAlignment - 1) & ~(kScratchAlignment - 1);
    return block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + offset);
  }

  template <class T>
  PerThread<T> takePerThread(int64_t count, int threads) {
    constexpr int64_t kPerLine = kScratchAlignment / sizeof(T);
    const int64_t stride = (count + kPerLine - 1) / kPerLine * kPerLine;
    return {take<T>(stride * threads), stride};
  }

  size_t bytes() const { return bytes_; }

 private:
  char* block_ = nullptr;
  size_t bytes_ = 0;
};

// A layout is a struct that takes its arrays of a Scratch, which its constructor receives last.

// The bytes of a block for a layout.
template <class Layout, class... Arguments>
size_t bytesOf(const Arguments&... arguments) {
  Scratch counting;
  static_cast<void>(Layout(arguments..., counting));
  return counting.bytes();
}

// The arrays of a layout in a block that has room for them.
template <class Layout, class... Arguments>
Layout layOut(void* block, const Arguments&... arguments) {
  Scratch scratch(block);
  return Layout(arguments..., scratch);
}

// The same for a block that is only read from.
template <class Layout, class... Arguments>
const Layout layOut(const void* block, const Arguments&... arguments) {
  return layOut<Layout>(const_cast<void*>(block), arguments...);
}

}  // namespace qprune
