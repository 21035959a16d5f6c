// The kernels of a plan's steps. Each file of instructions includes this once, after it has selected its target, so that the
// compiler vectorizes the loops for it; products of bytes and counts of bits use intrinsics where the target has them.
// Every operation on floats is rounded as src/runtime/reference computes it, so results are equal to the bit.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "../../native/kernels/threads/parallel.h"
#include "../../native/kernels/threads/thread-pool.h"
#include "structures.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {
namespace {

// Filters of a block: a vector holds one word of each.
constexpr int kBlock = 16;
// Rows and blocks of a tile, whose sums fill the vector registers.
#ifdef QPRUNE_HAS_512
constexpr int kTileRows = 8;
constexpr int kTileBlocks = 3;
#else
constexpr int kTileRows = 4;
constexpr int kTileBlocks = 1;
#endif

// A block that grows. No container of the standard library: the linker would keep one of its copies for all targets.
struct Block {
  void* start = nullptr;
  size_t bytes = 0;
  ~Block() { std::free(start); }
  template <class T>
  T* room(size_t count) {
    if (bytes < count * sizeof(T)) {
      std::free(start);
      bytes = count * sizeof(T);
      start = std::malloc(bytes);
    }
    return static_cast<T*>(start);
  }
};

// Scratch memory of a thread.
struct Scratch {
  Block rows, sums, row;
};

Scratch& scratch() {
  static thread_local Scratch own;
  return own;
}

// ---- tails ----

template <int ACT>
inline float activated(float x, const Tail& t) {
  switch (ACT) {
    case kRelu: return x > 0 ? x : 0;
    case kRelu6: {
      const float low = x < 0 ? 0 : x;
      return low > 6 ? 6 : low;
    }
    case kLeakyRelu: return x > 0 ? x : x * t.slope;
    case kUnit: {
      float u = (x < t.limit ? x : t.limit) * t.actScale;
      u = u < 0 ? 0 : u;
      u = u > 1 ? 1 : u;
      return __builtin_rintf(u * t.levels);
    }
    case kSignedUnit: {
      float u = x * t.actScale;
      u = u < -1 ? -1 : u;
      u = u > 1 ? 1 : u;
      return __builtin_rintf(u * t.levels) + t.levels;
    }
    case kUnitSign: return x * t.actScale > 0 ? 1 : 0;
    case kStep: return x > 0 ? 1 : 0;
    case kSign: return 1 + (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0);
    case kTernary: return 1 + (x > 0.5f ? 1 : 0) - (x < -0.5f ? 1 : 0);
    default: return x;
  }
}

// `count` channels of a row from `first` on: sums -> to.
template <int ACT>
void finishWith(const Memory& m, const Tail& t, const void* sums, int32_t window, int first, int count, uint8_t* to) {
  constexpr int kChunk = 64;
  const int32_t* constant = m.at<int32_t>(t.constant);
  const float* factor = m.at<float>(t.factor);
  const float* bias = m.at<float>(t.bias);
  const float* center = m.at<float>(t.center);
  const float* scale = m.at<float>(t.scale);
  const float* shift = m.at<float>(t.shift);
  const Tail own = t;
  float x[kChunk];
  for (int from = 0; from < count; from += kChunk) {
    const int some = std::min(kChunk, count - from);
    const int at = first + from;
    if (own.sums == 0) {
      std::memcpy(x, static_cast<const float*>(sums) + from, some * sizeof(float));
    } else {
      const int32_t* s = static_cast<const int32_t*>(sums) + from;
      int32_t whole[kChunk];
      if (own.sums == 2)
        for (int i = 0; i < some; i++) whole[i] = 2 * s[i] + window;
      else
        std::memcpy(whole, s, some * sizeof(int32_t));
      if (constant)
        for (int i = 0; i < some; i++) whole[i] += constant[at + i];
      for (int i = 0; i < some; i++) x[i] = factor[at + i] * static_cast<float>(whole[i]);
    }
    if (bias)
      for (int i = 0; i < some; i++) x[i] = x[i] + bias[at + i];
    if (scale)
      for (int i = 0; i < some; i++) x[i] = (x[i] - center[at + i]) * scale[at + i] + shift[at + i];
    if (ACT >= kUnit) {
      for (int i = 0; i < some; i++) to[from + i] = static_cast<uint8_t>(static_cast<int32_t>(activated<ACT>(x[i], own)));
    } else {
      for (int i = 0; i < some; i++) x[i] = activated<ACT>(x[i], own);
      std::memcpy(to + sizeof(float) * from, x, some * sizeof(float));
    }
  }
}

// Integer sums as codes: products with multipliers, rounded once, halves up.
void requantizeChannels(const Memory& m, const Tail& t, const int32_t* __restrict sums, int first, int count,
                        uint8_t* __restrict to) {
  const Requantization r = *m.at<Requantization>(t.requantization);
  const int32_t* __restrict constant = m.at<int32_t>(t.constant) + first;
  const int32_t* __restrict multiplier = m.at<int32_t>(r.multiplier) + first;
  const int64_t* __restrict half = m.at<int64_t>(r.half) + first;
  const int32_t* __restrict shift = m.at<int32_t>(r.shift) + first;
  const int32_t* __restrict before = r.before ? m.at<int32_t>(r.before) + first : nullptr;
#ifdef QPRUNE_HAS_512
  const __m512i zero = _mm512_set1_epi32(r.zero), low = _mm512_set1_epi32(r.low), high = _mm512_set1_epi32(r.high);
  const __m512i one = _mm512_set1_epi64(1), evenLanes = _mm512_set1_epi64(0xffffffff);
  // Halves follow from the shifts, which are at least 31.
  const auto rounded = [&](__m512i products, __m512i by) {
    const __m512i halves = _mm512_srli_epi64(_mm512_sllv_epi64(one, by), 1);
    return _mm512_srav_epi64(_mm512_add_epi64(products, halves), by);
  };
  for (int i = 0; i < count; i += 16) {
    const __mmask16 lanes = count - i >= 16 ? 0xffff : static_cast<__mmask16>((1u << (count - i)) - 1);
    __m512i x = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, sums + i), _mm512_maskz_loadu_epi32(lanes, constant + i));
    if (before) x = _mm512_mullo_epi32(x, _mm512_maskz_loadu_epi32(lanes, before + i));
    const __m512i factor = _mm512_maskz_loadu_epi32(lanes, multiplier + i);
    const __m512i by = _mm512_maskz_loadu_epi32(lanes, shift + i);
    const __m512i even = rounded(_mm512_mul_epi32(x, factor), _mm512_and_si512(by, evenLanes));
    const __m512i odd = rounded(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(factor, 32)),
                                _mm512_srli_epi64(by, 32));
    const __m512i scaled = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
    const __m512i code = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(scaled, zero), low), high);
    _mm512_mask_cvtepi32_storeu_epi8(to + i, lanes, code);
  }
