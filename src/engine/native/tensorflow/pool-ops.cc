// QpruneMaxPool with argmax as bytes, QpruneAveragePool, and their gradients; see src/tensor/ops/pool.ts.
#include "../kernels/pool.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"
#include "window-attributes.h"

namespace qprune {
namespace {

struct Pool {
  explicit Pool(const Attributes& a)
      : kernel(pairOf(a, "kernel")), stride(pairOf(a, "stride")), padding(paddingOf(a)), out(pairOf(a, "out")) {}
  PoolShape poolShape(const Shape& x) const {
    return {x[0], x[1], x[2], x[3], kernel, stride, padding, out};
  }
  Shape outputShape(const Shape& x) const { return {x[0], out.rows, out.columns, x[3]}; }
  Pair kernel, stride;
  Padding padding;
  Pair out;
};

// The height and width of x, which those of dy do not determine.
struct Sides {
  explicit Sides(const Attributes& a) : sides(pairOf(a, "sides")) {}
  Shape inputShape(const Shape& dy) const { return {dy[0], sides.rows, sides.columns, dy[3]}; }
  Pair sides;
};

struct Average : Pool {
  explicit Average(const Attributes& a) : Pool(a), countsPadding(a.integer("counts_padding") != 0) {}
  bool countsPadding;
};

struct MaxPool : Pool {
  using Pool::Pool;
  void compute(Run& run) const {
    const PoolShape shape = poolShape(run.shape(0));
    float* y = run.output(0, outputShape(run.shape(0)));
    auto* argmax = run.output<uint8_t>(1, outputShape(run.shape(0)));
    void* scratch = run.scratch(maxPoolScratchBytes(shape, threadPool()));
    maxPool(shape, run.input(0), y, argmax, scratch, threadPool());
  }
};

struct MaxPoolGrad : Pool, Sides {
  explicit MaxPoolGrad(const Attributes& a) : Pool(a), Sides(a) {}
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    maxPoolGradient(poolShape(shape), run.input(0), run.input<uint8_t>(1), run.output(0, shape), threadPool());
  }
};

struct AveragePool : Average {
  using Average::Average;
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    averagePool(poolShape(shape), countsPadding, run.input(0), run.output(0, outputShape(shape)), threadPool());
  }
};

struct AveragePoolGrad : Average, Sides {
  explicit AveragePoolGrad(const Attributes& a) : Average(a), Sides(a) {}
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    averagePoolGradient(poolShape(shape), countsPadding, run.input(0), run.output(0, shape), threadPool());
  }
};

#define WINDOW "kernel: list(int)", "out: list(int)", QPRUNE_WINDOW_ATTRIBUTES
#define SIDES "sides: list(int)"
#define COUNTS "counts_padding: int"

const RegisterOp<MaxPool> maxPoolOp("QpruneMaxPool", {"x: float"}, {"y: float", "argmax: uint8"}, {WINDOW});
const RegisterOp<MaxPoolGrad> maxPoolGradOp("QpruneMaxPoolGrad", {"dy: float", "argmax: uint8"},
                                            {"dx: float"}, {WINDOW, SIDES});
const RegisterOp<AveragePool> averagePoolOp("QpruneAveragePool", {"x: float"}, {"y: float"}, {WINDOW, COUNTS});
const RegisterOp<AveragePoolGrad> averagePoolGradOp("QpruneAveragePoolGrad", {"dy: float"}, {"dx: float"},
                                                    {WINDOW, COUNTS, SIDES});

}  // namespace
}  // namespace qprune
