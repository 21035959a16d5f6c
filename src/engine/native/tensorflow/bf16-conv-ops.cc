// Convolutions of bfloat16 operands and their gradients; see src/tensor/ops/bf16-conv.ts.
#include "../kernels/bf16-conv/kernel-gradient.h"
#include "../kernels/bf16-conv/run-conv.h"
#include "../kernels/threads/thread-pool.h"
#include "conv-attributes.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Bf16Conv : ConvAttributes {
  explicit Bf16Conv(const Attributes& a) : ConvAttributes(a), stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    const ConvShape s = convShape(run.shape(0), run.shape(1));
    void* scratch = run.scratch(bf16ConvScratchBytes(s, threadPool()));
    const Results y = run.results(0, {s.images, s.outHeight(), s.outWidth(), s.outputs}, stored);
    bf16Conv(s, run.values(0), run.input(1), y, scratch, threadPool());
  }
  Storage stored;
};

struct Bf16ConvInputGrad : ConvAttributes {
  explicit Bf16ConvInputGrad(const Attributes& a) : ConvAttributes(a), sides(pairOf(a, "sides")), stored(a.storage("Tdx")) {}
  void compute(Run& run) const {
    const Shape kernel = run.shape(1);
    const Shape x{run.shape(0)[0], sides.rows, sides.columns, kernel[2] * groups};
    const ConvShape s = convShape(x, kernel);
    void* scratch = run.scratch(bf16InputGradientScratchBytes(s, threadPool()));
    bf16InputGradient(s, run.values(0), run.input(1), run.results(0, x, stored), scratch, threadPool());
  }
  Pair sides;
  Storage stored;
};

struct Bf16ConvKernelGrad : ConvAttributes {
  explicit Bf16ConvKernelGrad(const Attributes& a)
      : ConvAttributes(a), kernel(pairOf(a, "kernel")), levels(static_cast<float>(a.integer("levels"))) {}
  void compute(Run& run) const {
    const Shape x = run.shape(0);
    const Shape dKernel{kernel.rows, kernel.columns, x[3] / groups, run.shape(1)[3]};
    const ConvShape s = convShape(x, dKernel);
    void* scratch = run.scratch(bf16KernelGradientScratchBytes(s, threadPool()));
    bf16KernelGradient(s, run.values(0, levels), run.values(1), run.output(0, dKernel), scratch, threadPool());
  }
  Pair kernel;
  float levels;  // of an x that is stored as codes
};

const RegisterOp<Bf16Conv> convOp("QpruneBf16Conv", {"x: Tx", "kernel: float"}, {"y: Ty"},
                                  {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ty"), QPRUNE_CONV_ATTRIBUTES});
const RegisterOp<Bf16ConvInputGrad> inputGradOp("QpruneBf16ConvInputGrad", {"dy: Tdy", "kernel: float"}, {"dx: Tdx"},
                                                {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tdx"), QPRUNE_CONV_ATTRIBUTES,
                                                 "sides: list(int)"});
const RegisterOp<Bf16ConvKernelGrad> kernelGradOp("QpruneBf16ConvKernelGrad", {"x: Tx", "dy: Tdy"}, {"d_kernel: float"},
                                                  {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_MAPS("Tdy"), QPRUNE_CONV_ATTRIBUTES,
                                                   "kernel: list(int)", "levels: int"});

}  // namespace
}  // namespace qprune
