// PReLU and the gradients of functions with a number for each channel; see src/tensor/ops/channel-wise.ts.
#include "../kernels/channel-wise.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

// The last axis are the channels.
Rows rowsOf(const Shape& shape) {
  int64_t values = 1;
  for (const int64_t side : shape) values *= side;
  const int64_t channels = shape.back();
  return {channels == 0 ? 0 : values / channels, channels};
}

struct Prelu {
  explicit Prelu(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    prelu(rowsOf(shape), run.input(0), run.input(1), run.output(0, shape), threadPool());
  }
};

struct PreluGrad {
  explicit PreluGrad(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const Rows rows = rowsOf(shape);
    float* dx = run.output(0, shape);
    float* dSlope = run.output(1, {rows.channels});
    void* scratch = run.scratch(channelGradientScratchBytes(rows));
    preluGradient(rows, run.input(0), run.input(1), run.input(2), dx, dSlope, scratch, threadPool());
  }
};

struct ScaleGrad {
  explicit ScaleGrad(const Attributes&) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const Rows rows = rowsOf(shape);
    float* dx = run.output(0, shape);
    float* dScale = run.output(1, {rows.channels});
    float* dShift = run.output(2, {rows.channels});
    void* scratch = run.scratch(channelGradientScratchBytes(rows));
    scaleGradient(rows, run.input(0), run.input(1), run.input(2), dx, dScale, dShift, scratch, threadPool());
  }
};

const RegisterOp<Prelu> preluOp("QprunePrelu", {"x: float", "slope: float"}, {"y: float"}, {});
const RegisterOp<PreluGrad> preluGradOp("QprunePreluGrad", {"dy: float", "x: float", "slope: float"},
                                        {"dx: float", "d_slope: float"}, {});
const RegisterOp<ScaleGrad> scaleGradOp("QpruneScaleGrad", {"dy: float", "x: float", "scale: float"},
                                        {"dx: float", "d_scale: float", "d_shift: float"}, {});

}  // namespace
}  // namespace qprune
