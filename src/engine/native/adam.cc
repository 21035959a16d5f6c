// QpruneAdam: one step of Adam for one parameter; see core's adam-update.ts.
#include <cmath>

#include "op-kit.h"
#include "parallel.h"

namespace qprune {
namespace {

struct Numbers {
  // take = 1 - beta, rounded once: 1 - 0.999f would be off by 1e-5.
  float weightDecay, take1, keep2, take2, stepSize, rootCorrection, epsilon;
};

QPRUNE_CLONES void adam(const Numbers& n, const float* __restrict value, const float* __restrict m,
                        const float* __restrict v, const float* __restrict gradient,
                        float* __restrict newValue, float* __restrict newM, float* __restrict newV,
                        int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i] + n.weightDecay * value[i];
    const float first = m[i] + (g - m[i]) * n.take1;
    const float second = v[i] * n.keep2 + g * g * n.take2;
    newM[i] = first;
    newV[i] = second;
    newValue[i] = value[i] - n.stepSize * (first / (std::sqrt(second) / n.rootCorrection + n.epsilon));
  }
}

struct Adam {
  explicit Adam(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    // The numbers change with every step, and attributes would make a new kernel each time.
    const float* n = run.input(4);
    const Numbers numbers{n[0], n[1], n[2], n[3], n[4], n[5], n[6]};
    const float* value = run.input(0);
    const float* m = run.input(1);
    const float* v = run.input(2);
    const float* gradient = run.input(3);
    float* newValue = run.output(0, shape);
    float* newM = run.output(1, shape);
    float* newV = run.output(2, shape);
    parallelFor(elementCount(shape), 1 << 15, [&](int64_t begin, int64_t end) {
      adam(numbers, value + begin, m + begin, v + begin, gradient + begin, newValue + begin, newM + begin,
           newV + begin, end - begin);
    });
  }
};

const RegisterOp<Adam> adamOp(
    "QpruneAdam", {"value: float", "m: float", "v: float", "gradient: float", "numbers: float"},
    {"new_value: float", "new_m: float", "new_v: float"}, {});

}  // namespace
}  // namespace qprune
