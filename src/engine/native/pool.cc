// Max and average pooling with symmetric padding; see core's pool.ts.
// QpruneMaxPool: y and, as bytes, the place of the first maximum in each window (row-major).
// QpruneMaxPoolGrad, QpruneAveragePool, QpruneAveragePoolGrad.
#include <algorithm>
#include <cstring>
#include <vector>

#include "op-kit.h"
#include "parallel.h"

namespace qprune {
namespace {

struct Window {
  explicit Window(const Attributes& a)
      : size(a.integer("size")), stride(a.integer("stride")), pad(a.integer("pad")) {}
  int64_t pooled(int64_t side) const { return (side + 2 * pad - size) / stride + 1; }
  int64_t size, stride, pad;
};

struct Plane {
  int64_t height, width, channels, outHeight, outWidth;
  int64_t inSize() const { return height * width * channels; }
  int64_t outSize() const { return outHeight * outWidth * channels; }
};

Plane planeOf(const Shape& input, const Window& window) {
  return {input[1], input[2], input[3], window.pooled(input[1]), window.pooled(input[2])};
}

// Calls visit(place, row, column) for the places of the window at (outRow, outColumn) that lie inside.
template <class Visit>
QPRUNE_INLINE void visitWindow(const Window& w, const Plane& p, int64_t outRow, int64_t outColumn,
                               Visit visit) {
  for (int64_t place = 0; place < w.size * w.size; place++) {
    const int64_t row = outRow * w.stride - w.pad + place / w.size;
    const int64_t column = outColumn * w.stride - w.pad + place % w.size;
    if (row >= 0 && row < p.height && column >= 0 && column < p.width) visit(place, row, column);
  }
}

QPRUNE_CLONES void takeLarger(const float* __restrict x, float* __restrict best, int32_t* __restrict at,
                              int32_t place, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const bool larger = x[c] > best[c];
    best[c] = larger ? x[c] : best[c];
    at[c] = larger ? place : at[c];
  }
}

QPRUNE_CLONES void toBytes(const int32_t* __restrict at, uint8_t* __restrict bytes, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) bytes[c] = static_cast<uint8_t>(at[c]);
}

QPRUNE_CLONES void addWhere(const float* __restrict dy, const uint8_t* __restrict at, uint8_t place,
                            float* __restrict dx, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) dx[c] += at[c] == place ? dy[c] : 0.0f;
}

QPRUNE_CLONES void addScaled(const float* __restrict x, float factor, float* __restrict sum,
                             int64_t channels) {
  for (int64_t c = 0; c < channels; c++) sum[c] += x[c] * factor;
}

void maxPoolImage(const Window& w, const Plane& p, const float* x, float* y, uint8_t* argmax) {
  std::vector<int32_t> at(p.channels);
  for (int64_t outRow = 0; outRow < p.outHeight; outRow++)
    for (int64_t outColumn = 0; outColumn < p.outWidth; outColumn++) {
      const int64_t out = (outRow * p.outWidth + outColumn) * p.channels;
      bool first = true;
      visitWindow(w, p, outRow, outColumn, [&](int64_t place, int64_t row, int64_t column) {
        const float* values = x + (row * p.width + column) * p.channels;
        if (first) {
          std::memcpy(y + out, values, p.channels * sizeof(float));
          std::fill(at.begin(), at.end(), static_cast<int32_t>(place));
          first = false;
        } else {
          takeLarger(values, y + out, at.data(), static_cast<int32_t>(place), p.channels);
        }
      });
      toBytes(at.data(), argmax + out, p.channels);
    }
}

void maxPoolGradImage(const Window& w, const Plane& p, const float* dy, const uint8_t* argmax, float* dx) {
  std::memset(dx, 0, p.inSize() * sizeof(float));
  for (int64_t outRow = 0; outRow < p.outHeight; outRow++)
    for (int64_t outColumn = 0; outColumn < p.outWidth; outColumn++) {
      const int64_t out = (outRow * p.outWidth + outColumn) * p.channels;
      visitWindow(w, p, outRow, outColumn, [&](int64_t place, int64_t row, int64_t column) {
        addWhere(dy + out, argmax + out, static_cast<uint8_t>(place),
                 dx + (row * p.width + column) * p.channels, p.channels);
      });
    }
}

