/** Options of data sets and images. */
export const imageTexts = {
  "data@wqaq,wbwtab,prune": {
    english:
      "folder with the data set's files, or with own images: one folder a class, under train/ and val/ or alone",
    translation:
      "存放数据集文件或自己图像的文件夹；自己的图像每类一个文件夹，分放在 train/ 与 val/ 下，或直接放入",
  },
  data: {
    english: "folder with the data set's files, or with own images",
    translation: "存放数据集文件或自己图像的文件夹",
  },
  num_workers: {
    english: "threads that prepare images; 0 prepares them on the main thread",
    translation: "预处理图像的线程数；0 表示在主线程中处理",
  },
  "dataset@wqaq,wbwtab,prune": {
    english:
      "cifar10, cifar100, digits, images: digits ship with qprune, images are folders of --data and found by themselves",
    translation:
      "cifar10、cifar100、digits、images：digits 随 qprune 提供；images 为 --data 中的图像文件夹，可自动识别",
  },
  dataset: {
    english: "cifar10, cifar100, digits, images; the file tells its own",
    translation: "cifar10、cifar100、digits、images；默认为模型文件中记录的数据集",
  },
  download: {
    english: "fetch the data set from its authors into --data if it is not there",
    translation: "--data 中没有数据集时，从数据集作者处下载到其中",
  },
  train_limit: {
    english: "train on the first n images of the files",
    translation: "只用文件中的前 n 张图像训练",
  },
  test_limit: {
    english: "test on the first n images of the files",
    translation: "只用文件中的前 n 张图像测试",
  },
  val_split: {
    english:
      "hold this share of the training images out and choose the best epoch by them; the test images are seen once, at the end",
    translation: "留出此比例的训练图像，用来选择最佳轮次；测试图像只在最后使用一次",
  },
  eval_batch_size: { english: "images a batch when testing", translation: "测试时每批的图像数" },
  batch_size: { english: "images that are computed together", translation: "一次同时计算的图像数" },
  test: {
    english: "compare accuracies on the test images where there are any; --no-test does not",
    translation: "有测试图像时用其比较准确率；--no-test 不比较",
  },

  image_size: {
    english: "side of the images that the net sees",
    translation: "输入网络的图像边长（像素）",
  },
  crop: {
    english:
      "training sees a part of each image, drawn anew in every epoch (resized), or its middle at full size, shifted in a black frame as with CIFAR (padded)",
    translation:
      "训练时每轮重新随机截取图像的一部分（resized），或取完整尺寸的中央部分，像 CIFAR 那样补黑边后平移（padded）",
  },
  mirror: {
    english: "mirror half of the training images; --no-mirror for signs, digits, text",
    translation: "左右翻转一半的训练图像；标志、数字、文字请用 --no-mirror",
  },
  max_damaged: {
    english: "damaged images up to this share are named and left out, more are an error",
    translation: "损坏的图像不超过此比例时，列出名称并跳过；超过则报错",
  },
};
