/** Options of pruning. */
export const pruningTexts = {
  percent: {
    english: "fraction of channels to prune, 0 to 1, ranked across all layers",
    translation: "剪去的通道比例，0 到 1，所有层的通道一起排序",
  },
  layers: {
    english:
      "expected number of convolutions; a net with another number is refused (nin and nin_gc: 9)",
    translation: "卷积层数，用来与网络核对（nin 与 nin_gc：9）",
  },
  importance: {
    english:
      "rank channels by |gamma| of their batch norm, or by the l1 or l2 norm of their filter relative to the layer's mean",
    translation: "通道的排序依据：批归一化的 |gamma|，或滤波器的 l1、l2 范数与该层均值之比",
  },
  layer_percent: {
    english:
      "one fraction for each layer except the last; channels are ranked within their layer; replaces --percent",
    translation: "除最后一层外每层各给一个比例，逐层单独排序，代替 --percent",
  },
  target_macs: {
    english: "find the --percent that leaves at most this fraction of the MACs (0.5: half)",
    translation: "寻找合适的 --percent，使剩余 MAC 不超过此比例（0.5：一半）",
  },
  absorb: {
    english:
      "fold the constant output of pruned channels into the next bias where this is exact; --no-absorb drops it, as the reference scripts do",
    translation:
      "被剪通道经 beta 留下的常数，在能精确处理时并入下一层的偏置；--no-absorb 与参考脚本相同，将其丢弃",
  },
  normal_regular: {
    english:
      "1: any widths (normal); n: widths that are multiples of n, or the whole layer (regular)",
    translation: "1：任意宽度（normal）；n：每层宽度为 n 的倍数，或保留整层（regular）",
  },
  dry_run: {
    english: "show the plan without testing or saving",
    translation: "只显示剪枝方案，不测试也不保存",
  },
};
