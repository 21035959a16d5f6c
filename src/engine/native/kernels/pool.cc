// The loops of pooling, image by image.
#include "pool.h"

#include <algorithm>
#include <cstring>

#include "multiversion.h"
#include "scratch.h"

namespace qprune {
namespace {

// A pool's shape. The loops take it by value, so that it stays in registers across calls of cloned functions, which could
// change what a reference refers to.
struct Plane : PoolShape {
  explicit Plane(const PoolShape& shape) : PoolShape(shape) {}
  int64_t inSize() const { return height * width * channels; }
  int64_t outSize() const { return out.rows * out.columns * channels; }
};

struct Layout {
  Layout(const PoolShape& shape, int threads, Scratch& scratch)
      : indices(scratch.takePerThread<int32_t>(shape.channels, threads)),
        in(scratch.takePerThread<float>(shape.channels, threads)),
        out(scratch.takePerThread<float>(shape.channels, threads)) {}
  PerThread<int32_t> indices;  // of the maxima of one window, [channels]
  PerThread<float> in, out;    // the channels of a position that are not stored as floats
};

// Gradients of windows overlap, so they are added up as floats, an image at a time.
struct GradientLayout {
  GradientLayout(const PoolShape& shape, int threads, Scratch& scratch)
      : in(scratch.takePerThread<float>(shape.channels, threads)),
        image(scratch.takePerThread<float>(shape.height * shape.width * shape.channels, threads)) {}
  PerThread<float> in, image;
};

// Values of one image, and the buffer of one position.
struct ImageValues {
  Values values;
  float* buffer;
  const float* at(int64_t index, int64_t channels) const { return values.floats(index, channels, buffer); }
};

struct ImageResults {
  Results results;
  float* buffer;
  float* place(int64_t index) const { return results.place(index, buffer); }
  void store(int64_t index, int64_t channels, const float* from) const { results.store(index, channels, from); }
};

// Calls visit(index, row, column) for the positions of the window at (outRow, outColumn) inside the image.
template <class Visit>
QPRUNE_INLINE void visitWindow(const Plane& p, int64_t outRow, int64_t outColumn, Visit visit) {
  for (int64_t index = 0; index < p.kernel.rows * p.kernel.columns; index++) {
    const int64_t row = outRow * p.stride.rows - p.padding.top + index / p.kernel.columns;
    const int64_t column = outColumn * p.stride.columns - p.padding.left + index % p.kernel.columns;
    if (row >= 0 && row < p.height && column >= 0 && column < p.width) visit(index, row, column);
  }
}

QPRUNE_CLONES void takeLarger(const float* __restrict x, float* __restrict best, int32_t* __restrict indices,
                              int32_t index, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const bool isLarger = x[c] > best[c];
    best[c] = isLarger ? x[c] : best[c];
    indices[c] = isLarger ? index : indices[c];
  }
}

QPRUNE_CLONES void toBytes(const int32_t* __restrict indices, uint8_t* __restrict bytes, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) bytes[c] = static_cast<uint8_t>(indices[c]);
}

QPRUNE_CLONES void addWhere(const float* __restrict dy, const uint8_t* __restrict argmax, uint8_t index,
                            float* __restrict dx, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) dx[c] += argmax[c] == index ? dy[c] : 0.0f;
}

QPRUNE_CLONES void addScaled(const float* __restrict x, float factor, float* __restrict sum,
                             int64_t channels) {
  for (int64_t c = 0; c < channels; c++) sum[c] += x[c] * factor;
}

void maxPoolImage(Plane p, const ImageValues& x, const ImageResults& y, uint8_t* argmax, int32_t* indices) {
  for (int64_t outRow = 0; outRow < p.out.rows; outRow++)
    for (int64_t outColumn = 0; outColumn < p.out.columns; outColumn++) {
      const int64_t at = (outRow * p.out.columns + outColumn) * p.channels;
      bool isFirst = true;
      float* const best = y.place(at);
      visitWindow(p, outRow, outColumn, [&](int64_t index, int64_t row, int64_t column) {
        const float* values = x.at((row * p.width + column) * p.channels, p.channels);
        if (isFirst) {
          std::memcpy(best, values, p.channels * sizeof(float));
          std::fill(indices, indices + p.channels, static_cast<int32_t>(index));
          isFirst = false;
        } else {
          takeLarger(values, best, indices, static_cast<int32_t>(index), p.channels);
        }
      });
      y.store(at, p.channels, best);
      toBytes(indices, argmax + at, p.channels);
    }
}

