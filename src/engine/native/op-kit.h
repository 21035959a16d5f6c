// What every op here needs of TensorFlow's C interface: attributes, inputs, outputs, registration.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <new>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// Compiles a loop once for each vector width and takes the widest that the processor has.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define QPRUNE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define QPRUNE_CLONES
#endif
#define QPRUNE_INLINE inline __attribute__((always_inline))

namespace qprune {

using Shape = std::vector<int64_t>;

int64_t elementCount(const Shape& shape);

// Reads an op's attributes when its kernel is made.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  int64_t integer(const char* name) const;
  float real(const char* name) const;

 private:
  TF_OpKernelConstruction* construction_;
};

void failForMemory(TF_OpKernelContext* context);

// One run of an op. Inputs live until the run ends.
class Run {
 public:
  explicit Run(TF_OpKernelContext* context) : context_(context) {}
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  template <class T = float>
  const T* input(int index) {
    return static_cast<const T*>(TF_TensorData(tensor(index)));
  }
  Shape shape(int index);

  template <class T = float>
  T* output(int index, const Shape& shape) {
    return static_cast<T*>(allocate(index, shape, typeOf(static_cast<T*>(nullptr)), sizeof(T)));
  }

 private:
  static TF_DataType typeOf(float*) { return TF_FLOAT; }
  static TF_DataType typeOf(uint8_t*) { return TF_UINT8; }

  TF_Tensor* tensor(int index);
  void* allocate(int index, const Shape& shape, TF_DataType type, size_t elementBytes);

  TF_OpKernelContext* context_;
  std::vector<TF_Tensor*> inputs_, outputs_;
};

// Runs an op; where an output or a vector finds no memory, the op fails and the caller gets an error.
template <class Body>
void failWhereMemoryEnds(TF_OpKernelContext* context, Body body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    failForMemory(context);
  }
}

using Names = std::initializer_list<const char*>;

void registerOpAndKernel(const char* name, Names inputs, Names outputs, Names attributes,
                         void* (*create)(TF_OpKernelConstruction*),
                         void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));

// Registers op `name` with its CPU kernel K: K(const Attributes&), void compute(Run&) const.
// Inputs, outputs and attributes are written as in TensorFlow's op definitions ("x: float").
template <class K>
struct RegisterOp {
  RegisterOp(const char* name, Names inputs, Names outputs, Names attributes) {
    registerOpAndKernel(
        name, inputs, outputs, attributes,
        [](TF_OpKernelConstruction* c) -> void* { return new K(Attributes(c)); },
        [](void* kernel, TF_OpKernelContext* context) {
          failWhereMemoryEnds(context, [&] {
            Run run(context);
            static_cast<const K*>(kernel)->compute(run);
          });
        },
        [](void* kernel) { delete static_cast<K*>(kernel); });
  }
};

}  // namespace qprune