#else
  for (int i = 0; i < count; i++) {
    int32_t sum = sums[i] + constant[i];
    if (before) sum *= before[i];
    const int64_t wide = static_cast<int64_t>(sum) * multiplier[i] + half[i];
    int32_t code = static_cast<int32_t>(wide >> shift[i]) + r.zero;
    code = code < r.low ? r.low : code;
    to[i] = static_cast<uint8_t>(code > r.high ? r.high : code);
  }
#endif
}

void finishChannels(const Memory& m, const Tail& t, const void* sums, int32_t window, int first, int count,
                    uint8_t* to) {
  switch (t.act) {
    case kRelu: return finishWith<kRelu>(m, t, sums, window, first, count, to);
    case kRelu6: return finishWith<kRelu6>(m, t, sums, window, first, count, to);
    case kLeakyRelu: return finishWith<kLeakyRelu>(m, t, sums, window, first, count, to);
    case kUnit: return finishWith<kUnit>(m, t, sums, window, first, count, to);
    case kSignedUnit: return finishWith<kSignedUnit>(m, t, sums, window, first, count, to);
    case kUnitSign: return finishWith<kUnitSign>(m, t, sums, window, first, count, to);
    case kStep: return finishWith<kStep>(m, t, sums, window, first, count, to);
    case kSign: return finishWith<kSign>(m, t, sums, window, first, count, to);
    case kTernary: return finishWith<kTernary>(m, t, sums, window, first, count, to);
    case kRequantize: return requantizeChannels(m, t, static_cast<const int32_t*>(sums), first, count, to);
    default: return finishWith<kIdentity>(m, t, sums, window, first, count, to);
  }
}

// Rows of sums [rows, groups, columns] -> rows of outputs.
void finishRows(const Memory& m, const Tail& t, const int32_t* sums, int rows, int groups, int filters, int columns,
                uint8_t* to) {
  const int size = t.isCodes ? 1 : 4;
  const int32_t* positions = m.at<int32_t>(t.positions);
  uint8_t* own = positions ? scratch().row.room<uint8_t>(static_cast<size_t>(t.channels) * size) : nullptr;
  for (int row = 0; row < rows; row++, to += static_cast<size_t>(t.channels) * size) {
    uint8_t* place = positions ? own : to;
    for (int group = 0; group < groups; group++, sums += columns)
      finishChannels(m, t, sums, t.sums == 2 ? sums[filters] : 0, group * filters, filters,
                     place + static_cast<size_t>(group) * filters * size);
    if (!positions) continue;
    if (t.isCodes)
      for (int c = 0; c < t.channels; c++) to[positions[c]] = own[c];
    else
      for (int c = 0; c < t.channels; c++) std::memcpy(to + 4 * positions[c], own + 4 * c, 4);
  }
}

