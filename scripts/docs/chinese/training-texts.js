/** Options of training, sparse training too. */
export const trainingTexts = {
  lr: {
    english:
      "learning rate, or the highest one of a schedule; auto chooses it by a short test before the run",
    translation: "学习率；使用学习率计划时为其最高值；auto 表示训练前用短测试选定",
  },
  wd: {
    english: "weight decay of every parameter, unless --wd-skip leaves some out",
    translation: "所有可训练参数的权重衰减，--wd-skip 排除的除外",
  },
  train_batch_size: {
    english: "images per training step, on each worker",
    translation: "每个训练步的图像数（批大小），多机训练时为每个工作进程的数目",
  },
  epochs: { english: "total number of epochs", translation: "总轮数" },
  lr_drops: {
    english:
      "for --schedule steps: epochs at which the learning rate is multiplied by 0.1, or none",
    translation: "用于 --schedule steps：在这些轮次将学习率乘以 0.1；none 表示不降低",
  },
  freeze_until: {
    english:
      "do not train the layers up to and including this one (such as features.13 or layer3), and keep the running statistics of their norms",
    translation: "直到该层为止的所有层保持不变，其归一化使用滑动统计量，例如 features.13 或 layer3",
  },
  lr_head: {
    english: "multiply the learning rate of the layer that computes the classes by this factor",
    translation: "将计算类别的层的学习率乘以一个系数",
  },
  settle_batches: {
    english:
      "before each test, recalibrate batch norm over n training batches (precise BN); auto takes 20 for nets with at most 4 bits if an epoch has at least 40 batches; 0 tests with the running statistics, as the reference scripts do",
    translation:
      "每次测试前用 n 个训练批次重新校准批归一化（precise BN）；auto 对不超过 4 位的网络取 20 个批次（每轮至少 40 个批次时）；0 与参考脚本相同，用滑动统计量测试",
  },
  save_epoch: {
    english:
      "epoch whose net is saved: best (by the tested images; default), or last, so that the test images choose nothing",
    translation:
      "保存哪一轮的网络：best（按测试所用图像选取，默认）或 last（最后一轮，测试图像不参与选择）",
  },
  max_steps: {
    english: "stop training after n steps, then test and save",
    translation: "训练 n 步后结束，然后测试并保存",
  },
  time_limit: {
    english:
      "after this time (170m, 2h30m), save the training state and end with exit code 130, as after Ctrl-C; the run can be resumed",
    translation:
      "到此时间（170m、2h30m）后保存训练状态并结束，退出码为 130，与 Ctrl-C 相同；之后可接续",
  },
  seed: {
    english: "seed of all random draws; equal seeds give bit-identical runs",
    translation: "所有随机数的种子；种子相同，训练结果逐比特相同",
  },

  new_weights: {
    english:
      "with --refine: take only the layers and widths from the file, and train them from new initial weights",
    translation: "与 --refine 同用：只取文件中的网络结构与宽度，从新的初始权重开始训练",
  },
  group_lasso: {
    english:
      "with -sr: penalize the gammas of each channel group together, so that layers which are pruned together become sparse in the same channels",
    translation:
      "与 -sr 同用：对同一通道组的 gamma 一起施加惩罚，使一起剪枝的层在相同的通道上变稀疏",
  },
  sparsity_regularization: {
    english: "sparse training: push the gammas of all batch norms toward 0",
    translation: "稀疏训练：将所有批归一化的 gamma 压向 0",
  },
  s: {
    english:
      "with -sr: add s * sign(gamma) to the gradient of gamma; try 0.0001 for nin, 0.001 for nin_gc",
    translation:
      "与 -sr 同用：在 gamma 的梯度上加 s sign(gamma)；建议 nin 用 0.0001，nin_gc 用 0.001",
  },

  resume: {
    english:
      "resume a run exactly from its training state (auto: the state of the --save file, if there is one), or start a run with the weights, quantization and best accuracy of a model file",
    translation:
      "从训练状态精确接续（auto：与 --save 同名的状态，如果有），或以模型文件的权重、量化方式与最佳准确率为起点",
  },
  refine: {
    english:
      "start a run with the weights of a model file, pruned or not; the quantization is that of the command",
    translation: "以模型文件（剪枝与否均可）的权重开始训练；量化方式由命令决定",
  },
  backbone: {
    english:
      "for a detector: start its backbone from this file of the classifier that it is built on; all other layers start from scratch",
    translation: "用于检测器：骨干网络以该分类器文件中的权重为起点，其余各层从头训练",
  },
  pretrained: {
    english:
      "start from the published weights of --arch (mobilenet_v2, for example), or a detector from those of its backbone; they are downloaded once, into the user's cache",
    translation:
      "以 --arch（例如 mobilenet_v2）的公开预训练权重为起点（检测器则以其骨干网络的权重为起点），只下载一次，保存在用户缓存中",
  },
  evaluate: {
    english: "only test the file of --resume, --refine or --pretrained; save nothing",
    translation: "只测试 --resume、--refine 或 --pretrained 的文件，不保存任何内容",
  },
  save_every: {
    english: "also save the training state every n steps, not only after each epoch",
    translation: "除每轮结束后外，每 n 步也保存一次训练状态",
  },
  override: {
    english: "allow --resume with training flags that differ from those of the run",
    translation: "允许 --resume 在训练选项有改动时接续",
  },
  "epochs@bn-merge-test": {
    english: "accepted for compatibility with the reference scripts; has no effect",
    translation: "为兼容参考脚本而保留，不起作用",
  },
};
