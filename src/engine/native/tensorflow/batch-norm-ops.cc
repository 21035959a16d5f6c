// Batch norm with what follows it: an addend (if adds is 1), an activation, a channel shuffle; see src/tensor/ops/norm-activate.ts.
// QpruneNormActivateTrain: with the statistics of the batch, which enter the running ones. QpruneNormActivateAgain: recomputes its output from x and
// those statistics. QpruneNormActivateGrad: its gradient. QpruneAffineActivate: with a given scale and shift.
#include "../kernels/norm/batch-norm.h"

#include "../kernels/threads/thread-pool.h"
#include "activation-attributes.h"

namespace qprune {
namespace {

Rows rowsOf(const Shape& shape) { return {elementCount(shape) / shape.back(), shape.back()}; }

// y, from x (input 0).
void runAffineActivate(Run& run, const NormActivate& op, const Affine& affine, const Results& y) {
  void* scratch = run.scratch(affineActivateScratchBytes(op, threadPool()));
  affineActivate(op, run.values(0), affine, y, scratch, threadPool());
}

const float* scaleOf(Run& run, const BatchNorm& norm, int64_t channels) {
  auto* scale = static_cast<float*>(run.scratch(channels * sizeof(float)));
  batchNormScale(norm, channels, scale);
  return scale;
}

struct NormAttributes {
  explicit NormAttributes(const Attributes& a)
      : activation(activationOf(a)), epsilon(a.real("epsilon")), shuffleGroups(a.integer("shuffle_groups")),
        adds(a.integer("adds") == 1) {}
  // The op on rows, with the addend in this input.
  NormActivate of(Run& run, const Rows& rows, int addend) const {
    return {rows, adds ? run.values(addend) : Values{}, activation, shuffleGroups};
  }
  Activation activation;
  float epsilon;
  int64_t shuffleGroups;
  bool adds;
};

struct NormActivateTrain : NormAttributes {
  explicit NormActivateTrain(const Attributes& a)
      : NormAttributes(a), output(quantizedOutput(a)), oldWeight(a.real("old_weight")), newWeight(a.real("new_weight")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const Rows rows = rowsOf(shape);
    const float *gamma = run.input(1), *beta = run.input(2);
    const Results y = output.of(run, shape);
    const Shape perChannel{rows.channels};
    auto* unbiased = static_cast<float*>(run.scratch(rows.channels * sizeof(float)));
    const Moments moments{run.output(1, perChannel), run.output(2, perChannel), unbiased};
    batchMoments(rows, run.values(0), moments, run.scratch(batchMomentsScratchBytes(rows, threadPool())), threadPool());
    const float* scale = scaleOf(run, {gamma, beta, moments.mean, moments.variance, epsilon}, rows.channels);
    runAffineActivate(run, of(run, rows, 6), {moments.mean, scale, beta}, y);
    const RunningMoments running{run.input(3), run.input(4), run.input(5), oldWeight, newWeight,
                                 run.output(3, perChannel), run.output(4, perChannel)};
    moveRunningMoments(moments, rows.channels, running);
  }
  StoredOutput output;
  float oldWeight, newWeight;
};

struct NormActivateRecompute : NormAttributes {
  explicit NormActivateRecompute(const Attributes& a) : NormAttributes(a), output(quantizedOutput(a)) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const Rows rows = rowsOf(shape);
    const BatchNorm norm{run.input(1), run.input(2), run.input(3), run.input(4), epsilon};
    const float* scale = scaleOf(run, norm, rows.channels);
    runAffineActivate(run, of(run, rows, 5), {norm.mean, scale, norm.beta}, output.of(run, shape));
  }
  StoredOutput output;
};

struct NormActivateGrad : NormAttributes {
  explicit NormActivateGrad(const Attributes& a)
      : NormAttributes(a), storedDx(a.storage("Tdx")), storedDAddend(a.storage("Tda")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(1);
    const Rows rows = rowsOf(shape);
    const NormActivate op = of(run, rows, 6);
    const BatchNorm norm{run.input(2), run.input(3), run.input(4), run.input(5), epsilon};
    const Shape perChannel{rows.channels};
    const Results dx = run.results(0, shape, storedDx);
    const Results dAddend = run.results(3, adds ? shape : Shape{0}, storedDAddend);
    const BatchNormGradients gradients{dx, adds ? dAddend : Results{}, run.output(1, perChannel),
                                       run.output(2, perChannel)};
    void* scratch = run.scratch(batchNormGradientScratchBytes(op, threadPool()));
    batchNormGradient(op, run.values(0), run.values(1), norm, gradients, scratch, threadPool());
  }
  Storage storedDx, storedDAddend;
};

struct AffineActivate {
  explicit AffineActivate(const Attributes& a)
      : activation(activationOf(a)), shuffleGroups(a.integer("shuffle_groups")), adds(a.integer("adds") == 1), output(quantizedOutput(a)) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const Affine affine{run.input(1), run.input(2), run.input(3)};
    const Values addend = adds ? run.values(4) : Values{};
    runAffineActivate(run, {rowsOf(shape), addend, activation, shuffleGroups}, affine, output.of(run, shape));
  }
  Activation activation;
  int64_t shuffleGroups;
  bool adds;
  StoredOutput output;
};

const RegisterOp<NormActivateTrain> trainOp(
    "QpruneNormActivateTrain",
    {"x: Tx", "gamma: float", "beta: float", "old_mean: float", "old_variance: float", "bias: float", "addend: Ta"},
    {"y: Ty", "mean: float", "variance: float", "new_mean: float", "new_variance: float"},
    {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ta"), QPRUNE_QUANTIZED_OUTPUT, QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int", "adds: int", "old_weight: float",
     "new_weight: float"});
const RegisterOp<NormActivateRecompute> recomputeOp(
    "QpruneNormActivateAgain",
    {"x: Tx", "gamma: float", "beta: float", "mean: float", "variance: float", "addend: Ta"},
    {"y: Ty"},
    {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ta"), QPRUNE_QUANTIZED_OUTPUT, QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int", "adds: int"});
const RegisterOp<NormActivateGrad> gradOp(
    "QpruneNormActivateGrad",
    {"dy: Tdy", "x: Tx", "gamma: float", "beta: float", "mean: float", "variance: float", "addend: Ta"},
    {"dx: Tdx", "d_gamma: float", "d_beta: float", "d_addend: Tda"},
    {QPRUNE_MAPS("Tdy"), QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ta"), QPRUNE_MAPS("Tdx"), QPRUNE_MAPS("Tda"),
     QPRUNE_ACTIVATION_ATTRIBUTES, "epsilon: float", "shuffle_groups: int", "adds: int"});
const RegisterOp<AffineActivate> affineOp(
    "QpruneAffineActivate", {"x: Tx", "center: float", "scale: float", "shift: float", "addend: Ta"}, {"y: Ty"},
    {QPRUNE_MAPS("Tx"), QPRUNE_MAPS("Ta"), QPRUNE_QUANTIZED_OUTPUT, QPRUNE_ACTIVATION_ATTRIBUTES, "shuffle_groups: int", "adds: int"});

}  // namespace
}  // namespace qprune