// ---- products of rows and filters ----

// Adds the products of a word of a row and a word of a block.
#ifdef QPRUNE_HAS_512
using Vector = __m512i;
inline Vector zeros() { return _mm512_setzero_si512(); }
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  const __m512i weights = _mm512_loadu_si512(w);
  const __m512i x = _mm512_set1_epi32(*word);
  if (KERNEL == kFloats)
    return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(sums),
                                             _mm512_mul_ps(_mm512_castsi512_ps(x), _mm512_castsi512_ps(weights))));
  return KERNEL == kShorts ? _mm512_dpwssd_epi32(sums, x, weights) : _mm512_dpbusd_epi32(sums, x, weights);
}
inline void storeSums(int32_t* to, Vector sums) { _mm512_storeu_si512(to, sums); }
#elif defined(QPRUNE_HAS_AVX2)
struct Vector {
  __m256i low, high;
};
inline Vector zeros() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
template <int KERNEL>
inline __m256i half(__m256i sums, __m256i x, __m256i weights) {
  if (KERNEL == kFloats)
    return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(sums),
                                             _mm256_mul_ps(_mm256_castsi256_ps(x), _mm256_castsi256_ps(weights))));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(weights, x));
}
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  const __m256i x = _mm256_set1_epi32(*word);
  return {half<KERNEL>(sums.low, x, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w))),
          half<KERNEL>(sums.high, x, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32)))};
}
inline void storeSums(int32_t* to, Vector sums) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums.low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8), sums.high);
}
#else
// Vectors that the compiler makes of the processor's own.
typedef int32_t Vector __attribute__((vector_size(4 * kBlock)));
typedef float FloatVector __attribute__((vector_size(4 * kBlock)));
inline Vector zeros() { return Vector{}; }
template <int KERNEL>
inline Vector product(Vector sums, const int32_t* word, const uint8_t* w) {
  if (KERNEL == kFloats) {
    float x;
    FloatVector weights;
    std::memcpy(&x, word, sizeof x);
    std::memcpy(&weights, w, sizeof weights);
    return reinterpret_cast<Vector>(reinterpret_cast<FloatVector>(sums) + weights * x);
  }
  Vector weights;
  std::memcpy(&weights, w, sizeof weights);
  const int32_t low = static_cast<int16_t>(*word), high = *word >> 16;
  return sums + ((weights << 16) >> 16) * low + (weights >> 16) * high;
}
inline void storeSums(int32_t* to, Vector sums) { std::memcpy(to, &sums, sizeof sums); }
#endif

// ROWS rows times BLOCKS blocks of filters.
template <int KERNEL, int ROWS, int BLOCKS>
void multiplyTile(const uint8_t* x, size_t rowBytes, int words, const uint8_t* w, int32_t* sums, size_t columns) {
  const size_t blockBytes = static_cast<size_t>(words) * kBlock * 4;
  Vector total[BLOCKS][ROWS];
  for (int b = 0; b < BLOCKS; b++)
    for (int r = 0; r < ROWS; r++) total[b][r] = zeros();
  for (int word = 0; word < words; word++, w += kBlock * 4)
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const int32_t* at = reinterpret_cast<const int32_t*>(x + r * rowBytes) + word;
#pragma GCC unroll 3
      for (int b = 0; b < BLOCKS; b++) total[b][r] = product<KERNEL>(total[b][r], at, w + b * blockBytes);
    }
#pragma GCC unroll 3
  for (int b = 0; b < BLOCKS; b++)
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) storeSums(sums + r * columns + b * kBlock, total[b][r]);
}

template <int KERNEL, int BLOCKS>
void multiplyBlocks(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int32_t* sums,
                    size_t columns) {
  // One block alone needs more rows to hide the latency of products.
  constexpr int kRows = BLOCKS == 1 ? 2 * kTileRows : kTileRows;
  int row = 0;
  for (; row + kRows <= rows; row += kRows)
    multiplyTile<KERNEL, kRows, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  for (; row + kTileRows <= rows; row += kTileRows)
    multiplyTile<KERNEL, kTileRows, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
  for (; row < rows; row++)
    multiplyTile<KERNEL, 1, BLOCKS>(x + row * rowBytes, rowBytes, words, w, sums + row * columns, columns);
}

