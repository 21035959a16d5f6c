/** What commands do, and their arguments. */
export const commandTexts = {
  "Train with 1- to 8-bit weights and activations (DoReFa)":
    "以 1 到 8 比特权重与激活训练（DoReFa）",
  "Train with binary or ternary weights and activations (BNN, XNOR-Net, TWN)":
    "以二值或三值权重与激活训练（BNN、XNOR-Net、TWN）",
  "Train in float: plainly, sparsely before pruning (-sr), a pruned net (--refine)":
    "全精度训练：普通训练、剪枝前的稀疏训练（-sr）、剪枝后的微调（--refine）",
  "Prune channels: to any widths (normal) or to multiples of N (regular)":
    "通道剪枝：剪到任意宽度（normal）或 N 的倍数（regular）",
  "Prune channels of grouped convolutions; groups and shuffles stay intact":
    "分组卷积的通道剪枝，分组与通道混洗保持完整",
  "Fold the batch norms of a trained net away and compare it with the net before":
    "折叠已训练网络的批归一化，并与折叠前的网络比较",
  "Run the test images through a net before and after the merge of its batch norms":
    "用测试图像比较批归一化合并前后的网络",
  "Write a net as it is used: bit-packed, in float32, or for TensorFlow.js":
    "导出可供使用的网络：按比特打包、float32 或 TensorFlow.js 格式",
  "Show a net's layers: bits, parameters, operations, bytes, codes, dead channels":
    "逐层列出网络的比特、参数量、运算量、字节、编码与失效通道",
  "Say what images show: the most probable classes with their names":
    "识别图像内容：概率最高的类别及其名称",
  "Compare nets: accuracy, agreement, size, operations, memory, speed":
    "比较多个网络：精度、一致率、大小、运算量、内存、速度",
  "Convert a net's file between safetensors and PyTorch's .pth":
    "在 safetensors 与 PyTorch 的 .pth 之间转换网络文件",
  "Run a recipe: a chain of stages in a file, of which only what changed runs again":
    "运行配方：写在一个文件里的一串阶段，只重跑有改动的部分",
  "Set the native TensorFlow engine up in the cache (other commands do it on first use)":
    "在缓存中准备原生 TensorFlow 引擎（其他命令首次使用时会自动准备）",
  "Show versions, paths and threads, and what is wrong with the native engine":
    "显示版本、路径、线程数，以及原生引擎存在的问题",
  "Print a script that completes commands and flags in bash or zsh":
    "输出在 bash 或 zsh 中补全命令与参数的脚本",

  "a file that training, pruning or an export saved, or a state dict":
    "训练、剪枝或导出所保存的文件，或 state dict",
  "JPEG, PNG, WebP, GIF, TIFF or AVIF files of any size; digits:N is test image N of the digits that ship":
    "任意尺寸的 JPEG、PNG、WebP、GIF、TIFF 或 AVIF 文件；digits:N 为自带手写数字的第 N 张测试图像",
  "two files or more, of any format; the first is compared with":
    "两个或更多文件，格式不限；以第一个为比较基准",
  "the file to read; its bytes tell its format": "要读取的文件，格式由文件内容判断",
  "the file to write: .safetensors, .pth or .pt": "要写出的文件：.safetensors、.pth 或 .pt",
  "a YAML file (docs/recipes.md), or the name of one that ships":
    "YAML 文件（见 docs/recipes.md），或随包配方的名称",
  "bash or zsh": "bash 或 zsh",
};
