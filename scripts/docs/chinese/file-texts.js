/** Options of files that are read and written. */
export const fileTexts = {
  "save@wqaq,wbwtab": {
    english:
      "where to write the best net, .safetensors or .pth (default: models_save/<command>/<arch>.safetensors)",
    translation:
      "最佳网络的保存位置，.safetensors 或 .pth（默认：models_save/<command>/<arch>.safetensors）",
  },
  "save@prune": {
    english:
      "where to write the best net, .safetensors or .pth (default: models_save/prune/<arch>.safetensors; <arch>_preprune with -sr, <arch>_refine with --refine or --pretrained)",
    translation:
      "最佳网络的保存位置，.safetensors 或 .pth（默认：models_save/prune/<arch>.safetensors；使用 -sr 时为 <arch>_preprune，使用 --refine 或 --pretrained 时为 <arch>_refine）",
  },
  key: {
    english:
      "which dict of tensors to read if a .pth file contains several: model, for example, or ema.module for a nested one",
    translation: ".pth 文件含有多个张量字典时读取哪一个（如 model；嵌套的写作 ema.module）",
  },
  force: {
    english: "allow --save to overwrite the input file",
    translation: "允许 --save 覆盖所读取的文件",
  },

  "model@normal-regular-prune": {
    english:
      "the net to prune (default: models_save/prune/nin_preprune.safetensors, or else the only other _preprune file of the same kind in that folder)",
    translation:
      "要剪枝的网络（默认：models_save/prune/nin_preprune.safetensors；若不存在，则取该目录中唯一的同类 _preprune 文件）",
  },
  "model@gc-prune": {
    english:
      "the net to prune (default: models_save/prune/nin_gc_preprune.safetensors, or else the only other _preprune file of the same kind in that folder)",
    translation:
      "要剪枝的网络（默认：models_save/prune/nin_gc_preprune.safetensors；若不存在，则取该目录中唯一的同类 _preprune 文件）",
  },
  "save@normal-regular-prune,gc-prune": {
    english:
      "where to write the smaller net, .safetensors or .pth (default: models_save/prune/<arch>_prune.safetensors)",
    translation:
      "剪枝后网络的保存位置，.safetensors 或 .pth（默认：models_save/prune/<arch>_prune.safetensors）",
  },
  plan: {
    english: "write a JSON file that lists the channels kept in each layer, and why",
    translation: "以 JSON 写出各层保留哪些通道及原因",
  },

  "model@bn-merge": {
    english:
      "the trained net (default: models_save/wbwtab/nin_gc.safetensors, or else the newest file in that folder that matches --W and --A); quantization flags are needed only for files that do not record their quantization",
    translation:
      "已训练的网络（默认：models_save/wbwtab/nin_gc.safetensors；若不存在，则取该目录中与 --W、--A 相符的最新文件）；量化方式以文件记录为准，量化选项只用于没有记录的文件",
  },
  "save@bn-merge": {
    english:
      "where to write the merged net (default: models_save/bn_merge/quan_bn_merge_model.safetensors)",
    translation:
      "合并后网络的保存位置（默认：models_save/bn_merge/quan_bn_merge_model.safetensors）",
  },
  save_before: {
    english:
      "where to write the net before the merge, with quantized weights (default: models_save/bn_merge/quan_model.safetensors)",
    translation:
      "合并前网络的保存位置，权重为量化后的值（默认：models_save/bn_merge/quan_model.safetensors）",
  },
  dump: {
    english:
      "also write both nets to this folder as text: NAME.txt (layers) and NAME_para.txt (parameters)",
    translation: "另以文本写出两个网络：NAME.txt（各层）与 NAME_para.txt（数值）",
  },
  before: { english: "the net with batch norms", translation: "带批归一化的网络" },
  after: { english: "the merged net", translation: "合并后的网络" },

  format: {
    english:
      "packed: quantized weights in as few bits as they need; safetensors: the same weights in float32; tfjs: a folder that TensorFlow.js loads; onnx: integer weights with scales for onnxruntime and others; qonnx: the same with the quantizers of FINN and hls4ml; tflite: a file for LiteRT, in int8 after ptq and in float32 otherwise; web: a page that classifies pictures",
    translation:
      "packed：量化权重只占其量化位数；safetensors：同样的权重存为 float32；tfjs：可由 TensorFlow.js 加载的文件夹；onnx：供 onnxruntime 等使用的整数权重及缩放因子；qonnx：同上，但用 FINN 与 hls4ml 的量化算子；tflite：供 LiteRT 使用的文件，ptq 之后为 int8，其他为 float32；web：对图片分类的网页",
  },
  edges: {
    english:
      "with --format packed or web: type of the kernels that are not quantized (first and last layers); int8 rounds them to 8 bits",
    translation:
      "与 --format packed 或 web 同用：未量化的卷积核（首层与末层）的存储类型；int8 会将其舍入",
  },
  opset: {
    english:
      "with --format onnx: version of the operators; from 21 on, quantized weights of up to 4 bits take 4 bits, and with 25 those of up to 2 bits take 2",
    translation:
      "与 --format onnx 同用：算子集版本；21 起，不超过 4 位的量化权重占 4 位；25 时，不超过 2 位的占 2 位",
  },
  check: {
    english:
      "Python interpreter that runs the export on random images and compares the outputs: onnx in onnxruntime, qonnx in qonnx, tflite in ai-edge-litert",
    translation:
      "用于在随机图像上运行导出结果并比较输出的 Python 解释器：onnx 用 onnxruntime，qonnx 用 qonnx，tflite 用 ai-edge-litert",
  },
  "save@export": {
    english: "where to write the export (default: models_save/export/<name of the file>_<format>)",
    translation: "导出位置（默认：models_save/export/<文件名>_<format>）",
  },
  "force@export": {
    english: "allow --save to replace an earlier export",
    translation: "允许 --save 替换先前的导出结果",
  },
  until: {
    english:
      "last node to read from a model of ONNX, TensorFlow or Keras, such as the end of a backbone",
    translation: "网络到 ONNX、TensorFlow 或 Keras 模型的哪个节点为止，例如主干网络的最后一个节点",
  },
  "image_size@convert": {
    english:
      "side length of the images, for a model of ONNX, TensorFlow or Keras that does not specify it",
    translation: "ONNX、TensorFlow 或 Keras 模型未固定图像尺寸时的图像边长（像素）",
  },
  mean: {
    english:
      "mean of the images' channels, for a model of ONNX, TensorFlow or Keras: one number or three, of pixels from 0 to 1 (default: ImageNet's)",
    translation:
      "ONNX、TensorFlow 或 Keras 模型的图像各通道均值：一个或三个数，像素取值 0 到 1（默认：ImageNet 的值）",
  },
  std: {
    english:
      "their standard deviation, by which images are divided after the mean was subtracted; needs --mean",
    translation: "各通道标准差，图像减去均值后除以它；需要 --mean",
  },
  "force@convert": {
    english: "replace OUT if it exists",
    translation: "OUT 已存在时将其替换",
  },

  set: {
    english:
      "override an option in every stage that has it, or in one stage with STAGE.OPTION=VALUE; can be repeated",
    translation:
      "代替配方中的选项值，对所有具有该选项的阶段有效；STAGE.OPTION=VALUE 只对一个阶段有效；可多次给出",
  },
  folder: {
    english:
      "where to write the files (default: the folder that the recipe names, or else models_save/<name of the recipe>)",
    translation: "文件的存放位置（默认：按配方所写，否则为 models_save/<配方名>）",
  },
};