template <int KERNEL>
void multiplyRows(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
                  size_t columns) {
  const size_t blockBytes = static_cast<size_t>(words) * kBlock * 4;
  for (int block = 0; block < blocks; block += kTileBlocks) {
    const uint8_t* filters = w + block * blockBytes;
    int32_t* to = sums + block * kBlock;
    switch (std::min(kTileBlocks, blocks - block)) {
      case 3: multiplyBlocks<KERNEL, 3>(x, rows, rowBytes, words, filters, to, columns); break;
      case 2: multiplyBlocks<KERNEL, 2>(x, rows, rowBytes, words, filters, to, columns); break;
      default: multiplyBlocks<KERNEL, 1>(x, rows, rowBytes, words, filters, to, columns);
    }
  }
}

// A word of a row is a pair of 32 bits: present and negative channels. A word of filters is [negative] of 16 filters, or with
// zeros [present, negative].
template <bool HAS_ZEROS, int ROWS>
void countTile(const uint8_t* x, size_t rowBytes, int words, const uint32_t* w, int32_t* sums, size_t columns) {
  const uint32_t* bits[ROWS];
  for (int r = 0; r < ROWS; r++) bits[r] = reinterpret_cast<const uint32_t*>(x + r * rowBytes);
#ifdef QPRUNE_HAS_512
  __m512i both[ROWS], opposite[ROWS];
  int32_t present[ROWS];
  for (int r = 0; r < ROWS; r++) {
    both[r] = opposite[r] = _mm512_setzero_si512();
    present[r] = 0;
    if (!HAS_ZEROS)
      for (int word = 0; word < words; word++) present[r] += __builtin_popcount(bits[r][2 * word]);
  }
  for (int word = 0; word < words; word++, w += kBlock * (HAS_ZEROS ? 2 : 1)) {
    const __m512i negative = _mm512_loadu_si512(w + (HAS_ZEROS ? kBlock : 0));
    const __m512i isThere = HAS_ZEROS ? _mm512_loadu_si512(w) : _mm512_set1_epi32(-1);
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
      __m512i p = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word]));
      const __m512i n = _mm512_set1_epi32(static_cast<int>(bits[r][2 * word + 1]));
      if (HAS_ZEROS) {
        p = _mm512_and_si512(p, isThere);
        both[r] = _mm512_add_epi32(both[r], _mm512_popcnt_epi32(p));
      }
      const __m512i differ = _mm512_and_si512(p, _mm512_xor_si512(n, negative));
      opposite[r] = _mm512_add_epi32(opposite[r], _mm512_popcnt_epi32(differ));
    }
  }
  for (int r = 0; r < ROWS; r++) {
    const __m512i all = HAS_ZEROS ? both[r] : _mm512_set1_epi32(present[r]);
    _mm512_storeu_si512(sums + r * columns, _mm512_sub_epi32(all, _mm512_slli_epi32(opposite[r], 1)));
  }
#else
  for (int r = 0; r < ROWS; r++) {
    int32_t total[kBlock] = {};
    const uint32_t* filters = w;
    for (int word = 0; word < words; word++, filters += kBlock * (HAS_ZEROS ? 2 : 1)) {
      const uint32_t present = bits[r][2 * word], negative = bits[r][2 * word + 1];
      for (int i = 0; i < kBlock; i++) {
        const uint32_t p = HAS_ZEROS ? present & filters[i] : present;
        const uint32_t differ = p & (negative ^ filters[i + (HAS_ZEROS ? kBlock : 0)]);
        total[i] += __builtin_popcount(p) - 2 * __builtin_popcount(differ);
      }
    }
    std::memcpy(sums + r * columns, total, sizeof total);
  }
#endif
}

template <bool HAS_ZEROS>
void countRows(const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks, int32_t* sums,
               size_t columns) {
  const uint32_t* filters = reinterpret_cast<const uint32_t*>(w);
  for (int block = 0; block < blocks; block++, sums += kBlock, filters += words * kBlock * (HAS_ZEROS ? 2 : 1)) {
    int row = 0;
    for (; row + kTileRows <= rows; row += kTileRows)
      countTile<HAS_ZEROS, kTileRows>(x + row * rowBytes, rowBytes, words, filters, sums + row * columns, columns);
    for (; row < rows; row++)
      countTile<HAS_ZEROS, 1>(x + row * rowBytes, rowBytes, words, filters, sums + row * columns, columns);
  }
}

void multiply(ConvKernel kernel, const uint8_t* x, int rows, size_t rowBytes, int words, const uint8_t* w, int blocks,
              int32_t* sums, size_t columns) {
  switch (kernel) {
    case kFloats: return multiplyRows<kFloats>(x, rows, rowBytes, words, w, blocks, sums, columns);
    case kSigns: return countRows<false>(x, rows, rowBytes, words, w, blocks, sums, columns);
    case kTernarySigns: return countRows<true>(x, rows, rowBytes, words, w, blocks, sums, columns);
    case kShorts: return multiplyRows<kShorts>(x, rows, rowBytes, words, w, blocks, sums, columns);
    default: return multiplyRows<kBytes>(x, rows, rowBytes, words, w, blocks, sums, columns);
  }
}

