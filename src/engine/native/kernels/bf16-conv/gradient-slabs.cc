// How many slabs there are, and their sum.
#include "gradient-slabs.h"

#include <algorithm>

#include "../multiversion.h"

namespace qprune {
namespace {

// Enough for the threads of one machine; more would only add to the sums in the end.
constexpr int64_t kFewestSlabs = 4, kMostSlabs = 16;
// The largest gradient of which several sums are kept, in values.
constexpr int64_t kMostSlabValues = 2 << 20;
// Columns of a 1x1 convolution's positions, which are one row after another.
constexpr int64_t kMostFlatColumns = 256;

int64_t slabsFor(const ConvShape& s, int64_t values) {
  if (s.images < kFewestSlabs || values > kMostSlabValues) return 1;
  const int64_t operands = s.images * (s.height * s.width * s.inputs + s.outHeight() * s.outWidth() * s.outputs);
  // Half as many values are added in the end as were read before, if there are more than the fewest slabs.
  return std::min(s.images, std::clamp<int64_t>(operands / (2 * values), kFewestSlabs, kMostSlabs));
}

QPRUNE_CLONES void addSums(const float* sums, int64_t slabs, int64_t values, int64_t begin, int64_t end, float* total) {
  for (int64_t slab = 0; slab < slabs; slab++, sums += values)
    for (int64_t i = begin; i < end; i++) total[i] += sums[i];
}

}  // namespace

ConvShape flattenedRows(const ConvShape& s) {
  const bool isPointwise = s.kernelHeight == 1 && s.kernelWidth == 1 && s.stride.rows == 1 && s.stride.columns == 1 &&
                           s.padding.top == 0 && s.padding.left == 0 && s.padding.bottom == 0 && s.padding.right == 0;
  if (!isPointwise) return s;
  const int64_t positions = s.images * s.height * s.width;
  int64_t columns = 0;
  for (int64_t divisor = 1; divisor <= kMostFlatColumns; divisor++)
    if (positions % divisor == 0 && (divisor % 2 == 0 || columns % 2 == 1 || columns == 0)) columns = divisor;
  ConvShape flat = s;
  flat.images = positions / columns;
  flat.height = 1;
  flat.width = columns;
  return flat;
}

GradientSlabs::GradientSlabs(const ConvShape& s) : values(s.kernelHeight * s.kernelWidth * s.inputs / s.groups * s.outputs) {
  const int64_t wanted = slabsFor(s, values);
  slabImages = std::max<int64_t>(1, (s.images + wanted - 1) / wanted);
  slabs = std::max<int64_t>(1, (s.images + slabImages - 1) / slabImages);
}

void addSlabSums(const GradientSlabs& slabs, const float* sums, float* total, Parallel& parallel) {
  constexpr int64_t kGrain = 4096;
  parallelFor(parallel, slabs.values, kGrain, [&](int64_t begin, int64_t end, int) {
    addSums(sums, slabs.slabs - 1, slabs.values, begin, end, total);
  });
}

}  // namespace qprune
