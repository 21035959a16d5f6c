/** Options of quantizers, norms and nets. */
export const quantizationTexts = {
  Wbits: {
    english: "DoReFa weights: 1 to 8 bits, or 32 for full precision",
    translation: "DoReFa 权重：1 到 8 比特，32 表示全精度",
  },
  Abits: {
    english: "DoReFa activations: 1 to 8 bits, or 32 for full precision",
    translation: "DoReFa 激活：1 到 8 比特，32 表示全精度",
  },
  W: {
    english: "weights with 2 values (binary) or 3 (ternary), or 32 for full precision",
    translation: "权重的取值个数：2（二值）、3（三值），32 表示全精度",
  },
  A: {
    english: "activations with 2 values (binary) or 3 (ternary), or 32 for full precision",
    translation: "激活的取值个数：2（二值）、3（三值），32 表示全精度",
  },
  quantizer: {
    english:
      "ranges of 2 to 8 bits: fixed as in DoReFa (default), trained for weights and activations (lsq), trained for activations (pact), or integers with scale and zero point (affine)",
    translation:
      "2 到 8 比特的取值范围：与 DoReFa 相同的固定范围（默认）、权重与激活均训练（lsq）、仅激活训练（pact），或带缩放系数和零点的整数（affine）",
  },
  alpha: {
    english: "scale binary or ternary weights per filter (default: yes; with --gap: no)",
    translation: "为二值或三值权重的每个滤波器加缩放系数（默认：是；使用 --gap 时为否）",
  },
  gap: {
    english:
      "hysteresis for ternary weights: between ratio * threshold (default: 0.8) and the threshold, a weight keeps its last value",
    translation:
      "三值权重的滞回区间：绝对值在阈值的 ratio 倍（默认：0.8）与 1 倍之间时，保持上一步的取值",
  },
  ste: {
    english:
      "gradient estimator for binary or ternary activations: ste, saturate_ste (default), soft_ste",
    translation: "二值或三值激活的梯度（直通估计）：ste、saturate_ste（默认）、soft_ste",
  },
  binary_values: {
    english: "values of binary activations: -1 and 1 (sign, default) or 0 and 1 (zero-one)",
    translation: "二值激活取 -1 和 1（sign，默认），或取 0 和 1（zero-one）",
  },
  first_last: {
    english:
      "bits of the first and last layers, which read the images and compute the classes: float (default) or 8; with --quantizer affine, 8 is the default",
    translation:
      "读取图像的层和计算类别的层所用的位数：float（默认）或 8 位；使用 --quantizer affine 时默认为 8",
  },
  depthwise_bits: {
    english:
      "DoReFa bits of depthwise convolutions, or 32 for full precision (default: the same as all others; 8 with binary or ternary weights)",
    translation: "深度卷积的 DoReFa 位数，32 为全精度（默认：与其他层相同；二值或三值权重时为 8）",
  },
  layer_bits: {
    english:
      "DoReFa bits of the weights and activations of individual layers, by name, as in 'features.1.*=8/8,classifier*=32/32', or a FILE.json of such rules",
    translation:
      "按名称设置单个层的权重和激活的 DoReFa 位数，例如 'features.1.*=8/8,classifier*=32/32'，或写有这些规则的 FILE.json",
  },
  bit_schedule: {
    english:
      "train first with other DoReFa bits, as in 32/32:10,8/8:5 for 10 epochs in full precision and 5 with 8 bits; the epochs after them have the bits of the result",
    translation:
      "先以其他 DoReFa 位数训练，例如 32/32:10,8/8:5 表示 10 轮全精度和 5 轮 8 位；其后各轮使用结果的位数",
  },
  bn_momentum: {
    english:
      "weight of a new batch in the running statistics of the inner batch norms (default: 0.1)",
    translation: "中间各层批归一化更新滑动统计量时新批次所占的权重（默认：0.1）",
  },
  fixed_gamma: {
    english: "keep the gammas of the inner batch norms at 1",
    translation: "中间各层批归一化的 gamma 固定为 1",
  },

  "arch@wqaq,wbwtab": {
    english:
      "net: nin, nin_gc, nin_bn_conv, resnet20, mobilenet_v2 or another net in docs/nets.md, or a FILE.json that describes one; not needed with a model file, which records its net",
    translation:
      "网络：nin、nin_gc、nin_bn_conv、resnet20、mobilenet_v2 或 docs/nets.md 中的其他网络，或描述网络的 FILE.json；给出模型文件时以文件中的网络为准",
  },
  "arch@prune": {
    english:
      "net: nin, nin_gc, resnet20, mobilenet_v2 or another net in docs/nets.md, or a FILE.json that describes one; not needed with a model file, which records its net",
    translation:
      "网络：nin、nin_gc、resnet20、mobilenet_v2 或 docs/nets.md 中的其他网络，或描述网络的 FILE.json；给出模型文件时以文件中的网络为准",
  },
  cfg: {
    english: "widths of all convolutions except the last, as in 192,160,96,192,192,192,192,192",
    translation: "除最后一层外各卷积层的宽度，例如 192,160,96,192,192,192,192,192",
  },
  width: {
    english:
      "multiply the default widths by this factor, rounded so that groups and shuffles divide them",
    translation: "默认宽度乘以该系数，并取整为分组数与通道混洗可整除的值",
  },
  arch: {
    english:
      "description of a custom architecture, for a state dict that does not record its net (docs/custom-architectures.md)",
    translation:
      "自定义网络的描述，用于未注明网络结构的 state dict（见 docs/custom-architectures.md）",
  },
  "arch@convert": {
    english: "description of the net, for a state dict of a custom architecture",
    translation: "网络描述，用于自定义网络结构的 state dict",
  },
  sequence: {
    english:
      "state-dict prefix of the net in OUT: dorefa (wqaq in the reference scripts) or tnn_bin (their wbwtab and prune); default: as in IN",
    translation:
      "OUT 中网络的 state dict 前缀：dorefa（参考脚本的 wqaq）或 tnn_bin（参考脚本的 wbwtab 与 prune）；默认与 IN 相同",
  },
};
