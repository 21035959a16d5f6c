/** Options of the engine. */
export const setupTexts = {
  cpu: {
    english: "accepted as in the original; the engine is a CPU engine already",
    translation: "为兼容原脚本而保留；引擎本来就使用 CPU",
  },
  engine: {
    english: "native (TensorFlow) or js (slow, needs no set-up); default: native if it can be had",
    translation: "native（TensorFlow）或 js（较慢，无需准备）；默认：native 可用时用 native",
  },
  wheel: {
    english: "take TensorFlow out of this wheel instead of downloading it",
    translation: "从此 wheel 文件中取出 TensorFlow，不再下载",
  },
  remove: {
    english: "delete the native engine from the cache",
    translation: "从缓存中删除原生引擎",
  },
};
