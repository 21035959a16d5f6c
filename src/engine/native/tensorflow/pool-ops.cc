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
  explicit MaxPool(const Attributes& a) : Pool(a), stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    const PoolShape shape = poolShape(run.shape(0));
    const Results y = run.results(0, outputShape(run.shape(0)), stored);
    auto* argmax = run.output<uint8_t>(1, outputShape(run.shape(0)));
    void* scratch = run.scratch(poolScratchBytes(shape, threadPool()));
    maxPool(shape, run.values(0), y, argmax, scratch, threadPool());
  }
  Storage stored;
};

struct MaxPoolGrad : Pool, Sides {
  explicit MaxPoolGrad(const Attributes& a) : Pool(a), Sides(a), stored(a.storage("Tdx")) {}
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    void* scratch = run.scratch(poolGradientScratchBytes(poolShape(shape), threadPool()));
    maxPoolGradient(poolShape(shape), run.values(0), run.input<uint8_t>(1), run.results(0, shape, stored), scratch,
                    threadPool());
  }
  Storage stored;
};

struct AveragePool : Average {
  explicit AveragePool(const Attributes& a) : Average(a), stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    void* scratch = run.scratch(poolScratchBytes(poolShape(shape), threadPool()));
    averagePool(poolShape(shape), countsPadding, run.values(0), run.results(0, outputShape(shape), stored), scratch,
                threadPool());
  }
  Storage stored;
};

struct AveragePoolGrad : Average, Sides {
  explicit AveragePoolGrad(const Attributes& a) : Average(a), Sides(a), stored(a.storage("Tdx")) {}
  void compute(Run& run) const {
    const Shape shape = inputShape(run.shape(0));
    void* scratch = run.scratch(poolGradientScratchBytes(poolShape(shape), threadPool()));
    averagePoolGradient(poolShape(shape), countsPadding, run.values(0), run.results(0, shape, stored), scratch,
                        threadPool());
  }
  Storage stored;
};

#define WINDOW "kernel: list(int)", "out: list(int)", QPRUNE_WINDOW_ATTRIBUTES
#define SIDES "sides: list(int)"
#define COUNTS "counts_padding: int"

const RegisterOp<MaxPool> maxPoolOp("QpruneMaxPool", {"x: Tx"}, {"y: Ty", "argmax: uint8"},
                                    {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_QUANTIZED_MAPS("Ty"), WINDOW});
const RegisterOp<MaxPoolGrad> maxPoolGradOp("QpruneMaxPoolGrad", {"dy: Tdy", "argmax: uint8"}, {"dx: Tdx"},
                                            {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tdx"), WINDOW, SIDES});
const RegisterOp<AveragePool> averagePoolOp("QpruneAveragePool", {"x: Tx"}, {"y: Ty"},
                                            {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ty"), WINDOW, COUNTS});
const RegisterOp<AveragePoolGrad> averagePoolGradOp("QpruneAveragePoolGrad", {"dy: Tdy"}, {"dx: Tdx"},
                                                    {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tdx"), WINDOW, COUNTS, SIDES});

}  // namespace
}  // namespace qprune
