// QpruneMaxPool with argmax as bytes, QpruneAveragePool, and their gradients; see src/tensor/ops/pool.ts.
#include "../kernels/pool.h"

#include "../kernels/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Pool {
  explicit Pool(const Attributes& a)
      : size(a.integer("size")), stride(a.integer("stride")), pad(a.integer("pad")) {}
  PoolShape poolShape(const Shape& x) const { return {x[0], x[1], x[2], x[3], size, stride, pad}; }
  int64_t size, stride, pad;
};

Shape outputShape(const PoolShape& p) { return {p.images, p.outHeight(), p.outWidth(), p.channels}; }

// Its attributes contain the height and width of x, which those of dy do not determine.
struct PoolGrad : Pool {
  explicit PoolGrad(const Attributes& a) : Pool(a), height(a.integer("height")), width(a.integer("width")) {}
  Shape inputShape(const Shape& dy) const { return {dy[0], height, width, dy[3]}; }
  int64_t height, width;
};

struct MaxPool : Pool {
  using Pool::Pool;
  void compute(Run& run) const {
    const PoolShape shape = poolShape(run.shape(0));
    float* y = run.output(0, outputShape(shape));
    auto* argmax = run.output<uint8_t>(1, outputShape(shape));
    void* scratch = run.scratch(maxPoolScratchBytes(shape, threadPool()));
    maxPool(shape, run.input(0), y, argmax, scratch, threadPool());
  }
};

struct MaxPoolGrad : PoolGrad {
  using PoolGrad::PoolGrad;
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    maxPoolGradient(poolShape(shape), run.input(0), run.input<uint8_t>(1), run.output(0, shape), threadPool());
  }
};

struct AveragePool : Pool {
  using Pool::Pool;
  void compute(Run& run) const {
    const PoolShape shape = poolShape(run.shape(0));
    averagePool(shape, run.input(0), run.output(0, outputShape(shape)), threadPool());
  }
};

struct AveragePoolGrad : PoolGrad {
  using PoolGrad::PoolGrad;
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    averagePoolGradient(poolShape(shape), run.input(0), run.output(0, shape), threadPool());
  }
};

#define WINDOW "size: int", "stride: int", "pad: int"
#define SIDES "height: int", "width: int"

const RegisterOp<MaxPool> maxPoolOp("QpruneMaxPool", {"x: float"}, {"y: float", "argmax: uint8"}, {WINDOW});
const RegisterOp<MaxPoolGrad> maxPoolGradOp("QpruneMaxPoolGrad", {"dy: float", "argmax: uint8"},
                                            {"dx: float"}, {WINDOW, SIDES});
const RegisterOp<AveragePool> averagePoolOp("QpruneAveragePool", {"x: float"}, {"y: float"}, {WINDOW});
const RegisterOp<AveragePoolGrad> averagePoolGradOp("QpruneAveragePoolGrad", {"dy: float"}, {"dx: float"},
                                                    {WINDOW, SIDES});

}  // namespace
}  // namespace qprune
