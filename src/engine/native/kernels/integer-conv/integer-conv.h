// Convolution of quantized operands with their integer codes; every sum is an exact integer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../bf16/stored-values.h"
#include "../norm/batch-norm.h"
#include "conv-shape.h"
#include "../threads/parallel.h"

namespace qprune {

// The grid of the input: its codes levels x + offset are whole numbers from 0 to `largest`.
struct InputGrid {
  float levels;
  int32_t offset;
  float largest;
};

// Values -1, 0 and 1.
constexpr InputGrid kTernaryGrid{1, 1, 2};
// Values k / levels with whole k from 0 to levels.
constexpr InputGrid uniformGrid(float levels) { return {levels, 0, levels}; }

struct IntegerConv {
  ConvShape shape;
  InputGrid grid;
};

// Where the sums of a convolution go: into y, or what follows it in inference computes y from them.
struct ConvResults {
  Results y;
  const AffineRows* then = nullptr;

  // Whether rows of sums pass through a buffer.
  bool isStaged() const { return then != nullptr || !y.isFloat(); }
  // Where to compute the sums of positions from `first` on. Afterwards call store().
  float* place(int64_t first, int64_t channels, float* buffer) const {
    return then != nullptr ? buffer : y.place(first * channels, buffer);
  }
  void store(int64_t first, int64_t positions, int64_t channels, const float* sums, int thread) const {
    if (then != nullptr)
      then->store(sums, y, first, positions, thread);
    else
      y.store(first * channels, positions * channels, sums);
  }
};

// One implementation. Operands are packed first, and a caller allocates y only after both fitted; packed filters
// can be used with any number of inputs. Blocks of memory are aligned as scratch.h requires.
struct IntegerConvKernel {
  size_t (*filterBytes)(const ConvShape& shape);

  // Finds each filter's integer codes and packs them. False where a filter is on no grid that this implementation
  // handles, or where sums of its products could overflow.
  bool (*packFilters)(const IntegerConv& conv, const float* kernel, void* filters, Parallel& parallel);

  // The packed input and what the threads need while they convolve it.
  size_t (*workspaceBytes)(const ConvShape& shape, const Parallel& parallel);

  // False where a value of x is not on the grid.
  bool (*packInput)(const IntegerConv& conv, const Values& x, void* workspace, Parallel& parallel);

  void (*convolve)(const IntegerConv& conv, const void* filters, void* workspace, const ConvResults& y, Parallel& parallel);
};

// For kTernaryGrid and filters that hold only -a, 0, a; some kernels take integer multiples of a, too. The fastest that this
// CPU supports, null where there is none.
const IntegerConvKernel* ternaryConvKernel();

// For filters of integer multiples of a scale of their own and uniformGrid: likewise.
const IntegerConvKernel* byteConvKernel();

}  // namespace qprune
