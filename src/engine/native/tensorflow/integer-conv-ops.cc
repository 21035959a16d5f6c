// Convolutions of quantized operands with their integer codes; see src/tensor/ops/conv2d.ts. QpruneTernaryConv: x of
// -1, 0, 1 and filters of -a, 0, a. QpruneByteConv: x of k / input_levels and filters of integer multiples of a scale
// of their own. y is empty where the CPU has no kernel for it or an operand holds other values; the caller then
// convolves in floats. QpruneTernaryConvActivate, QpruneByteConvActivate: what QpruneAffineActivate computes from y.
#include "../kernels/integer-conv/integer-conv.h"

#include <optional>

#include "../kernels/threads/thread-pool.h"
#include "activation-attributes.h"
#include "conv-attributes.h"
#include "op-kit.h"

namespace qprune {
namespace {

// What follows a convolution.
struct Epilogue {
  explicit Epilogue(const Attributes& a) : activation(activationOf(a)), shuffleGroups(a.integer("shuffle_groups")) {}
  Activation activation;
  int64_t shuffleGroups;
};

// How y is stored, and what is computed before.
struct Output : StoredOutput {
  Output(const Attributes& a, bool isActivated)
      : StoredOutput(isActivated ? quantizedOutput(a) : StoredOutput{a.storage("Ty")}) {
    if (isActivated) epilogue.emplace(a);
  }
  std::optional<Epilogue> epilogue;
};

// Calls body(what follows the convolution of the inputs 2 to 4, or null).
template <class Body>
void withEpilogue(Run& run, const Output& output, int64_t channels, const Body& body) {
  if (!output.epilogue) return body(nullptr);
  const NormActivate op{{0, channels}, {}, output.epilogue->activation, output.epilogue->shuffleGroups};
  const int threads = threadPool().threads();
  const auto rows = layOut<AffineRows>(run.scratch(bytesOf<AffineRows>(op, output.storage, threads)), op, output.storage, threads);
  rows.prepare({run.input(2), run.input(3), run.input(4)});
  body(&rows);
}

// False where an operand does not fit; y is then not allocated.
bool convolve(Run& run, const IntegerConvKernel& kernel, const IntegerConv& conv, const Output& output) {
  const ConvShape& shape = conv.shape;
  Parallel& parallel = threadPool();
  void* filters = run.scratch(kernel.filterBytes(shape));
  if (!kernel.packFilters(conv, run.input(1), filters, parallel)) return false;
  void* workspace = run.scratch(kernel.workspaceBytes(shape, parallel));
  if (!kernel.packInput(conv, run.values(0, conv.grid.levels), workspace, parallel)) return false;
  const Results y = output.of(run, {shape.images, shape.outHeight(), shape.outWidth(), shape.outputs});
  withEpilogue(run, output, shape.outputs, [&](const AffineRows* then) {
    kernel.convolve(conv, filters, workspace, {y, then}, parallel);
  });
  return true;
}

void convolveOrNothing(Run& run, const IntegerConvKernel* kernel, const IntegerConv& conv, const Output& output) {
  if (kernel == nullptr || !convolve(run, *kernel, conv, output)) output.of(run, {0, 0, 0, 0});
}

template <bool IS_ACTIVATED>
struct TernaryConv : ConvAttributes {
  explicit TernaryConv(const Attributes& a) : ConvAttributes(a), output(a, IS_ACTIVATED) {}
  void compute(Run& run) const {
    convolveOrNothing(run, ternaryConvKernel(), {convShape(run.shape(0), run.shape(1)), kTernaryGrid}, output);
  }
  Output output;
};

template <bool IS_ACTIVATED>
struct ByteConv : ConvAttributes {
  explicit ByteConv(const Attributes& a)
      : ConvAttributes(a), grid(uniformGrid(static_cast<float>(a.integer("input_levels")))), output(a, IS_ACTIVATED) {}
  void compute(Run& run) const {
    convolveOrNothing(run, byteConvKernel(), {convShape(run.shape(0), run.shape(1)), grid}, output);
  }
  InputGrid grid;
  Output output;
};

#define OPERANDS "x: Tx", "kernel: float"
#define EPILOGUE "center: float", "scale: float", "shift: float"
#define EPILOGUE_ATTRIBUTES QPRUNE_QUANTIZED_OUTPUT, QPRUNE_ACTIVATION_ATTRIBUTES, "shuffle_groups: int"

const RegisterOp<TernaryConv<false>> ternaryConvOp("QpruneTernaryConv", {OPERANDS}, {"y: Ty"},
                                                   {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_MAPS("Ty"), QPRUNE_CONV_ATTRIBUTES});
const RegisterOp<ByteConv<false>> byteConvOp("QpruneByteConv", {OPERANDS}, {"y: Ty"},
                                             {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_MAPS("Ty"), QPRUNE_CONV_ATTRIBUTES,
                                              "input_levels: int"});
const RegisterOp<TernaryConv<true>> ternaryConvActivateOp("QpruneTernaryConvActivate", {OPERANDS, EPILOGUE}, {"y: Ty"},
                                                          {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_CONV_ATTRIBUTES,
                                                           EPILOGUE_ATTRIBUTES});
const RegisterOp<ByteConv<true>> byteConvActivateOp("QpruneByteConvActivate", {OPERANDS, EPILOGUE}, {"y: Ty"},
                                                    {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_CONV_ATTRIBUTES,
                                                     EPILOGUE_ATTRIBUTES, "input_levels: int"});

}  // namespace
}  // namespace qprune
