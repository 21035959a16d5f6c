/** Options of the engine. */
export const setupTexts = {
  cpu: {
    english:
      "accepted for compatibility with the reference scripts, but has no effect: the engine always uses the CPU",
    translation: "为兼容参考脚本而保留；引擎本来就使用 CPU",
  },
  precision: {
    english:
      "what convolutions and their gradients multiply: float32, or bf16 (operands rounded to bfloat16, sums in float32), which is faster on processors with AVX512-BF16; auto takes bf16 on these",
    translation:
      "卷积及其梯度所用的乘数：float32，或 bf16（操作数舍入为 bfloat16，以 float32 求和），在支持 AVX512-BF16 的处理器上更快；auto 在这类处理器上选用 bf16",
  },
  engine: {
    english: "native (TensorFlow) or js (slow, needs no setup); default: native if available",
    translation: "native（TensorFlow）或 js（较慢，无需准备）；默认：native 可用时用 native",
  },
  wheel: {
    english: "use TensorFlow from this wheel instead of downloading it",
    translation: "从此 wheel 文件中取出 TensorFlow，不再下载",
  },
  remove: {
    english: "delete the native engine from the cache",
    translation: "从缓存中删除原生引擎",
  },
};
