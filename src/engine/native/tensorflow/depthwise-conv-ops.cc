// QpruneDepthwiseConv with one filter per channel, and its gradients; see src/tensor/ops/conv2d.ts.
#include "../kernels/depthwise-conv/depthwise-conv.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"
#include "window-attributes.h"

namespace qprune {
namespace {

struct Depthwise {
  explicit Depthwise(const Attributes& a)
      : stride(pairOf(a, "stride")), padding(paddingOf(a)), dilation(pairOf(a, "dilation")) {}
  ConvShape convShape(const Shape& x, const Shape& kernel) const {
    return {x[0], x[1], x[2], x[3], kernel[0], kernel[1], x[3], x[3], stride, padding, dilation};
  }
  Pair stride;
  Padding padding;
  Pair dilation;
};

struct DepthwiseConv : Depthwise {
  explicit DepthwiseConv(const Attributes& a) : Depthwise(a), stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    const ConvShape s = convShape(run.shape(0), run.shape(1));
    void* scratch = run.scratch(depthwiseConvScratchBytes(s, threadPool()));
    const Results y = run.results(0, {s.images, s.outHeight(), s.outWidth(), s.outputs}, stored);
    depthwiseConv(s, run.values(0), run.input(1), y, scratch, threadPool());
  }
  Storage stored;
};

struct DepthwiseInputGrad : Depthwise {
  explicit DepthwiseInputGrad(const Attributes& a) : Depthwise(a), sides(pairOf(a, "sides")), stored(a.storage("Tdx")) {}
  void compute(Run& run) const {
    const Shape dy = run.shape(0);
    const Shape x{dy[0], sides.rows, sides.columns, dy[3]};
    const ConvShape s = convShape(x, run.shape(1));
    void* scratch = run.scratch(depthwiseConvScratchBytes(s, threadPool()));
    depthwiseInputGradient(s, run.values(0), run.input(1), run.results(0, x, stored), scratch, threadPool());
  }
  Pair sides;
  Storage stored;
};

struct DepthwiseKernelGrad : Depthwise {
  explicit DepthwiseKernelGrad(const Attributes& a) : Depthwise(a), kernel(pairOf(a, "kernel")) {}
  void compute(Run& run) const {
    const Shape x = run.shape(0);
    const Shape dKernel{kernel.rows, kernel.columns, 1, x[3]};
    const ConvShape s = convShape(x, dKernel);
    void* scratch = run.scratch(depthwiseKernelGradientScratchBytes(s, threadPool()));
    depthwiseKernelGradient(s, run.values(0), run.values(1), run.output(0, dKernel), scratch, threadPool());
  }
  Pair kernel;
};

#define GEOMETRY "dilation: list(int)", QPRUNE_WINDOW_ATTRIBUTES

const RegisterOp<DepthwiseConv> convOp("QpruneDepthwiseConv", {"x: Tx", "kernel: float"}, {"y: Ty"},
                                       {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ty"), GEOMETRY});
const RegisterOp<DepthwiseInputGrad> inputGradOp("QpruneDepthwiseConvInputGrad", {"dy: Tdy", "kernel: float"},
                                                 {"dx: Tdx"},
                                                 {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tdx"), GEOMETRY, "sides: list(int)"});
const RegisterOp<DepthwiseKernelGrad> kernelGradOp("QpruneDepthwiseConvKernelGrad", {"x: T", "dy: T"},
                                                   {"d_kernel: float"},
                                                   {QPRUNE_MAPS("T"), GEOMETRY, "kernel: list(int)"});

}  // namespace
}  // namespace qprune
