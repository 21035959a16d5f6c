// What every op needs of TensorFlow's C interface: attributes, inputs, outputs, scratch memory, registration.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "../kernels/bf16/stored-values.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace qprune {

using Shape = std::vector<int64_t>;

int64_t elementCount(const Shape& shape);

// Reads an op's attributes when TensorFlow creates its kernel.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  int64_t integer(const char* name) const;
  // A list of N integers.
  template <size_t N>
  std::array<int64_t, N> integers(const char* name) const {
    std::array<int64_t, N> values{};
    readIntegers(name, values.data(), static_cast<int>(N));
    return values;
  }
  float real(const char* name) const;
  std::string text(const char* name) const;
  // Of an attribute of a type, which is that of an output.
  Storage storage(const char* name) const;

 private:
  void readIntegers(const char* name, int64_t* values, int count) const;

  TF_OpKernelConstruction* construction_;
};

// Makes the op fail for want of memory.
void failForMemory(TF_OpKernelContext* context);

// Makes the op fail with a message.
void fail(TF_OpKernelContext* context, const char* message);

// One run of an op. Inputs and scratch memory live until it ends.
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

  // An input as it is stored; `levels` are those of codes.
  Values values(int index, float levels = 1);

  Results results(int index, const Shape& shape, Storage storage, float levels = 1);

  template <class T = float>
  T* output(int index, const Shape& shape) {
    return static_cast<T*>(allocate(index, shape, typeOf(static_cast<T*>(nullptr)), sizeof(T)));
  }

  // A block as kernels/scratch.h requires it, with undefined contents.
  void* scratch(size_t bytes);

 private:
  static TF_DataType typeOf(float*) { return TF_FLOAT; }
  static TF_DataType typeOf(uint8_t*) { return TF_UINT8; }

  TF_Tensor* tensor(int index);
  void* allocate(int index, const Shape& shape, TF_DataType type, size_t elementBytes);

  TF_OpKernelContext* context_;
  std::vector<TF_Tensor*> inputs_, outputs_;
  std::vector<void*> blocks_;
};

// How an output y is stored.
struct StoredOutput {
  Results of(Run& run, const Shape& shape) const { return run.results(0, shape, storage, levels); }
  Storage storage;
  float levels = 1;  // of codes
};

// Of an output that may be codes.
inline StoredOutput quantizedOutput(const Attributes& a) {
  return {a.storage("Ty"), static_cast<float>(a.integer("y_levels"))};
}

// Runs an op. Where memory runs out for an output or a block, or the op throws an error, the caller gets an error.
template <class Body>
void runOrFail(TF_OpKernelContext* context, Body body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    failForMemory(context);
  } catch (const std::runtime_error& error) {
    fail(context, error.what());
  }
}

using Names = std::initializer_list<const char*>;

// The types of maps, and of those that may be codes.
#define QPRUNE_MAPS(name) name ": {float, bfloat16}"
#define QPRUNE_QUANTIZED_MAPS(name) name ": {float, bfloat16, uint8, int8}"
// Those of quantizedOutput().
#define QPRUNE_QUANTIZED_OUTPUT QPRUNE_QUANTIZED_MAPS("Ty"), "y_levels: int"

void registerOpAndKernel(const char* name, Names inputs, Names outputs, Names attributes,
                         void* (*create)(TF_OpKernelConstruction*),
                         void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));

// Registers op `name` with its CPU kernel K, which has K(const Attributes&) and void compute(Run&) const.
// Inputs, outputs and attributes are written as in TensorFlow's op definitions ("x: float").
template <class K>
struct RegisterOp {
  RegisterOp(const char* name, Names inputs, Names outputs, Names attributes) {
    registerOpAndKernel(
        name, inputs, outputs, attributes,
        [](TF_OpKernelConstruction* c) -> void* { return new K(Attributes(c)); },
        [](void* kernel, TF_OpKernelContext* context) {
          runOrFail(context, [&] {
            Run run(context);
            static_cast<const K*>(kernel)->compute(run);
          });
        },
        [](void* kernel) { delete static_cast<K*>(kernel); });
  }
};

}  // namespace qprune
