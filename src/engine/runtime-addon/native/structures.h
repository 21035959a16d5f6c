// The structures that src/runtime/kernels places in memory: numbers of 32 bits, in which addresses are offsets into the
// memory. The kernels in WebAssembly read the same ones (src/runtime/wasm/assembly).
#pragma once

#include <cstdint>

namespace qprune {

enum Act : int32_t { kIdentity, kRelu, kRelu6, kLeakyRelu, kUnit, kSignedUnit, kUnitSign, kStep, kSign, kTernary, kRequantize };

enum ConvKernel : int32_t { kFloats, kShorts, kBytes, kSigns, kTernarySigns };

struct Tail {
  int32_t sums;  // 0: floats; 1: integers; 2: integers of halved weights
  int32_t constant, factor, bias, center, scale, shift;
  Act act;
  float actScale, limit, levels, slope;
  int32_t isCodes, positions, channels, row;
  int32_t requantization;
  int32_t thresholds, thresholdCount, interleavings;
};

// Multipliers of integer sums; columns of one number for each channel.
struct Requantization {
  int32_t multiplier, half, step, shift, before;
  int32_t zero, low, high;
};

struct Conv {
  int32_t input, output;
  int32_t height, width, channels, outHeight, outWidth, filters, groups;
  int32_t kernelHeight, kernelWidth, strideRows, strideColumns, top, left, dilationRows, dilationColumns;
  ConvKernel kernel;
  int32_t weights, groupBytes, tapWords, words, blocks, zero, isDirect, blockRows;
  int32_t rows, sums, signs, tail, run, isDense;
  int32_t hasShorts;  // whether the input's codes have two bytes
  int32_t isRelaxed;  // of WebAssembly
};

struct Window {
  int32_t input, output;
  int32_t height, width, channels, outHeight, outWidth;
  int32_t kernelHeight, kernelWidth, strideRows, strideColumns, top, left;
  int32_t shares, zero;
};

// The memory of a plan.
struct Memory {
  uint8_t* start;
  template <class T>
  T* at(int32_t offset) const {
    return offset == 0 ? nullptr : reinterpret_cast<T*>(start + static_cast<uint32_t>(offset));
  }
};

// How bytes are multiplied: not at all, exactly where two neighboring products add up in 16 bits, or exactly.
enum class ByteProducts { kNone, kPairsOf16Bits, kEightBits };

// The kernels for one set of instructions.
struct PlanKernels {
  const char* instructions;
  ByteProducts byteProducts;
  bool looksUpSigns;
  void (*convolve)(const Memory& memory, const Conv& conv);
  void (*convolveDepthwise)(const Memory& memory, const Conv& conv);
  void (*finishValues)(const Memory& memory, const Tail& tail, const float* from, uint8_t* to, int32_t positions);
  void (*poolCodes)(const Memory& memory, const Window& window, bool isSum);
  void (*poolFloats)(const Memory& memory, const Window& window);
  void (*sumShorts)(const Memory& memory, const Window& window);
  void (*packInput)(const Memory& memory, const Conv& conv);
  void (*quantizeValues)(const float* grid, const float* from, uint8_t* to, int32_t count);
};

// Null where this build or processor lacks the instructions.
const PlanKernels* kernelsAvx512();
const PlanKernels* kernelsVnni256();
const PlanKernels* kernelsAvxVnni();
const PlanKernels* kernelsAvx2();
const PlanKernels* kernelsPlain();

}  // namespace qprune
