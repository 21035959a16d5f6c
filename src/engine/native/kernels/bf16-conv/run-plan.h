// Convolutions as sums over runs: adjacent elements of a source, in rows of its padded copy.
//
// A convolution and the gradient of its input are the same loops. Forward, the source is x, and windows move by the
// stride. For the gradient, the source is dy: the rows of dx whose number has the same remainder by the stride (a phase)
// are a convolution of dy at stride 1 with every stride-th tap, in reverse order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "../integer-conv/conv-shape.h"
#include "run-panel.h"

namespace qprune {

// The taps that the positions of one phase use along one axis, in the order of the source.
struct AxisTaps {
  int64_t count;
  int64_t first, step;         // of the kernel's taps
  int64_t offset, offsetStep;  // of the source, from that of the position
  int64_t reach() const { return offset + (count - 1) * offsetStep; }
};

// How positions of the destination and of the source are related along one axis.
struct RunAxis {
  int64_t source, destination;  // sides
  int64_t sourceStep;           // between the positions of a phase
  int64_t phases;               // also the step between the positions of a phase in the destination
  int64_t kernel, padding, dilation;

  static RunAxis forward(int64_t x, int64_t y, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    return {x, y, stride, 1, kernel, padding, dilation};
  }
  static RunAxis inputGradient(int64_t x, int64_t y, int64_t kernel, int64_t stride, int64_t padding,
                               int64_t dilation) {
    return {y, x, 1, stride, kernel, padding, dilation};
  }

  int64_t positions(int64_t phase) const { return (destination - phase + phases - 1) / phases; }

  AxisTaps taps(bool isGradient, int64_t phase) const {
    if (!isGradient) return {kernel, 0, 1, -padding, dilation};
    const int64_t step = phases / std::gcd(phases, dilation);
    for (int64_t tap = kernel - 1; tap >= 0 && tap > kernel - 1 - step; tap--) {
      const int64_t distance = phase + padding - tap * dilation;
      if (distance % phases == 0) return {tap / step + 1, tap, -step, distance / phases, dilation * step / phases};
    }
    return {0, 0, 0, 0, 0};
  }
};

// One convolution, or the gradient of its input.
struct RunPlan : OutputPanels {
  RunPlan(const ConvShape& shape, bool isGradient);

  RunLoops loops;
  bool isGradient;
  int64_t images, groups;
  RunAxis rows, columns;
  int64_t sourceChannels, destinationChannels;
  int64_t groupSources;
  int64_t kernelHeight, kernelWidth, outputs;  // of the kernel as it is stored
  int64_t kernelInputs;
  int64_t top, left, bottom, right;            // the padding of the source's copy

  int64_t phases() const { return rows.phases * columns.phases; }
  AxisTaps rowTaps(int64_t phase) const { return rows.taps(isGradient, phase / columns.phases); }
  AxisTaps columnTaps(int64_t phase) const { return columns.taps(isGradient, phase % columns.phases); }

  // Whether all taps of a kernel's row are one run: their elements are adjacent in the source.
  bool hasRowRuns(const AxisTaps& columnTaps) const { return groups == 1 && columnTaps.offsetStep == 1; }
  int64_t runs(int64_t phase) const;
  int64_t runElements(int64_t phase) const;
  int64_t runPairs(int64_t phase) const {
    return (runElements(phase) + 2 * loops.pairStep - 1) / (2 * loops.pairStep) * loops.pairStep;
  }
  // The most elements that a run reads after its last one.
  int64_t elementsAfter() const { return 2 * loops.pairStep - 1; }

  // Pairs of weights: of one block, of all groups and blocks of a phase, of all phases.
  int64_t blockPairs(int64_t phase) const { return runs(phase) * runPairs(phase) * kBlockOutputs; }
  int64_t phasePairs(int64_t phase) const { return groups * blocks * blockPairs(phase); }
  int64_t weightPairs() const;
  // The first weights of a panel, [runs, runPairs, blocks, kBlockOutputs].
  int64_t panelStart(int64_t phase, int64_t group, int64_t panel) const;

  int64_t paddedWidth() const { return left + columns.source + right; }
  int64_t rowElements() const { return paddedWidth() * sourceChannels; }
};

// Rounds the weights of all phases and arranges them as RunPanel expects them.
void packRunWeights(const RunPlan& plan, const float* kernel, uint32_t* weights, class Parallel& parallel);

}  // namespace qprune
