/** Options of what is shown and logged. */
export const outputTexts = {
  "steps between two progress lines": "相邻两行进度之间的步数",
  "write losses, accuracies, clipped activations and weight codes for TensorBoard":
    "写出损失、精度、被截断的激活与权重编码，供 TensorBoard 查看",
  "no progress, only the results": "不显示进度，只输出结果",

  "one JSON object a line on stdout": "在标准输出中每行写一个 JSON 对象",
  "one JSON object a line on stdout, for each image":
    "在标准输出中每行写一个 JSON 对象，对应一张图像",
  "the result as one JSON object on stdout": "将结果作为一个 JSON 对象写到标准输出",
  "the report as one JSON object on stdout; what the stages say goes to stderr":
    "将报告作为一个 JSON 对象写到标准输出；各阶段的输出写到标准错误",
  "print one JSON object instead of text": "输出一个 JSON 对象代替文本",
  "write what --json prints to a file": "将 --json 的输出写入文件",
  "write a page with charts, confusion matrices and the images that changed their class; it needs no network":
    "写出带图表、混淆矩阵和分类结果有变化的图像的网页，无需联网即可查看",

  "classes to show for each image, the most probable first": "每张图像显示的类别数，概率最高者在前",
  "check the recipe and show what would run, what would stay, and why":
    "检查配方，并显示哪些阶段将会运行、哪些保持不变，以及原因",
};
