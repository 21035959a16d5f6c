// One loop for each activation, selected outside the loops.
#pragma once

#include "float-activations.h"
#include "quantizing-activations.h"

// For a template loop<F>(…) with an activation F: defines loopIdentity(…), loopRelu(…) and so on, each a function
// of its own, since templates cannot be cloned for vector widths.
#define QPRUNE_DEFINE_FOR_ACTIVATIONS(loop, parameters, arguments)                                \
  QPRUNE_CLONES void loop##Identity parameters { loop<Identity> arguments; }                      \
  QPRUNE_CLONES void loop##Relu parameters { loop<Relu> arguments; }                              \
  QPRUNE_CLONES void loop##Uniform parameters { loop<Uniform> arguments; }                        \
  QPRUNE_CLONES void loop##UniformOneBit parameters { loop<UniformOneBit> arguments; }            \
  QPRUNE_CLONES void loop##Sign parameters { loop<Sign> arguments; }                              \
  QPRUNE_CLONES void loop##Step parameters { loop<Step> arguments; }                              \
  QPRUNE_CLONES void loop##Ternary parameters { loop<Ternary> arguments; }                        \
  QPRUNE_CLONES void loop##Relu6 parameters { loop<Relu6> arguments; }                            \
  QPRUNE_CLONES void loop##Sigmoid parameters { loop<Sigmoid> arguments; }                        \
  QPRUNE_CLONES void loop##Silu parameters { loop<Silu> arguments; }                              \
  QPRUNE_CLONES void loop##HardSigmoid parameters { loop<HardSigmoid> arguments; }                \
  QPRUNE_CLONES void loop##HardSwish parameters { loop<HardSwish> arguments; }                    \
  QPRUNE_CLONES void loop##LeakyRelu parameters { loop<LeakyRelu> arguments; }                    \
  QPRUNE_CLONES void loop##SignedUniform parameters { loop<SignedUniform> arguments; }            \
  QPRUNE_CLONES void loop##AffineCodes parameters { loop<AffineCodes> arguments; }                \
  QPRUNE_CLONES void loop##UniformCodes parameters { loop<UniformCodes> arguments; }              \
  QPRUNE_CLONES void loop##SignedUniformCodes parameters { loop<SignedUniformCodes> arguments; }

// Calls the one of them that belongs to `kind`.
#define QPRUNE_CALL_FOR_ACTIVATION(activationKind, loop, ...)                                     \
  switch (activationKind) {                                                                       \
    case ActivationKind::identity: loop##Identity(__VA_ARGS__); break;                            \
    case ActivationKind::relu: loop##Relu(__VA_ARGS__); break;                                    \
    case ActivationKind::uniform: loop##Uniform(__VA_ARGS__); break;                              \
    case ActivationKind::uniformOneBit: loop##UniformOneBit(__VA_ARGS__); break;                  \
    case ActivationKind::sign: loop##Sign(__VA_ARGS__); break;                                    \
    case ActivationKind::step: loop##Step(__VA_ARGS__); break;                                    \
    case ActivationKind::ternary: loop##Ternary(__VA_ARGS__); break;                              \
    case ActivationKind::relu6: loop##Relu6(__VA_ARGS__); break;                                  \
    case ActivationKind::sigmoid: loop##Sigmoid(__VA_ARGS__); break;                              \
    case ActivationKind::silu: loop##Silu(__VA_ARGS__); break;                                    \
    case ActivationKind::hardSigmoid: loop##HardSigmoid(__VA_ARGS__); break;                      \
    case ActivationKind::hardSwish: loop##HardSwish(__VA_ARGS__); break;                          \
    case ActivationKind::leakyRelu: loop##LeakyRelu(__VA_ARGS__); break;                          \
    case ActivationKind::signedUniform: loop##SignedUniform(__VA_ARGS__); break;                  \
    case ActivationKind::affine: loop##AffineCodes(__VA_ARGS__); break;                           \
    case ActivationKind::uniformCodes: loop##UniformCodes(__VA_ARGS__); break;                    \
    case ActivationKind::signedUniformCodes: loop##SignedUniformCodes(__VA_ARGS__); break;        \
  }
