// QpruneActivate: y = f(x). QpruneActivateGrad: dx = f'(x) dy.
#include "activation.h"

#include "parallel.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 1 << 15;

template <class A>
QPRUNE_INLINE void forward(const ActivationNumbers& n, const float* __restrict x, float* __restrict y,
                           int64_t count) {
  const A activation(n);
  for (int64_t i = 0; i < count; i++) y[i] = activation.value(x[i]);
}

template <class A>
QPRUNE_INLINE void backward(const ActivationNumbers& n, const float* __restrict dy,
                            const float* __restrict x, float* __restrict dx, int64_t count) {
  const A activation(n);
  for (int64_t i = 0; i < count; i++) dx[i] = activation.slope(x[i]) * dy[i];
}

QPRUNE_DEFINE_FOR_ACTIVATIONS(forward,
                              (const ActivationNumbers& n, const float* x, float* y, int64_t count),
                              (n, x, y, count))
QPRUNE_DEFINE_FOR_ACTIVATIONS(backward,
                              (const ActivationNumbers& n, const float* dy, const float* x, float* dx,
                               int64_t count),
                              (n, dy, x, dx, count))

struct Activate {
  explicit Activate(const Attributes& a) : activation(a) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const float* x = run.input(0);
    float* y = run.output(0, shape);
    parallelFor(elementCount(shape), kGrain, [&](int64_t begin, int64_t end) {
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, forward, activation.numbers, x + begin, y + begin,
                                 end - begin)
    });
  }
  ActivationAttributes activation;
};

struct ActivateGrad {
  explicit ActivateGrad(const Attributes& a) : activation(a) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const float* dy = run.input(0);
    const float* x = run.input(1);
    float* dx = run.output(0, shape);
    parallelFor(elementCount(shape), kGrain, [&](int64_t begin, int64_t end) {
      QPRUNE_CALL_FOR_ACTIVATION(activation.kind, backward, activation.numbers, dy + begin, x + begin,
                                 dx + begin, end - begin)
    });
  }
  ActivationAttributes activation;
};

const RegisterOp<Activate> activate("QpruneActivate", {"x: float"}, {"y: float"},
                                    {QPRUNE_ACTIVATION_ATTRIBUTES});
const RegisterOp<ActivateGrad> activateGrad("QpruneActivateGrad", {"dy: float", "x: float"},
                                            {"dx: float"}, {QPRUNE_ACTIVATION_ATTRIBUTES});

}  // namespace
}  // namespace qprune
