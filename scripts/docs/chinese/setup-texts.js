/** Options of the engine. */
export const setupTexts = {
  cpu: {
    english:
      "accepted for compatibility with the reference scripts, but has no effect: the engine always uses the CPU",
    translation: "为兼容参考脚本而保留；引擎本来就使用 CPU",
  },
  precision: {
    english:
      "float32, or bf16: convolutions and their gradients multiply numbers rounded to bfloat16 (sums in float32), and values between layers are stored in it; faster on processors with AMX or AVX512-BF16; auto takes bf16 on these",
    translation:
      "float32，或 bf16：卷积及其梯度的乘数舍入为 bfloat16（以 float32 求和），层间的值也以 bfloat16 存储；在支持 AMX 或 AVX512-BF16 的处理器上更快；auto 在这类处理器上选用 bf16",
  },
  engine: {
    english: "native (TensorFlow) or js (slow, needs no setup); default: native if available",
    translation: "native（TensorFlow）或 js（较慢，无需准备）；默认：native 可用时用 native",
  },
  "engine@predict": {
    english:
      "runtime (packed files only, starts at once), native (TensorFlow) or js (slow, needs no setup); default: runtime for packed files, otherwise native if available",
    translation:
      "runtime（仅限打包文件，立即启动）、native（TensorFlow）或 js（较慢，无需准备）；默认：打包文件用 runtime，其余在 native 可用时用 native",
  },
  port: {
    english: "port to listen on; 0 chooses a free one",
    translation: "监听的端口；0 表示任选一个空闲端口",
  },
  host: {
    english: "address to listen on; 0.0.0.0 lets other machines open the page",
    translation: "监听的地址；0.0.0.0 允许其他机器打开网页",
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