// ---- windows ----

inline size_t tapBytesOf(const Conv& c) { return static_cast<size_t>(c.tapWords) * (c.kernel >= kSigns ? 8 : 4); }

// `taps` adjacent taps of a group, from `position` on.
void gatherTaps(const Memory& m, const Conv& c, int position, int group, int taps, uint8_t* to) {
  const int own = c.channels / c.groups;
  const size_t from = static_cast<size_t>(position) * c.channels + static_cast<size_t>(group) * own;
  const int count = own * taps;
  switch (c.kernel) {
    case kFloats: std::memcpy(to, m.at<float>(c.input) + from, sizeof(float) * count); return;
    case kBytes: std::memcpy(to, m.at<uint8_t>(c.input) + from, count); return;
    case kShorts: {
      if (c.hasShorts) {
        std::memcpy(to, m.at<uint16_t>(c.input) + from, sizeof(uint16_t) * count);
        return;
      }
      const uint8_t* codes = m.at<uint8_t>(c.input) + from;
      int16_t* wide = reinterpret_cast<int16_t*>(to);
      for (int i = 0; i < count; i++) wide[i] = codes[i];
      return;
    }
    default: {
      const size_t word = (static_cast<size_t>(position) * c.groups + group) * c.tapWords;
      std::memcpy(to, m.at<uint8_t>(c.bits) + 8 * word, 8 * static_cast<size_t>(c.tapWords) * taps);
    }
  }
}

void gatherPadding(const Conv& c, uint8_t* to, size_t bytes) {
  if (c.kernel != kShorts) {
    std::memset(to, c.kernel == kBytes ? c.zero : 0, bytes);
    return;
  }
  int16_t* wide = reinterpret_cast<int16_t*>(to);
  for (size_t i = 0; i < bytes / 2; i++) wide[i] = static_cast<int16_t>(c.zero);
}

void gatherRow(const Memory& m, const Conv& c, int at, int group, uint8_t* to) {
  const size_t tapBytes = tapBytesOf(c);
  const int firstRow = at / c.outWidth * c.strideRows - c.top;
  const int firstColumn = at % c.outWidth * c.strideColumns - c.left;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    const bool isInside = row >= 0 && row < c.height;
    if (c.isDense && isInside && firstColumn >= 0 && firstColumn + c.kernelWidth <= c.width) {
      gatherTaps(m, c, row * c.width + firstColumn, group, c.kernelWidth, to);
      to += tapBytes * c.kernelWidth;
      continue;
    }
    for (int kx = 0; kx < c.kernelWidth; kx++, to += tapBytes) {
      const int column = firstColumn + kx * c.dilationColumns;
      if (isInside && column >= 0 && column < c.width) gatherTaps(m, c, row * c.width + column, group, 1, to);
      else gatherPadding(c, to, tapBytes);
    }
  }
}

const uint8_t* placeOf(const Memory& m, const Conv& c, int at) {
  const size_t word = static_cast<size_t>(at) * c.words;
  return c.kernel >= kSigns ? m.at<uint8_t>(c.bits) + 8 * word : m.at<uint8_t>(c.input) + 4 * word;
}

// Output positions `begin` to `end`.
void convolvePart(const Memory& m, const Conv& c, int begin, int end) {
  const Tail& t = *m.at<Tail>(c.tail);
  const int perGroup = c.filters / c.groups;
  const size_t groupColumns = static_cast<size_t>(c.blocks) * kBlock, columns = c.groups * groupColumns;
  const size_t rowBytes = tapBytesOf(c) * c.kernelHeight * c.kernelWidth;
  uint8_t* rows = scratch().rows.room<uint8_t>(static_cast<size_t>(c.blockRows) * rowBytes + 64);
  int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(c.blockRows) * columns);
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  for (int at = begin; at < end; at += c.blockRows) {
    const int count = std::min(c.blockRows, end - at);
    for (int group = 0; group < c.groups; group++) {
      const uint8_t* x = rows;
      if (c.isDirect) x = placeOf(m, c, at);
      else
        for (int row = 0; row < count; row++) gatherRow(m, c, at + row, group, rows + row * rowBytes);
      multiply(c.kernel, x, count, rowBytes, c.words, m.at<uint8_t>(c.weights) + static_cast<size_t>(group) * c.groupBytes,
               c.blocks, sums + group * groupColumns, columns);
    }
    finishRows(m, t, sums, count, c.groups, perGroup, static_cast<int>(groupColumns),
               m.at<uint8_t>(c.output) + at * outBytes);
  }
}

