// The kernels of a plan's steps. Each file of instructions includes this once, after it has selected its target and included
// its tiles, so that the compiler vectorizes the other loops for it, too. Results are equal to the bit to those of
// src/runtime/reference.
#include "convolution.h"
#include "depthwise.h"
#include "pools.h"

namespace qprune {
namespace QPRUNE_TARGET_NAME {

const PlanKernels kKernels{
    QPRUNE_TARGET_TEXT, kByteProducts, kSignBytes == 1, convolve,  convolveDepthwise, finishValues,
    poolCodes,          poolFloats,    sumShorts,       packInput, quantizeValues,
};

}  // namespace QPRUNE_TARGET_NAME
}  // namespace qprune
