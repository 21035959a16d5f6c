/** Options of data sets and images. */
export const imageTexts = {
  "data@wqaq,wbwtab,prune": {
    english:
      "folder with the data set's files or with your own images: one folder per class, directly or under train/ and val/",
    translation:
      "存放数据集文件或自己图像的文件夹；自己的图像每类一个文件夹，分放在 train/ 与 val/ 下，或直接放入",
  },
  data: {
    english: "folder with the data set's files or with your own images",
    translation: "存放数据集文件或自己图像的文件夹",
  },
  num_workers: {
    english: "threads that prepare images; 0 uses the main thread",
    translation: "预处理图像的线程数；0 表示在主线程中处理",
  },
  "dataset@wqaq,wbwtab,prune,augment": {
    english:
      "cifar10, cifar100, digits, digits-detection, images, boxes; digits come with qprune; images and boxes are your own under --data, in class folders or with annotated boxes, and are detected automatically",
    translation:
      "cifar10、cifar100、digits、digits-detection、images、boxes：digits 随 qprune 提供；images 和 boxes 为 --data 中您自己的图像，前者按类别分文件夹，后者带有标注框，均可自动识别",
  },
  dataset: {
    english:
      "cifar10, cifar100, digits, digits-detection, images, boxes; default: as recorded in the file",
    translation:
      "cifar10、cifar100、digits、digits-detection、images、boxes；默认为模型文件中记录的数据集",
  },
  download: {
    english: "if the data set is missing, download it from its authors into --data",
    translation: "--data 中没有数据集时，从数据集作者处下载到其中",
  },
  train_limit: {
    english: "train on the first n training images only",
    translation: "只用前 n 张训练图像",
  },
  test_limit: {
    english: "test on the first n test images only",
    translation: "只用前 n 张测试图像",
  },
  val_split: {
    english:
      "hold out this fraction of the training images to choose the best epoch; the test images are used once, at the end",
    translation: "留出此比例的训练图像，用来选择最佳轮次；测试图像只在最后使用一次",
  },
  eval_batch_size: { english: "images per batch when testing", translation: "测试时每批的图像数" },
  batch_size: {
    english: "number of images to compute at once",
    translation: "一次同时计算的图像数",
  },
  test: {
    english: "compare accuracies on the test images, if available; --no-test skips this",
    translation: "有测试图像时用其比较准确率；--no-test 不比较",
  },

  image_size: {
    english:
      "side length of the net's square input, to which all images are scaled (by default 96 for digits-detection and 320 for boxes); a net that is trained further keeps its own",
    translation:
      "输入网络的图像边长（像素），所有图像均缩放到此尺寸（digits-detection 默认为 96，boxes 默认为 320）；继续训练的网络默认沿用其自身的尺寸",
  },
  "image_size@augment": {
    english: "side length of the square images that a net would get",
    translation: "网络将得到的正方形图像的边长（像素）",
  },
  crop: {
    english:
      "resized: train on a random part of each image, a different one in every epoch; padded: train on its center at full size, shifted within a black border, as is usual for CIFAR",
    translation:
      "训练时每轮重新随机截取图像的一部分（resized），或取完整尺寸的中央部分，像 CIFAR 那样补黑边后平移（padded）",
  },
  mirror: {
    english: "mirror half of the training images; use --no-mirror for signs, digits or text",
    translation: "左右翻转一半的训练图像；标志、数字、文字请用 --no-mirror",
  },
  max_damaged: {
    english:
      "list and skip damaged images if they are at most this fraction; if there are more, fail",
    translation: "损坏的图像不超过此比例时，列出名称并跳过；超过则报错",
  },
};
