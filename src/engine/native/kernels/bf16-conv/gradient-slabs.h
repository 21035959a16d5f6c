// How the gradient of a kernel is summed: the images are divided into slabs with a sum each, which one thread computes, and
// the sums are added in the end. Where such sums would be too large, there is one slab, and the threads share its values.
// Either way the shape alone determines the order of all sums.
#pragma once

#include <cstdint>

#include "../integer-conv/conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

// The positions of a 1x1 convolution without padding at stride 1, divided into rows of equal length, even if possible. Other
// shapes are returned as they are.
ConvShape flattenedRows(const ConvShape& shape);

struct GradientSlabs {
  explicit GradientSlabs(const ConvShape& shape);
  int64_t slabs, slabImages;
  int64_t values;  // of the gradient
};

// A part of a slab, whose operands fit into a cache.
struct GradientChunk {
  int64_t firstImage, images;
  int64_t firstRow, rows;  // of the output
};

// total[i] += sums[i], sums[values + i] and so on.
void addSlabSums(const GradientSlabs& slabs, const float* sums, float* total, Parallel& parallel);

// Calls addSlab(slab, thread, sum, parallel) for all slabs, of which the first is summed in `total` and the others in `sums`,
// and adds them up.
template <class AddSlab>
void sumSlabs(const GradientSlabs& s, float* sums, float* total, Parallel& parallel, const AddSlab& addSlab) {
  if (s.slabs == 1) return addSlab(0, 0, total, parallel);
  forEachPiece(parallel, s.slabs, [&](int64_t slab, int thread) {
    SingleThread alone;
    addSlab(slab, thread, slab == 0 ? total : sums + (slab - 1) * s.values, alone);
  });
  addSlabSums(s, sums, total, parallel);
}

}  // namespace qprune
