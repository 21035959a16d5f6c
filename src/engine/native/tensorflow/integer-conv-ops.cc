// Convolutions of quantized operands with their integer codes; see src/tensor/ops/conv2d.ts. QpruneTernaryConv: x of
// -1, 0, 1 and filters of -a, 0, a. QpruneByteConv: x of k / input_levels and filters of integer multiples of a scale
// of their own. y is empty where the CPU has no kernel for it or an operand holds other values; the caller then
// convolves in floats.
#include "../kernels/integer-conv/integer-conv.h"

#include "../kernels/threads/thread-pool.h"
#include "conv-attributes.h"
#include "op-kit.h"

namespace qprune {
namespace {

// False where an operand does not fit; y is then not allocated.
bool convolve(Run& run, const IntegerConvKernel& kernel, const IntegerConv& conv, Storage stored) {
  const ConvShape& shape = conv.shape;
  Parallel& parallel = threadPool();
  void* filters = run.scratch(kernel.filterBytes(shape));
  if (!kernel.packFilters(conv, run.input(1), filters, parallel)) return false;
  void* workspace = run.scratch(kernel.workspaceBytes(shape, parallel));
  if (!kernel.packInput(conv, run.values(0, conv.grid.levels), workspace, parallel)) return false;
  const Results y = run.results(0, {shape.images, shape.outHeight(), shape.outWidth(), shape.outputs}, stored);
  kernel.convolve(conv, filters, workspace, y, parallel);
  return true;
}

void convolveOrNothing(Run& run, const IntegerConvKernel* kernel, const IntegerConv& conv, Storage stored) {
  if (kernel == nullptr || !convolve(run, *kernel, conv, stored)) run.results(0, {0, 0, 0, 0}, stored);
}

struct TernaryConv : ConvAttributes {
  explicit TernaryConv(const Attributes& a) : ConvAttributes(a), stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    convolveOrNothing(run, ternaryConvKernel(), {convShape(run.shape(0), run.shape(1)), kTernaryGrid},
                      stored);
  }
  Storage stored;
};

struct ByteConv : ConvAttributes {
  explicit ByteConv(const Attributes& a)
      : ConvAttributes(a),
        grid(uniformGrid(static_cast<float>(a.integer("input_levels")))),
        stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    convolveOrNothing(run, byteConvKernel(), {convShape(run.shape(0), run.shape(1)), grid}, stored);
  }
  InputGrid grid;
  Storage stored;
};

const RegisterOp<TernaryConv> ternaryConvOp("QpruneTernaryConv", {"x: Tx", "kernel: float"}, {"y: Ty"},
                                            {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_MAPS("Ty"), QPRUNE_CONV_ATTRIBUTES});
const RegisterOp<ByteConv> byteConvOp("QpruneByteConv", {"x: Tx", "kernel: float"}, {"y: Ty"},
                                      {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_MAPS("Ty"), QPRUNE_CONV_ATTRIBUTES,
                                       "input_levels: int"});

}  // namespace
}  // namespace qprune