template <class Code>
QPRUNE_INLINE void takeLarger(const Code* __restrict x, Code* __restrict best, uint8_t* __restrict argmax, uint8_t index,
                              int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const bool isLarger = x[c] > best[c];
    best[c] = isLarger ? x[c] : best[c];
    argmax[c] = isLarger ? index : argmax[c];
  }
}

QPRUNE_CLONES void takeLargerCodes(const uint8_t* x, uint8_t* best, uint8_t* argmax, uint8_t index, int64_t channels) {
  takeLarger(x, best, argmax, index, channels);
}
QPRUNE_CLONES void takeLargerCodes(const int8_t* x, int8_t* best, uint8_t* argmax, uint8_t index, int64_t channels) {
  takeLarger(x, best, argmax, index, channels);
}

// The maxima of codes are the codes of the maxima.
template <class Code>
void maxPoolCodes(Plane p, const Code* x, Code* y, uint8_t* argmax) {
  for (int64_t outRow = 0; outRow < p.out.rows; outRow++)
    for (int64_t outColumn = 0; outColumn < p.out.columns; outColumn++, y += p.channels, argmax += p.channels) {
      bool isFirst = true;
      visitWindow(p, outRow, outColumn, [&](int64_t index, int64_t row, int64_t column) {
        const Code* values = x + (row * p.width + column) * p.channels;
        if (isFirst) {
          std::copy(values, values + p.channels, y);
          std::fill(argmax, argmax + p.channels, static_cast<uint8_t>(index));
          isFirst = false;
        } else {
          takeLargerCodes(values, y, argmax, static_cast<uint8_t>(index), p.channels);
        }
      });
    }
}

template <class Code>
void maxPoolCodes(const Plane& p, const Values& x, const Results& y, int64_t image, uint8_t* argmax) {
  maxPoolCodes(p, static_cast<const Code*>(x.at(image * p.inSize())), static_cast<Code*>(y.at(image * p.outSize())), argmax);
}

void maxPoolGradientImage(Plane p, const ImageValues& dy, const uint8_t* argmax, float* dx) {
  std::memset(dx, 0, p.inSize() * sizeof(float));
  for (int64_t outRow = 0; outRow < p.out.rows; outRow++)
    for (int64_t outColumn = 0; outColumn < p.out.columns; outColumn++) {
      const int64_t at = (outRow * p.out.columns + outColumn) * p.channels;
      const float* values = dy.at(at, p.channels);
      visitWindow(p, outRow, outColumn, [&](int64_t index, int64_t row, int64_t column) {
        addWhere(values, argmax + at, static_cast<uint8_t>(index),
                 dx + (row * p.width + column) * p.channels, p.channels);
      });
    }
}

// The positions of window `index` along one axis that count, with `before` and `after` positions of padding that count.
int64_t extent(int64_t index, int64_t kernel, int64_t stride, int64_t padding, int64_t length, int64_t before,
               int64_t after) {
  const int64_t start = index * stride - padding;
  return std::min(start + kernel, length + after) - std::max(start, -before);
}

// The factor of the values of a window in its mean.
float shareOf(const Plane& p, bool countsPadding, int64_t outRow, int64_t outColumn) {
  const Padding counted = countsPadding ? p.padding : Padding{0, 0, 0, 0};
  const int64_t rows = extent(outRow, p.kernel.rows, p.stride.rows, p.padding.top, p.height, counted.top,
                              counted.bottom);
  const int64_t columns = extent(outColumn, p.kernel.columns, p.stride.columns, p.padding.left, p.width,
                                 counted.left, counted.right);
  return 1.0f / static_cast<float>(rows * columns);
}

void averagePoolImage(Plane p, bool countsPadding, const ImageValues& x, const ImageResults& y) {
  for (int64_t outRow = 0; outRow < p.out.rows; outRow++)
    for (int64_t outColumn = 0; outColumn < p.out.columns; outColumn++) {
      const float share = shareOf(p, countsPadding, outRow, outColumn);
      const int64_t at = (outRow * p.out.columns + outColumn) * p.channels;
      float* const sum = y.place(at);
      std::memset(sum, 0, p.channels * sizeof(float));
      visitWindow(p, outRow, outColumn, [&](int64_t, int64_t row, int64_t column) {
        addScaled(x.at((row * p.width + column) * p.channels, p.channels), share, sum, p.channels);
      });
      y.store(at, p.channels, sum);
    }
}

