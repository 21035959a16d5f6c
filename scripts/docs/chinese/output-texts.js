/** Options of what is shown and logged. */
export const outputTexts = {
  log_every: { english: "steps between progress lines", translation: "相邻两行进度之间的步数" },
  log_dir: {
    english:
      "write losses, accuracies, saturation rates and weight codes for TensorBoard into this folder",
    translation: "写出损失、准确率、饱和率与权重的量化编码，供 TensorBoard 查看",
  },
  quiet: { english: "print only the results, no progress", translation: "不显示进度，只输出结果" },

  "json@wqaq,wbwtab,prune": {
    english: "print one JSON object per line on stdout",
    translation: "在标准输出中每行写一个 JSON 对象",
  },
  "save@predict": {
    english: "for detectors: write each image with its boxes into this folder, as a PNG",
    translation: "用于检测网络：将画有检测框的图像以 PNG 格式写入此文件夹",
  },
  "json@predict": {
    english: "print one JSON object per image, one per line, on stdout",
    translation: "在标准输出中每行写一个 JSON 对象，对应一张图像",
  },
  json: {
    english: "print the result as one JSON object on stdout",
    translation: "将结果作为一个 JSON 对象写到标准输出",
  },
  "json@run": {
    english: "print the report as one JSON object on stdout; the stages print to stderr",
    translation: "将报告作为一个 JSON 对象写到标准输出；各阶段的输出写到标准错误",
  },
  "json@doctor": {
    english: "print one JSON object instead of text",
    translation: "输出一个 JSON 对象代替文本",
  },
  "save@compare": {
    english: "write the --json output to a file",
    translation: "将 --json 的输出写入文件",
  },
  html: {
    english:
      "write a self-contained page with charts, confusion matrices and the images whose class changed",
    translation: "写出带图表、混淆矩阵和分类结果有变化的图像的网页，无需联网即可查看",
  },

  top: {
    english: "number of classes to show per image, most probable first",
    translation: "每张图像显示的类别数，概率最高者在前",
  },
  "dry_run@run": {
    english: "check the recipe and show what would run, what would be kept, and why",
    translation: "检查配方，并显示哪些阶段将会运行、哪些保持不变，以及原因",
  },
};
