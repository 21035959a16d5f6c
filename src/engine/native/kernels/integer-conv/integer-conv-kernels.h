// The implementations of the integer convolutions, each in a file of its name.
#pragma once

#include "../cpu-features.h"
#include "integer-conv.h"

namespace qprune {

#ifdef QPRUNE_X86_KERNELS
extern const IntegerConvKernel kTernaryConvPopcnt;
extern const IntegerConvKernel kByteConvVnni;
extern const IntegerConvKernel kByteConvAvx2;
#endif

}  // namespace qprune