void convolve(const Memory& m, const Conv& c) {
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  parallelFor(threadPool(), positions, kTileRows,
              [&](int64_t begin, int64_t end, int) { convolvePart(m, c, static_cast<int>(begin), static_cast<int>(end)); });
}

// ---- depthwise convolutions ----

// Weights are [taps, tapWords]: shorts, or floats. `some` channels from `first` on, of one output position.
template <class Code, class Weight, class Sum>
void sumChannels(const Memory& m, const Conv& c, int firstRow, int firstColumn, int first, int some, Sum* sums) {
  const Weight* w = m.at<Weight>(c.weights) + first;
  const Sum zero = static_cast<Sum>(c.zero);
  for (int i = 0; i < some; i++) sums[i] = 0;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    for (int kx = 0; kx < c.kernelWidth; kx++, w += c.tapWords) {
      const int column = firstColumn + kx * c.dilationColumns;
      if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
      const Code* x = m.at<Code>(c.input) + (static_cast<size_t>(row) * c.width + column) * c.channels + first;
      for (int i = 0; i < some; i++)
        sums[i] = sums[i] + (static_cast<Sum>(x[i]) - zero) * static_cast<Sum>(w[i]);
    }
  }
}

#ifdef QPRUNE_HAS_512
// The taps of a window at one output position: where their codes start, or a row of zeros outside the maps.
int tapsAt(const Memory& m, const Conv& c, int firstRow, int firstColumn, const uint8_t* outside, const uint8_t** taps) {
  int count = 0;
  for (int ky = 0; ky < c.kernelHeight; ky++) {
    const int row = firstRow + ky * c.dilationRows;
    for (int kx = 0; kx < c.kernelWidth; kx++) {
      const int column = firstColumn + kx * c.dilationColumns;
      const bool isInside = row >= 0 && row < c.height && column >= 0 && column < c.width;
      taps[count++] =
          isInside ? m.at<uint8_t>(c.input) + (static_cast<size_t>(row) * c.width + column) * c.channels : outside;
    }
  }
  return count;
}

constexpr int kMostTaps = 64;
// Output positions that are computed together, with the same weights.
constexpr int kDepthwiseRows = 8;

// The weights of 32 channels in pairs of taps.
struct PairedWeights {
  PairedWeights(const Conv& c, const int16_t* w, int taps, __mmask32 lanes) {
    for (int tap = 0; tap < taps; tap += 2) {
      const __m512i v = _mm512_maskz_loadu_epi16(lanes, w + static_cast<size_t>(tap) * c.tapWords);
      const __m512i u = tap + 1 < taps ? _mm512_maskz_loadu_epi16(lanes, w + static_cast<size_t>(tap + 1) * c.tapWords)
                                       : _mm512_setzero_si512();
      low[tap / 2] = _mm512_unpacklo_epi16(v, u);
      high[tap / 2] = _mm512_unpackhi_epi16(v, u);
    }
  }
  __m512i low[kMostTaps / 2], high[kMostTaps / 2];
};

// Sums of 32 channels from `first` on: products of two taps at a time, in pairs of 16 bits.
inline void sumPairs(const PairedWeights& weights, __m512i zero, const uint8_t* const* taps, int count, int first,
                     __mmask32 lanes, int32_t* sums) {
  const auto codes = [&](int at) {
    return _mm512_sub_epi16(_mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(lanes, taps[at] + first)), zero);
  };
  __m512i low = _mm512_setzero_si512(), high = low;
  int tap = 0;
  for (; tap + 1 < count; tap += 2) {
    const __m512i x = codes(tap), y = codes(tap + 1);
    low = _mm512_dpwssd_epi32(low, _mm512_unpacklo_epi16(x, y), weights.low[tap / 2]);
    high = _mm512_dpwssd_epi32(high, _mm512_unpackhi_epi16(x, y), weights.high[tap / 2]);
  }
  if (tap < count) {
    const __m512i x = codes(tap), none = _mm512_setzero_si512();
    low = _mm512_dpwssd_epi32(low, _mm512_unpacklo_epi16(x, none), weights.low[tap / 2]);
    high = _mm512_dpwssd_epi32(high, _mm512_unpackhi_epi16(x, none), weights.high[tap / 2]);
  }
  // Each part of 128 bits has 4 channels of `low` before 4 of `high`.
  const __m512i front = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const __m512i back = _mm512_setr_epi32(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  _mm512_storeu_si512(sums, _mm512_permutex2var_epi32(low, front, high));
  _mm512_storeu_si512(sums + 16, _mm512_permutex2var_epi32(low, back, high));
}