void averagePoolImage(const Window& w, const Plane& p, const float* x, float* y) {
  const float share = 1.0f / static_cast<float>(w.size * w.size);
  std::memset(y, 0, p.outSize() * sizeof(float));
  for (int64_t outRow = 0; outRow < p.outHeight; outRow++)
    for (int64_t outColumn = 0; outColumn < p.outWidth; outColumn++) {
      float* sum = y + (outRow * p.outWidth + outColumn) * p.channels;
      visitWindow(w, p, outRow, outColumn, [&](int64_t, int64_t row, int64_t column) {
        addScaled(x + (row * p.width + column) * p.channels, share, sum, p.channels);
      });
    }
}

void averagePoolGradImage(const Window& w, const Plane& p, const float* dy, float* dx) {
  const float share = 1.0f / static_cast<float>(w.size * w.size);
  std::memset(dx, 0, p.inSize() * sizeof(float));
  for (int64_t outRow = 0; outRow < p.outHeight; outRow++)
    for (int64_t outColumn = 0; outColumn < p.outWidth; outColumn++) {
      const float* values = dy + (outRow * p.outWidth + outColumn) * p.channels;
      visitWindow(w, p, outRow, outColumn, [&](int64_t, int64_t row, int64_t column) {
        addScaled(values, share, dx + (row * p.width + column) * p.channels, p.channels);
      });
    }
}

template <class Body>
void forImages(int64_t images, Body body) {
  parallelFor(images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; image++) body(image);
  });
}

struct MaxPool {
  explicit MaxPool(const Attributes& a) : window(a) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const Plane p = planeOf(shape, window);
    const Shape outShape{shape[0], p.outHeight, p.outWidth, p.channels};
    const float* x = run.input(0);
    float* y = run.output(0, outShape);
    uint8_t* argmax = run.output<uint8_t>(1, outShape);
    forImages(shape[0], [&](int64_t i) {
      maxPoolImage(window, p, x + i * p.inSize(), y + i * p.outSize(), argmax + i * p.outSize());
    });
  }
  Window window;
};


struct PoolGrad {
  explicit PoolGrad(const Attributes& a)
      : window(a), height(a.integer("height")), width(a.integer("width")) {}
  Shape resultShape(const Shape& dy) const { return {dy[0], height, width, dy[3]}; }
  Window window;
  int64_t height, width;
};

struct MaxPoolGrad : PoolGrad {
  using PoolGrad::PoolGrad;
  void compute(Run& run) const {
    const Shape shape = resultShape(run.shape(0));
    const Plane p = planeOf(shape, window);
    const float* dy = run.input(0);
    const uint8_t* argmax = run.input<uint8_t>(1);
    float* dx = run.output(0, shape);
    forImages(shape[0], [&](int64_t i) {
      maxPoolGradImage(window, p, dy + i * p.outSize(), argmax + i * p.outSize(), dx + i * p.inSize());
    });
  }
};

struct AveragePool {
  explicit AveragePool(const Attributes& a) : window(a) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const Plane p = planeOf(shape, window);
    const float* x = run.input(0);
    float* y = run.output(0, {shape[0], p.outHeight, p.outWidth, p.channels});
    forImages(shape[0], [&](int64_t i) {
      averagePoolImage(window, p, x + i * p.inSize(), y + i * p.outSize());
    });
  }
  Window window;
};

struct AveragePoolGrad : PoolGrad {
  using PoolGrad::PoolGrad;
  void compute(Run& run) const {
    const Shape shape = resultShape(run.shape(0));
    const Plane p = planeOf(shape, window);
    const float* dy = run.input(0);
    float* dx = run.output(0, shape);
    forImages(shape[0], [&](int64_t i) {
      averagePoolGradImage(window, p, dy + i * p.outSize(), dx + i * p.inSize());
    });
  }
};

#define WINDOW "size: int", "stride: int", "pad: int"
#define SIDES "height: int", "width: int"

const RegisterOp<MaxPool> maxPool("QpruneMaxPool", {"x: float"}, {"y: float", "argmax: uint8"}, {WINDOW});
const RegisterOp<MaxPoolGrad> maxPoolGrad("QpruneMaxPoolGrad", {"dy: float", "argmax: uint8"},
                                          {"dx: float"}, {WINDOW, SIDES});
const RegisterOp<AveragePool> averagePool("QpruneAveragePool", {"x: float"}, {"y: float"}, {WINDOW});
const RegisterOp<AveragePoolGrad> averagePoolGrad("QpruneAveragePoolGrad", {"dy: float"}, {"dx: float"},
                                                  {WINDOW, SIDES});

}  // namespace
}  // namespace qprune
