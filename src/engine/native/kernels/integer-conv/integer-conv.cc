// Chooses the implementations of the integer convolutions by the CPU.
#include "integer-conv.h"

#include "integer-conv-kernels.h"

namespace qprune {

const IntegerConvKernel* ternaryConvKernel() {
#ifdef QPRUNE_AMX_KERNELS
  if (hasAmx() && hasVnni()) return &kByteConvVnni;
#endif
#ifdef QPRUNE_X86_KERNELS
  if (hasVpopcntdq()) return &kTernaryConvPopcnt;
  if (hasAvx2()) return &kByteConvAvx2;
#endif
  return nullptr;
}

const IntegerConvKernel* byteConvKernel() {
#ifdef QPRUNE_X86_KERNELS
  if (hasVnni()) return &kByteConvVnni;
  if (hasAvx2()) return &kByteConvAvx2;
#endif
  return nullptr;
}

}  // namespace qprune