// Codes times weights, for windows of at most kMostTaps.
void convolveDepthwiseCodes(const Memory& m, const Conv& c) {
  const Tail& t = *m.at<Tail>(c.tail);
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  const int columns = (c.channels + 31) / 32 * 32;
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  const __m512i zero = _mm512_set1_epi16(static_cast<int16_t>(c.zero));
  parallelFor(threadPool(), positions, 16, [&](int64_t begin, int64_t end, int) {
    int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(columns) * kDepthwiseRows);
    uint8_t* outside = scratch().rows.room<uint8_t>(static_cast<size_t>(columns));
    std::memset(outside, c.zero, static_cast<size_t>(columns));
    const uint8_t* taps[kDepthwiseRows][kMostTaps];
    for (int64_t at = begin; at < end; at += kDepthwiseRows) {
      const int rows = static_cast<int>(std::min<int64_t>(kDepthwiseRows, end - at));
      int count = 0;
      for (int row = 0; row < rows; row++) {
        const int position = static_cast<int>(at) + row;
        count = tapsAt(m, c, position / c.outWidth * c.strideRows - c.top,
                       position % c.outWidth * c.strideColumns - c.left, outside, taps[row]);
      }
      for (int first = 0; first < c.channels; first += 32) {
        const int some = c.channels - first;
        const __mmask32 lanes = some >= 32 ? ~0u : (1u << some) - 1;
        const PairedWeights weights(c, m.at<int16_t>(c.weights) + first, count, lanes);
        for (int row = 0; row < rows; row++)
          sumPairs(weights, zero, taps[row], count, first, lanes, sums + row * columns + first);
      }
      finishRows(m, t, sums, rows, 1, c.channels, columns, m.at<uint8_t>(c.output) + at * outBytes);
    }
  });
}
#endif

void convolveDepthwise(const Memory& m, const Conv& c) {
#ifdef QPRUNE_HAS_512
  if (c.kernel != kFloats && c.kernelHeight * c.kernelWidth <= kMostTaps) return convolveDepthwiseCodes(m, c);
#endif
  constexpr int kChunk = 64;
  const Tail& t = *m.at<Tail>(c.tail);
  const size_t outBytes = static_cast<size_t>(c.filters) * (t.isCodes ? 1 : 4);
  const int64_t positions = static_cast<int64_t>(c.outHeight) * c.outWidth;
  parallelFor(threadPool(), positions, 16, [&](int64_t begin, int64_t end, int) {
    int32_t* sums = scratch().sums.room<int32_t>(static_cast<size_t>(c.channels) + kChunk);
    for (int64_t at = begin; at < end; at++) {
      const int firstRow = static_cast<int>(at / c.outWidth) * c.strideRows - c.top;
      const int firstColumn = static_cast<int>(at % c.outWidth) * c.strideColumns - c.left;
      for (int first = 0; first < c.channels; first += kChunk) {
        const int some = std::min(kChunk, c.channels - first);
        if (c.kernel == kFloats)
          sumChannels<float, float, float>(m, c, firstRow, firstColumn, first, some, reinterpret_cast<float*>(sums + first));
        else
          sumChannels<uint8_t, int16_t, int32_t>(m, c, firstRow, firstColumn, first, some, sums + first);
      }
      finishRows(m, t, sums, 1, 1, c.channels, c.channels, m.at<uint8_t>(c.output) + at * outBytes);
    }
  });
}

// ---- stored values ----

void finishValues(const Memory& m, const Tail& t, const float* from, uint8_t* to, int32_t positions) {
  const size_t outBytes = static_cast<size_t>(t.channels) * (t.isCodes ? 1 : 4);
  parallelFor(threadPool(), positions, 64, [&](int64_t begin, int64_t end, int) {
    finishRows(m, t, reinterpret_cast<const int32_t*>(from + begin * t.channels), static_cast<int>(end - begin), 1,
               t.channels, t.channels, to + begin * outBytes);
  });
}

// Floats as codes; grid: 1 / scale, zero, largest code.
void quantizeValues(const float* grid, const float* __restrict from, uint8_t* __restrict to, int32_t count) {
  const float inverse = grid[0], zero = grid[1], top = grid[2];
  for (int32_t i = 0; i < count; i++) {
    float code = __builtin_rintf(from[i] * inverse) + zero;
    code = code < 0 ? 0 : code;
    to[i] = static_cast<uint8_t>(static_cast<int32_t>(code > top ? top : code));
  }
}

template <class T, class Visit>
void forWindow(const Memory& m, const Window& p, int64_t at, const Visit& visit) {
  const int firstRow = static_cast<int>(at / p.outWidth) * p.strideRows - p.top;
  const int firstColumn = static_cast<int>(at % p.outWidth) * p.strideColumns - p.left;
  for (int ky = 0; ky < p.kernelHeight; ky++)
    for (int kx = 0; kx < p.kernelWidth; kx++) {
      const int row = firstRow + ky, column = firstColumn + kx;
      const bool isInside = row >= 0 && row < p.height && column >= 0 && column < p.width;
      visit(isInside ? m.at<T>(p.input) + (static_cast<size_t>(row) * p.width + column) * p.channels : nullptr);
    }
}

