// Qprune3x3Conv and its gradients, in floats; see src/tensor/ops/conv2d.ts. The result is empty where the CPU or the shape
// does not suit these kernels; the caller then uses TensorFlow's.
#include "../kernels/direct-conv/direct-conv.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"
#include "window-attributes.h"

namespace qprune {
namespace {

const Shape kNothing{0, 0, 0, 0};

struct Direct {
  explicit Direct(const Attributes& a) : stride(pairOf(a, "stride")), padding(paddingOf(a)) {}
  ConvShape convShape(const Shape& x, int64_t outputs) const {
    return {x[0], x[1], x[2], x[3], 3, 3, outputs, 1, stride, padding, {1, 1}};
  }
  Pair stride;
  Padding padding;
};

struct DirectConv : Direct {
  using Direct::Direct;
  void compute(Run& run) const {
    const ConvShape s = convShape(run.shape(0), run.shape(1)[3]);
    const bool fits = hasDirectConv() && directConvFits(s);
    float* y = run.output(0, fits ? Shape{s.images, s.outHeight(), s.outWidth(), s.outputs} : kNothing);
    if (fits) directConv(s, run.input(0), run.input(1), y, threadPool());
  }
};

struct DirectInputGrad : Direct {
  explicit DirectInputGrad(const Attributes& a) : Direct(a), sides(pairOf(a, "sides")) {}
  void compute(Run& run) const {
    const Shape dy = run.shape(0), kernel = run.shape(1);
    const Shape x{dy[0], sides.rows, sides.columns, kernel[2]};
    const ConvShape s = convShape(x, kernel[3]);
    const bool fits = hasDirectConv() && directInputGradientFits(s);
    float* dx = run.output(0, fits ? x : kNothing);
    if (!fits) return;
    void* scratch = run.scratch(directInputGradientScratchBytes(s));
    directInputGradient(s, run.input(0), run.input(1), dx, scratch, threadPool());
  }
  Pair sides;
};

struct DirectKernelGrad : Direct {
  using Direct::Direct;
  void compute(Run& run) const {
    const ConvShape s = convShape(run.shape(0), run.shape(1)[3]);
    const bool fits = hasDirectConv() && directKernelGradientFits(s);
    float* dKernel = run.output(0, fits ? Shape{3, 3, s.inputs, s.outputs} : kNothing);
    if (!fits) return;
    void* scratch = run.scratch(directKernelGradientScratchBytes(s));
    directKernelGradient(s, run.input(0), run.input(1), dKernel, scratch, threadPool());
  }
};

const RegisterOp<DirectConv> convOp("Qprune3x3Conv", {"x: float", "kernel: float"}, {"y: float"},
                                    {QPRUNE_WINDOW_ATTRIBUTES});
const RegisterOp<DirectInputGrad> inputGradOp("Qprune3x3ConvInputGrad", {"dy: float", "kernel: float"}, {"dx: float"},
                                              {QPRUNE_WINDOW_ATTRIBUTES, "sides: list(int)"});
const RegisterOp<DirectKernelGrad> kernelGradOp("Qprune3x3ConvKernelGrad", {"x: float", "dy: float"},
                                                {"d_kernel: float"}, {QPRUNE_WINDOW_ATTRIBUTES});

}  // namespace
}  // namespace qprune
