// The runs of a convolution, and its weights in their order.
#include "run-plan.h"

#include "../threads/parallel.h"
#include "../bf16/round-rows.h"

namespace qprune {
namespace {

// A 1x1 convolution without padding at stride 1 has one row of positions after another, whatever image they belong to.
ConvShape flattened(const ConvShape& s) {
  const bool isPointwise = s.kernelHeight == 1 && s.kernelWidth == 1 && s.stride.rows == 1 && s.stride.columns == 1 &&
                           s.padding.top == 0 && s.padding.left == 0 && s.padding.bottom == 0 && s.padding.right == 0;
  if (!isPointwise) return s;
  ConvShape flat = s;
  flat.images = 1;
  flat.height = s.images * s.height * s.width;
  flat.width = 1;
  return flat;
}

RunAxis axisOf(bool isGradient, int64_t x, int64_t y, int64_t kernel, int64_t stride, int64_t padding,
               int64_t dilation) {
  return isGradient ? RunAxis::inputGradient(x, y, kernel, stride, padding, dilation)
                    : RunAxis::forward(x, y, kernel, stride, padding, dilation);
}

// Rows or columns to add to the source, for the taps of all phases.
void addPadding(const RunAxis& axis, bool isGradient, int64_t& before, int64_t& after) {
  before = after = 0;
  for (int64_t phase = 0; phase < axis.phases; phase++) {
    const AxisTaps taps = axis.taps(isGradient, phase);
    const int64_t positions = axis.positions(phase);
    if (taps.count == 0 || positions <= 0) continue;
    before = std::max(before, -taps.offset);
    after = std::max(after, (positions - 1) * axis.sourceStep + taps.reach() - (axis.source - 1));
  }
}

}  // namespace

RunPlan::RunPlan(const ConvShape& shape, bool isGradient)
    : OutputPanels((isGradient ? shape.inputs : shape.outputs) / shape.groups, runLoops().mostBlocks),
      loops(runLoops()),
      isGradient(isGradient) {
  const ConvShape s = flattened(shape);
  images = s.images;
  groups = s.groups;
  rows = axisOf(isGradient, s.height, s.outHeight(), s.kernelHeight, s.stride.rows, s.padding.top, s.dilation.rows);
  columns =
      axisOf(isGradient, s.width, s.outWidth(), s.kernelWidth, s.stride.columns, s.padding.left, s.dilation.columns);
  sourceChannels = isGradient ? s.outputs : s.inputs;
  destinationChannels = isGradient ? s.inputs : s.outputs;
  groupSources = sourceChannels / groups;
  kernelHeight = s.kernelHeight;
  kernelWidth = s.kernelWidth;
  kernelInputs = s.inputs / groups;
  outputs = s.outputs;
  addPadding(rows, isGradient, top, bottom);
  addPadding(columns, isGradient, left, right);
}

int64_t RunPlan::runs(int64_t phase) const {
  const AxisTaps across = columnTaps(phase);
  return across.count == 0 ? 0 : rowTaps(phase).count * (hasRowRuns(across) ? 1 : across.count);
}

int64_t RunPlan::runElements(int64_t phase) const {
  const AxisTaps across = columnTaps(phase);
  return hasRowRuns(across) ? across.count * sourceChannels : groupSources;
}

int64_t RunPlan::weightPairs() const {
  int64_t pairs = 0;
  for (int64_t phase = 0; phase < phases(); phase++) pairs += phasePairs(phase);
  return pairs;
}

int64_t RunPlan::panelStart(int64_t phase, int64_t group, int64_t panel) const {
  int64_t start = 0;
  for (int64_t before = 0; before < phase; before++) start += phasePairs(before);
  return start + (group * blocks + firstBlock(panel)) * blockPairs(phase);
}

namespace {

// The weights of one element of a run: those of adjacent outputs are `step` apart. Null after the run's last element.
struct ElementWeights {
  const float* first;
  int64_t step;
  Bf16 of(int64_t output) const { return first == nullptr ? Bf16{0} : roundToBf16(first[output * step]); }
};

void packPairs(const ElementWeights& low, const ElementWeights& high, int64_t count, uint32_t* pairs) {
  if (low.step == 1) return roundPairs(low.first, high.first, count, pairs);
  for (int64_t output = 0; output < count; output++) pairs[output] = pairOf(low.of(output), high.of(output));
}

// Where the weights of a panel are in the kernel.
struct PanelWeights {
  const RunPlan& plan;
  const float* kernel;  // of the panel's first output and its group's first source channel
  AxisTaps down, across;
  bool hasRowRuns;

  ElementWeights element(int64_t run, int64_t at, int64_t elements) const {
    if (at >= elements) return {nullptr, 0};
    const int64_t ty = hasRowRuns ? run : run / across.count;
    const int64_t tx = hasRowRuns ? at / plan.sourceChannels : run % across.count;
    const int64_t channel = hasRowRuns ? at % plan.sourceChannels : at;
    const int64_t tap = (down.first + ty * down.step) * plan.kernelWidth + across.first + tx * across.step;
    const float* weights = kernel + tap * plan.kernelInputs * plan.outputs;
    return plan.isGradient ? ElementWeights{weights + channel, plan.outputs}
                           : ElementWeights{weights + channel * plan.outputs, 1};
  }
};

void packRun(const PanelWeights& from, int64_t run, int64_t elements, int64_t runPairs, int64_t lanes, int64_t count,
             uint32_t* pairs) {
  uint32_t* const end = pairs + runPairs * lanes;
  for (int64_t at = 0; at < elements; at += 2, pairs += lanes) {
    packPairs(from.element(run, at, elements), from.element(run, at + 1, elements), count, pairs);
    std::fill(pairs + count, pairs + lanes, 0);
  }
  std::fill(pairs, end, 0);
}

}  // namespace

void packRunWeights(const RunPlan& plan, const float* kernel, uint32_t* weights, Parallel& parallel) {
  for (int64_t phase = 0; phase < plan.phases(); phase++) {
    const AxisTaps down = plan.rowTaps(phase), across = plan.columnTaps(phase);
    const int64_t runs = plan.runs(phase), elements = plan.runElements(phase), runPairs = plan.runPairs(phase);
    parallelFor(parallel, plan.groups * plan.panels * runs, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / runs / plan.panels, panel = i / runs % plan.panels, run = i % runs;
        const int64_t first = plan.firstBlock(panel) * kBlockOutputs;
        // The groups are along the kernel's last axis, whichever side is the source.
        const float* start = plan.isGradient ? kernel + group * plan.groupSources + first * plan.outputs
                                             : kernel + group * plan.groupOutputs + first;
        const PanelWeights from{plan, start, down, across, plan.hasRowRuns(across)};
        const int64_t lanes = plan.panelBlocks(panel) * kBlockOutputs;
        packRun(from, run, elements, runPairs, lanes, plan.panelOutputs(panel),
                weights + plan.panelStart(phase, group, panel) + run * runPairs * lanes);
      }
    });
  }
}

}  // namespace qprune