// One row of channels into another. The bounds are copies, which the bytes that are written cannot alias.
inline void addCodes(uint8_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = static_cast<uint8_t>(y[c] + x[c]);
}
inline void raiseCodes(uint8_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = y[c] > x[c] ? y[c] : x[c];
}

void poolCodes(const Memory& m, const Window& window, bool isSum) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  const uint8_t zero = static_cast<uint8_t>(p.zero);
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      uint8_t* __restrict y = m.at<uint8_t>(p.output) + at * p.channels;
      std::memset(y, 0, p.channels);
      forWindow<uint8_t>(m, p, at, [&](const uint8_t* x) {
        if (x && isSum) addCodes(y, x, p.channels);
        else if (x) raiseCodes(y, x, p.channels);
        else if (isSum)
          for (int c = 0; c < p.channels; c++) y[c] = static_cast<uint8_t>(y[c] + zero);
      });
    }
  });
}

inline void addShorts(uint16_t* __restrict y, const uint8_t* __restrict x, int channels) {
  for (int c = 0; c < channels; c++) y[c] = static_cast<uint16_t>(y[c] + x[c]);
}

// Sums of codes, in two bytes each.
void sumShorts(const Memory& m, const Window& window) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      uint16_t* __restrict y = m.at<uint16_t>(p.output) + at * p.channels;
      std::fill(y, y + p.channels, static_cast<uint16_t>(0));
      forWindow<uint8_t>(m, p, at, [&](const uint8_t* x) {
        if (x) addShorts(y, x, p.channels);
        else
          for (int c = 0; c < p.channels; c++) y[c] = static_cast<uint16_t>(y[c] + p.zero);
      });
    }
  });
}

void poolFloats(const Memory& m, const Window& window) {
  const Window p = window;
  const int64_t positions = static_cast<int64_t>(p.outHeight) * p.outWidth;
  const float* shares = m.at<float>(p.shares);
  parallelFor(threadPool(), positions, 32, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; at++) {
      float* __restrict y = m.at<float>(p.output) + at * p.channels;
      std::fill(y, y + p.channels, shares ? 0.0f : -INFINITY);
      forWindow<float>(m, p, at, [&](const float* x) {
        if (!x) return;
        if (shares)
          for (int c = 0; c < p.channels; c++) y[c] = y[c] + x[c] * shares[at];
        else
          for (int c = 0; c < p.channels; c++) y[c] = y[c] > x[c] ? y[c] : x[c];
      });
    }
  });
}

// The channels of positions as bits: pairs of present and negative channels.
void packInput(const Memory& m, const Conv& c) {
  const int own = c.channels / c.groups;
  const uint8_t zero = static_cast<uint8_t>(c.zero);
  parallelFor(threadPool(), static_cast<int64_t>(c.height) * c.width, 64, [&](int64_t begin, int64_t end, int) {
    uint32_t* bits = m.at<uint32_t>(c.bits) + 2 * begin * c.groups * c.tapWords;
    const uint8_t* x = m.at<uint8_t>(c.input) + begin * c.channels;
    for (int64_t at = begin * c.groups; at < end * c.groups; at++, x += own)
      for (int from = 0; from < own; from += 32, bits += 2) {
        const int some = std::min(32, own - from);
        uint32_t present = 0, negative = 0;
#ifdef QPRUNE_HAS_512
        const __mmask32 lanes = some == 32 ? ~0u : (1u << some) - 1;
        const __m256i codes = _mm256_maskz_loadu_epi8(lanes, x + from);
        const __m256i z = _mm256_set1_epi8(static_cast<char>(zero));
        present = _mm256_mask_cmpneq_epu8_mask(lanes, codes, z);
        negative = _mm256_mask_cmplt_epu8_mask(lanes, codes, z);
#else
        for (int i = 0; i < some; i++) {
          present |= static_cast<uint32_t>(x[from + i] != zero) << i;
          negative |= static_cast<uint32_t>(x[from + i] < zero) << i;
        }
#endif
        bits[0] = present;
        bits[1] = negative;
      }
  });
}

}  // namespace

#ifdef QPRUNE_HAS_512
constexpr bool kMultipliesBytes = true;
#else
constexpr bool kMultipliesBytes = false;
#endif
const PlanKernels kKernels{QPRUNE_TARGET_TEXT, kMultipliesBytes, convolve,   convolveDepthwise,
                           finishValues,       poolCodes,        poolFloats, sumShorts, packInput,
                           quantizeValues};

}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
