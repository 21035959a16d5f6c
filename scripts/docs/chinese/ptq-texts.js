/** Options of `qprune ptq` and `qprune allocate`. */
export const ptqTexts = {
  "summary:ptq": {
    english: "Quantize a trained net to 2 to 8 bits without training, with a few hundred images",
    translation: "无需训练，用几百张图像把训练好的网络量化到 2 到 8 比特",
  },
  "summary:allocate": {
    english: "Distribute bits over the layers of a net by what rounding each of them costs",
    translation: "按各层舍入的代价，为网络的每一层分配位数",
  },
  ranges: {
    english:
      "with --quantizer affine: ranges of activations that follow those of the batches (moving-average, default) or are trained (learned)",
    translation:
      "与 --quantizer affine 一起使用：激活的取值范围随各批次滑动平均（moving-average，默认）或参与训练（learned）",
  },
  wbits: { english: "bits of the weights: 2 to 8", translation: "权重的位数：2 到 8" },
  "abits@ptq": {
    english:
      "bits of the inputs of layers: 2 to 8; images and what additions, concatenations and mean pools read always have 8",
    translation: "各层输入的位数：2 到 8；图像以及加法、拼接和平均池化的输入始终为 8 位",
  },
  weights: {
    english: "a scale per filter, or one per layer",
    translation: "每个滤波器一个缩放系数，或每层一个",
  },
  weight_scheme: {
    english: "weights without zero points, as integer kernels want them, or with them",
    translation: "权重不带零点（整数内核所需）或带零点",
  },
  weight_range: {
    english:
      "range of the weights: all of them, or that of the least squared error (default: minmax for 8 bits, mse for fewer)",
    translation:
      "权重的取值范围：全部权重，或平方误差最小的范围（默认：8 位用 minmax，更少位数用 mse）",
  },
  scheme: {
    english: "activations without zero points where possible, or with them",
    translation: "激活尽可能不带零点，或带零点",
  },
  keep_float: {
    english:
      "layers in full precision by name, separated by commas; * matches any text, as in 'layer1.*,fc'",
    translation: "按名称指定保持全精度的层，用逗号分隔；* 匹配任意文本，例如 'layer1.*,fc'",
  },
  keep_float_worst: {
    english: "keep the n layers with the least signal to noise in full precision",
    translation: "信噪比最低的 n 层保持全精度",
  },
  observer: {
    english: "how the ranges of activations are chosen",
    translation: "如何确定激活的取值范围",
  },
  percentile: {
    english: "with --observer percentile: the percentage of values inside the range",
    translation: "与 --observer percentile 一起使用：范围内的数值所占百分比",
  },
  calibration: {
    english: "training images to calibrate with, evenly spaced; their classes do not matter",
    translation: "用于校准的训练图像数，等间隔选取；与其类别无关",
  },
  equalize: {
    english: "equalize the weights of consecutive layers (default: with --weights per-tensor)",
    translation: "均衡相邻层的权重（默认：与 --weights per-tensor 一起使用时启用）",
  },
  bias_correction: {
    english: "move the mean error of each filter into its bias",
    translation: "把每个滤波器的平均误差并入其偏置",
  },
  match_variance: {
    english:
      "scale filters so that their outputs keep their variance, as recalibrated norms would; needs --weights per-channel",
    translation:
      "缩放滤波器，使其输出保持原有方差，如同重新校准批归一化；需要 --weights per-channel",
  },
  adaround: {
    english:
      "choose for each weight whether it is rounded up or down by the error of the layer's outputs (default: for weights of fewer than 8 bits)",
    translation: "按该层输出的误差决定每个权重向上还是向下舍入（默认：权重少于 8 位时启用）",
  },
  adaround_steps: {
    english: "steps of AdaRound for each layer",
    translation: "每层 AdaRound 的步数",
  },
  "seed@ptq": {
    english: "seed of the positions at which layers are compared",
    translation: "比较各层输出时所取位置的随机种子",
  },
  "first_last@ptq": {
    english:
      "bits of the first and last layers, which read the images and compute the classes: 8, or the same as all others",
    translation: "读取图像的层和计算类别的层所用的位数：8，或与其他层相同",
  },
  "layer_bits@ptq": {
    english:
      "bits of the weights and inputs of individual layers, by name, as in 'features.1.*=8/8,classifier*=32/32', or a FILE.json of such rules, as qprune allocate writes it",
    translation:
      "按名称设置单个层的权重和输入的位数，例如 'features.1.*=8/8,classifier*=32/32'，或写有这些规则的 FILE.json（由 qprune allocate 写出）",
  },
  "save@ptq": {
    english:
      "where to write the quantized net (default: models_save/ptq/<name of the file>.safetensors)",
    translation: "量化后网络的保存路径（默认：models_save/ptq/<文件名>.safetensors）",
  },
  "target_bytes@allocate": {
    english: "bytes of the quantized kernels with their scales, at most",
    translation: "量化后的卷积核连同缩放系数的字节数上限",
  },
  target_bitops: {
    english:
      "multiply-accumulate operations times the bits of weights and inputs, for one image, at most",
    translation: "每张图像的乘加次数与权重位数、输入位数之积的上限",
  },
  target_accuracy_drop: {
    english:
      "the smallest net whose accuracy on held-out images is lower by at most this many percentage points",
    translation: "在留出图像上准确率下降不超过此百分点数的最小网络",
  },
  bits: {
    english: "bits that the weights of a layer may have, separated by commas",
    translation: "各层权重可用的位数，用逗号分隔",
  },
  "abits@allocate": {
    english: "bits of the inputs of all layers, for --target-bitops and the written rules",
    translation: "所有层输入的位数，用于 --target-bitops 和写出的规则",
  },
  gradients: {
    english: "training images on which the curvature of the loss is measured",
    translation: "用于测量损失曲率的训练图像数",
  },
  "images@allocate": {
    english: "other training images on which the nets are tested, at most",
    translation: "用于测试网络的其他训练图像数上限",
  },
  "save@allocate": {
    english: "where to write the bits, for --layer-bits of ptq and wqaq",
    translation: "位数的保存路径，供 ptq 和 wqaq 的 --layer-bits 使用",
  },
  "html@allocate": {
    english: "also write a page with a chart of loss by bytes",
    translation: "同时写出带有损失与字节数关系图的网页",
  },
};
