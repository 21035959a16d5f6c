// The loops of the elementwise activations.
#include "activate.h"

#include "activation-loops.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

template <class F>
QPRUNE_INLINE void forward(const Activation& a, const float* __restrict x, float* __restrict y, int64_t count) {
  const F f(a);
  for (int64_t i = 0; i < count; i++) y[i] = f.value(x[i]);
}

template <class F>
QPRUNE_INLINE void backward(const Activation& a, const float* __restrict dy, const float* __restrict x,
                            float* __restrict dx, int64_t count) {
  const F f(a);
  for (int64_t i = 0; i < count; i++) dx[i] = f.slope(x[i]) * dy[i];
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(forward, (const Activation& a, const float* x, float* y, int64_t count),
                              (a, x, y, count))
QPRUNE_DEFINE_FOR_ACTIVATIONS(backward,
                              (const Activation& a, const float* dy, const float* x, float* dx, int64_t count),
                              (a, dy, x, dx, count))

}  // namespace

void activate(const Activation& function, const Values& x, const Results& output, int64_t count, Parallel& parallel) {
  const bool givesCodes = holdsCodes(output.storage);
  const Activation activation = givesCodes ? withCodes(function) : function;
  const Results y = givesCodes ? output.ofCodes() : output;
  const int64_t part = x.isFloat() && y.isFloat() ? count : kStagedValues;
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    float in[kStagedValues], out[kStagedValues];
    for (int64_t first = begin; first < end; first += part) {
      const int64_t size = std::min(part, end - first);
      float* const to = y.place(first, out);
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, forward, activation, x.floats(first, size, in), to, size)
      y.store(first, size, to);
    }
  });
}

void activateGradient(const Activation& activation, const Values& dy, const Values& x, const Results& dx, int64_t count,
                      Parallel& parallel) {
  const int64_t part = dy.isFloat() && x.isFloat() && dx.isFloat() ? count : kStagedValues;
  parallelFor(parallel, count, kGrain, [&](int64_t begin, int64_t end, int) {
    float gradients[kStagedValues], in[kStagedValues], out[kStagedValues];
    for (int64_t first = begin; first < end; first += part) {
      const int64_t size = std::min(part, end - first);
      float* const to = dx.place(first, out);
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, backward, activation, dy.floats(first, size, gradients),
                                 x.floats(first, size, in), to, size)
      dx.store(first, size, to);
    }
  });
}

}  // namespace qprune
