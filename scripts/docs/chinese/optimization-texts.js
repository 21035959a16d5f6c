/** Options of optimizer, schedule and loss. */
export const optimizationTexts = {
  optimizer: {
    english: "adam, adamw (decoupled weight decay), or sgd (Nesterov momentum)",
    translation: "adam、adamw（解耦的权重衰减）或 sgd（Nesterov 动量）",
  },
  momentum: {
    english: "momentum of --optimizer sgd",
    translation: "--optimizer sgd 的动量",
  },
  wd_skip: {
    english:
      "leave parts out of the weight decay: norms, biases, latent (weights quantized to two or three values), as in norms,biases",
    translation:
      "不做权重衰减的部分：norms（归一化）、biases（偏置）、latent（量化为两个或三个取值的权重），例如 norms,biases",
  },
  schedule: {
    english:
      "learning rate over the run: steps (times 0.1 at the drops), cosine, one-cycle or constant; cosine and one-cycle change it in every step",
    translation:
      "训练过程中的学习率：steps（在下降轮次乘以 0.1）、cosine、one-cycle 或 constant；cosine 与 one-cycle 每步都改变",
  },
  warmup: {
    english:
      "raise the learning rate from 0 over the first epochs, step by step; for one-cycle, the epochs until the highest rate (0: 30% of the run)",
    translation:
      "在最初若干轮内逐步从 0 提高学习率；对 one-cycle 为达到最高值的轮数（0：训练的 30%）",
  },
  label_smoothing: {
    english: "fraction of a label's probability that is spread over all classes, as in 0.1",
    translation: "标签概率中平均分给所有类别的比例，例如 0.1",
  },
  ema: {
    english: "test and save moving averages of the weights with this decay per step, as in 0.999",
    translation: "测试并保存权重的滑动平均，每步按此系数衰减，例如 0.999",
  },
  grad_clip: {
    english: "if the norm of a step's gradients exceeds this, scale them down to it",
    translation: "若一步的梯度范数更大，则缩小到此范数",
  },
  accumulate: {
    english: "number of batches per step; their gradients are averaged",
    translation: "每步的批次数，其梯度取平均",
  },
  teacher: {
    english:
      "also learn from the outputs of a trained net, of any architecture, with the same classes (distillation)",
    translation: "同时学习另一个已训练网络的输出，类别须相同，结构不限（知识蒸馏）",
  },
  temperature: {
    english: "for --teacher: divide logits by this before the softmax",
    translation: "用于 --teacher：softmax 之前 logits 除以此值",
  },
  distill_weight: {
    english: "for --teacher: its weight in the loss; the labels have the rest",
    translation: "用于 --teacher：它在损失中的比例，其余归标签",
  },
  hints: {
    english:
      "for --teacher: also learn where its layers or modules are active, as in layer1,layer2, or layer1=features.3 if it has other names",
    translation:
      "用于 --teacher：还学习教师各层或各模块的激活位置，例如 layer1,layer2；教师的名称不同时写作 layer1=features.3",
  },
  hint_weight: {
    english: "for --hints: factor of their part of the loss",
    translation: "用于 --hints：该部分损失的系数",
  },
};
