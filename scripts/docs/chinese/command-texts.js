/** What commands do, and their arguments. */
export const commandTexts = {
  "summary:wqaq": {
    english: "Train with 1- to 8-bit weights and activations (DoReFa)",
    translation: "以 1 到 8 比特权重与激活训练（DoReFa）",
  },
  "summary:wbwtab": {
    english: "Train with binary or ternary weights and activations (BNN, XNOR-Net, TWN)",
    translation: "以二值或三值权重与激活训练（BNN、XNOR-Net、TWN）",
  },
  "summary:prune": {
    english:
      "Train in float: from scratch, sparsely before pruning (-sr), or to fine-tune a pruned net (--refine)",
    translation: "全精度训练：普通训练、剪枝前的稀疏训练（-sr）、剪枝后的微调（--refine）",
  },
  "summary:normal-regular-prune": {
    english: "Prune channels to any widths (normal) or to multiples of n (regular)",
    translation: "通道剪枝：剪到任意宽度（normal）或 N 的倍数（regular）",
  },
  "summary:gc-prune": {
    english: "Prune channels of grouped convolutions; groups and shuffles stay intact",
    translation: "分组卷积的通道剪枝，分组与通道混洗保持完整",
  },
  "summary:bn-merge": {
    english: "Fold the batch norms of a trained net, and compare the nets before and after",
    translation: "折叠已训练网络的批归一化，并与折叠前的网络比较",
  },
  "summary:bn-merge-test": {
    english: "Compare a net before and after merging its batch norms, on the test images",
    translation: "用测试图像比较批归一化合并前后的网络",
  },
  "summary:export": {
    english:
      "Write a net for deployment: bit-packed, in float32, for TensorFlow.js, as ONNX, or as a web page",
    translation: "导出可供使用的网络：按比特打包、float32、TensorFlow.js、ONNX 格式，或一个网页",
  },
  "summary:serve": {
    english: "Show an exported page: serve the files of a folder to browsers",
    translation: "查看导出的网页：向浏览器提供文件夹中的文件",
  },
  "argument:folder": {
    english: "the folder of an export with --format web",
    translation: "用 --format web 导出的文件夹",
  },
  "summary:sensitivity": {
    english: "Measure how accuracy reacts if single layers are pruned or rounded to few bits",
    translation: "逐层测量剪枝或低比特舍入对准确率的影响",
  },
  "summary:summary": {
    english:
      "Show a net's layers: bits, parameters, operations, bytes, integer codes, dead channels",
    translation: "逐层列出网络的比特、参数量、运算量、字节、量化编码与死通道（dead channels）",
  },
  "summary:predict": {
    english: "Classify images: print the most probable classes of each",
    translation: "图像分类：输出概率最高的类别及其名称",
  },
  "summary:compare": {
    english: "Compare nets: accuracy, agreement, size, operations, memory, speed",
    translation: "比较多个网络：准确率、一致率、大小、运算量、内存、速度",
  },
  "summary:convert": {
    english:
      "Convert model files: safetensors, PyTorch's .pth, and models of ONNX, TensorFlow and Keras to one of these",
    translation:
      "转换网络文件：safetensors 与 PyTorch 的 .pth 互转，ONNX、TensorFlow 与 Keras 的模型转为其中之一",
  },
  "summary:run": {
    english: "Run the stages that a recipe lists; the next time, run only those that changed",
    translation: "运行流程配方（recipe）：写在一个文件里的一串阶段，只重跑有改动的部分",
  },
  "summary:setup": {
    english:
      "Set up the native TensorFlow engine in the cache (other commands do this on first use)",
    translation: "在缓存中准备原生 TensorFlow 引擎（其他命令首次使用时会自动准备）",
  },
  "summary:doctor": {
    english: "Show versions, paths and threads, and report problems with the native engine",
    translation: "显示版本、路径、线程数，以及原生引擎存在的问题",
  },
  "summary:completion": {
    english: "Print a completion script for bash or zsh",
    translation: "输出在 bash 或 zsh 中补全命令与选项的脚本",
  },

  "argument:file": {
    english: "a file saved by training, pruning or export, or a state dict",
    translation: "训练、剪枝或导出所保存的文件，或 state dict",
  },
  "argument:images": {
    english:
      "JPEG, PNG, WebP, GIF, TIFF or AVIF files of any size; digits:N is test image N of the built-in digits",
    translation:
      "任意尺寸的 JPEG、PNG、WebP、GIF、TIFF 或 AVIF 文件；digits:N 为自带手写数字的第 N 张测试图像",
  },
  "argument:files": {
    english: "two or more files, of any format; the first is the baseline",
    translation: "两个或更多文件，格式不限；以第一个为比较基准",
  },
  "argument:in": {
    english: "the file to read; its format is detected",
    translation: "要读取的文件，格式由文件内容判断",
  },
  "argument:out": {
    english: "the file to write: .safetensors, .pth or .pt",
    translation: "要写出的文件：.safetensors、.pth 或 .pt",
  },
  "argument:recipe": {
    english: "a YAML file (docs/recipes.md), or the name of a built-in recipe",
    translation: "YAML 文件（见 docs/recipes.md），或随包配方的名称",
  },
  "argument:shell": { english: "bash or zsh", translation: "bash 或 zsh" },
};
