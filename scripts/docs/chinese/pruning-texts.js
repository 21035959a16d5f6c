/** Options of pruning. */
export const pruningTexts = {
  percent: {
    english: "fraction of channels to prune, 0 to 1, ranked across all layers",
    translation: "剪去的通道比例，0 到 1，所有层的通道一起排序",
  },
  layers: {
    english:
      "expected number of convolutions and dense layers; a net with another number is refused (nin and nin_gc: 9)",
    translation: "卷积层与全连接层的总数，用来与网络核对（nin 与 nin_gc：9）",
  },
  local: {
    english: "apply --percent to each layer separately instead of ranking all layers together",
    translation: "每层各按 --percent 剪枝，而不是所有层一起排序",
  },
  importance: {
    english:
      "how to rank channels: by |gamma| of their batch norms, by the l1 or l2 norm of their filters, by the distance of a filter from all others of its layer (fpgm), by the change of the loss without the channel (taylor; needs training images), or at random",
    translation:
      "通道的排序依据：批归一化的 |gamma|，滤波器的 l1、l2 范数，滤波器与同层其他滤波器的距离（fpgm），去掉通道后损失的变化（taylor，需要训练图像），或随机",
  },
  calibration_batches: {
    english: "for taylor: batches of 50 training images on which gradients are computed",
    translation: "用于 taylor：计算梯度所用的训练图像批数，每批 50 张",
  },
  combine: {
    english:
      "importance of coupled channels: the mean, max or sum of their filters or gammas (default: sum for taylor, else mean)",
    translation:
      "相互关联的通道的重要性：取各滤波器或 gamma 的均值（mean）、最大值（max）或总和（sum）；taylor 默认为 sum，其余为 mean",
  },
  normalize: {
    english:
      "divide importance by the mean of its layer, so that the layer's scale does not matter (default: for l1, l2, fpgm, and taylor of detectors)",
    translation:
      "重要性除以该层均值，使各层的尺度不影响排序（默认用于 l1、l2、fpgm，以及检测网络的 taylor）",
  },
  per_cost: {
    english:
      "divide importance by the MACs (macs) or parameters (params) that removing the channel saves, so that expensive channels go first",
    translation:
      "重要性除以去掉该通道所节省的乘加数（macs）或参数量（params），使代价高的通道先被剪掉",
  },
  keep: {
    english:
      "keep all channels of layers by name, separated by commas; * matches any text, as in 'layer1.*,fc'",
    translation: "按名称保留某些层的全部通道，以逗号分隔；* 匹配任意文本，例如 'layer1.*,fc'",
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
  target_params: {
    english: "find the --percent that leaves at most this fraction of the parameters",
    translation: "寻找合适的 --percent，使参数量不超过此比例",
  },
  target_bytes: {
    english: "find the --percent that leaves at most this fraction of the bytes of a packed file",
    translation: "寻找合适的 --percent，使打包后的字节数不超过此比例",
  },
  round_to: {
    english: "round widths to multiples of n, or keep the whole layer",
    translation: "每层宽度为 n 的倍数，或保留整层",
  },
  min_width: {
    english: "minimum number of channels that every layer keeps",
    translation: "每层至少保留的通道数",
  },
  "seed@normal-regular-prune,gc-prune,sensitivity": {
    english: "seed of random importance, and of the order of training images",
    translation: "随机重要性与训练图像顺序的种子",
  },
  "train_limit@normal-regular-prune,gc-prune": {
    english: "for taylor: take its batches from the first n training images only",
    translation: "用于 taylor：只从前 n 张训练图像中取批",
  },
  target_latency: {
    english:
      "find the percent that leaves at most this time for one batch, measured on this machine: 0.5x (half of the net's own) or 3ms",
    translation:
      "寻找合适的剪枝比例，使在本机测得的一批图像的用时不超过此值：0.5x（原网络的一半）或 3ms",
  },
  latency_batch: {
    english: "for --target-latency: images per batch",
    translation: "用于 --target-latency：每批图像数",
  },
  "sensitivity@normal-regular-prune,gc-prune": {
    english:
      "give each layer its own share, so that each alone increases the loss by the same amount, as measured by qprune sensitivity --save",
    translation:
      "按 qprune sensitivity --save 的测量结果为每层分配各自的比例，使各层单独剪枝时损失的增加相同",
  },
  "sensitivity@compare": {
    english: "chart what qprune sensitivity --save measured on the page of --html",
    translation: "在 --html 的页面上绘出 qprune sensitivity --save 的测量结果",
  },
  shares: {
    english: "fractions of channels that each layer is pruned by, separated by commas, or none",
    translation: "每层剪去的通道比例，以逗号分隔，或 none",
  },
  round_bits: {
    english: "bits to which the weights of each layer are rounded, separated by commas, or none",
    translation: "每层权重舍入到的比特数，以逗号分隔，或 none",
  },
  "save@sensitivity": {
    english: "write the --json output to a file, for --sensitivity of pruning and compare",
    translation: "把 --json 的输出写入文件，供剪枝与 compare 的 --sensitivity 使用",
  },
  "images@sensitivity": {
    english: "use at most this many held-out images",
    translation: "最多使用这么多张留出图像",
  },
  "val_split@sensitivity": {
    english:
      "fraction of the training images that is held out (default: as in the net's training, or else 0.1)",
    translation: "留出的训练图像比例（默认与训练该网络时相同，否则为 0.1）",
  },
  "train_limit@sensitivity": {
    english:
      "hold images out of the first n training images (default: as in the net's training, if it held out images)",
    translation: "从前 n 张训练图像中留出（若训练该网络时留出过图像，默认与之相同）",
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
  groups: {
    english: "also show which layers are pruned together, and which cannot be pruned",
    translation: "显示哪些层一起剪枝，哪些层不能剪枝",
  },
  dry_run: {
    english: "show the plan without testing or saving",
    translation: "只显示剪枝方案，不测试也不保存",
  },
};