void averagePoolGradientImage(Plane p, bool countsPadding, const ImageValues& dy, float* dx) {
  std::memset(dx, 0, p.inSize() * sizeof(float));
  for (int64_t outRow = 0; outRow < p.out.rows; outRow++)
    for (int64_t outColumn = 0; outColumn < p.out.columns; outColumn++) {
      const float share = shareOf(p, countsPadding, outRow, outColumn);
      const float* values = dy.at((outRow * p.out.columns + outColumn) * p.channels, p.channels);
      visitWindow(p, outRow, outColumn, [&](int64_t, int64_t row, int64_t column) {
        addScaled(values, share, dx + (row * p.width + column) * p.channels, p.channels);
      });
    }
}

// Calls body(image, thread) for every image.
template <class Body>
void forImages(int64_t images, Parallel& parallel, const Body& body) {
  parallelFor(parallel, images, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t image = begin; image < end; image++) body(image, thread);
  });
}

}  // namespace

size_t poolScratchBytes(const PoolShape& shape, const Parallel& parallel) {
  return bytesOf<Layout>(shape, parallel.threads());
}

void maxPool(const PoolShape& shape, const Values& x, const Results& y, uint8_t* argmax, void* scratch,
             Parallel& parallel) {
  const Plane p(shape);
  const auto at = layOut<Layout>(scratch, shape, parallel.threads());
  forImages(shape.images, parallel, [&](int64_t i, int thread) {
    if (y.storage == Storage::codes) return maxPoolCodes<uint8_t>(p, x, y, i, argmax + i * p.outSize());
    if (y.storage == Storage::signedCodes) return maxPoolCodes<int8_t>(p, x, y, i, argmax + i * p.outSize());
    maxPoolImage(p, {x.from(i * p.inSize()), at.in.of(thread)}, {y.from(i * p.outSize()), at.out.of(thread)},
                 argmax + i * p.outSize(), at.indices.of(thread));
  });
}

size_t poolGradientScratchBytes(const PoolShape& shape, const Parallel& parallel) {
  return bytesOf<GradientLayout>(shape, parallel.threads());
}

void maxPoolGradient(const PoolShape& shape, const Values& dy, const uint8_t* argmax, const Results& dx, void* scratch,
                     Parallel& parallel) {
  const Plane p(shape);
  const auto at = layOut<GradientLayout>(scratch, shape, parallel.threads());
  forImages(shape.images, parallel, [&](int64_t i, int thread) {
    float* const sums = dx.place(i * p.inSize(), at.image.of(thread));
    maxPoolGradientImage(p, {dy.from(i * p.outSize()), at.in.of(thread)}, argmax + i * p.outSize(), sums);
    dx.store(i * p.inSize(), p.inSize(), sums);
  });
}

void averagePool(const PoolShape& shape, bool countsPadding, const Values& x, const Results& y, void* scratch,
                 Parallel& parallel) {
  const Plane p(shape);
  const auto at = layOut<Layout>(scratch, shape, parallel.threads());
  forImages(shape.images, parallel, [&](int64_t i, int thread) {
    averagePoolImage(p, countsPadding, {x.from(i * p.inSize()), at.in.of(thread)},
                     {y.from(i * p.outSize()), at.out.of(thread)});
  });
}

void averagePoolGradient(const PoolShape& shape, bool countsPadding, const Values& dy, const Results& dx, void* scratch,
                         Parallel& parallel) {
  const Plane p(shape);
  const auto at = layOut<GradientLayout>(scratch, shape, parallel.threads());
  forImages(shape.images, parallel, [&](int64_t i, int thread) {
    float* const sums = dx.place(i * p.inSize(), at.image.of(thread));
    averagePoolGradientImage(p, countsPadding, {dy.from(i * p.outSize()), at.in.of(thread)}, sums);
    dx.store(i * p.inSize(), p.inSize(), sums);
  });
}

}  // namespace qprune
