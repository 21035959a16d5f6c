// The loops of sums and copies, part by part.
#include "add-values.h"

#include "multiversion.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

QPRUNE_CLONES void add(const float* __restrict a, const float* __restrict b, float* __restrict y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

// Calls body(first value, values) for parts of [0, count).
template <class Body>
void forParts(int64_t count, Parallel& parallel, const Body& body) {
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    for (int64_t first = begin; first < end; first += kStagedValues) body(first, std::min(kStagedValues, end - first));
  });
}

}  // namespace

void addValues(const Values& a, const Values& b, const Results& y, int64_t count, Parallel& parallel) {
  forParts(count, parallel, [&](int64_t first, int64_t size) {
    float left[kStagedValues], right[kStagedValues], sums[kStagedValues];
    float* const to = y.place(first, sums);
    add(a.floats(first, size, left), b.floats(first, size, right), to, size);
    y.store(first, size, to);
  });
}

void copyValues(const Values& x, const Results& y, int64_t count, Parallel& parallel) {
  forParts(count, parallel, [&](int64_t first, int64_t size) {
    if (y.isFloat()) return x.widen(first, size, static_cast<float*>(y.at(first)));
    float buffer[kStagedValues];
    y.store(first, size, x.floats(first, size, buffer));
  });
}

}  // namespace qprune
