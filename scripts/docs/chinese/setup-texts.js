/** Options of the engine. */
export const setupTexts = {
  "accepted as in the original; the engine is a CPU engine already":
    "为兼容原脚本而保留；引擎本来就使用 CPU",
  "native (TensorFlow) or js (slow, needs no set-up); default: native if it can be had":
    "native（TensorFlow）或 js（较慢，无需准备）；默认：native 可用时用 native",
  "take TensorFlow out of this wheel instead of downloading it":
    "从此 wheel 文件中取出 TensorFlow，不再下载",
  "delete the native engine from the cache": "从缓存中删除原生引擎",
};
