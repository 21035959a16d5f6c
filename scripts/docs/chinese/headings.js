/** Headings of groups of options; help knows them by no other name. */
const headings = {
  Augmentation: "数据增强",
  Calibration: "校准",
  Data: "数据",
  Engine: "引擎",
  Export: "导出",
  Files: "文件",
  Net: "网络",
  Optimization: "优化",
  Options: "选项",
  Output: "输出",
  "Your own images": "自己的图像",
  Pruning: "剪枝",
  Sensitivity: "敏感度",
  Quantization: "量化",
  Recipe: "配方",
  Server: "服务器",
  "Several machines": "多台机器",
  "Sparse training": "稀疏训练",
  Target: "目标",
  Training: "训练",
};

export const headingTexts = Object.fromEntries(
  Object.entries(headings).map(([english, translation]) => [
    `heading:${english}`,
    { english, translation },
  ]),
);
