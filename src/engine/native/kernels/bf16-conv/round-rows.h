// Rows of floats, rounded to bfloat16.
#pragma once

#include <cstdint>

#include "bf16.h"

namespace qprune {

// to[i] = from[i]. Subnormal numbers may become 0, as the products of bfloat16 take them.
void roundRow(const float* from, int64_t count, Bf16* to);

// pairs[i] = (low[i], high[i]); null operands are zeros.
void roundPairs(const float* low, const float* high, int64_t count, uint32_t* pairs);

}  // namespace qprune
