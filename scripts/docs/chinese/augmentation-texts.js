/** Options of augmentation, and of the page that shows it. */
export const augmentationTexts = {
  rand_augment: {
    english:
      "apply n random operations on color and geometry to each training image, with a strength from 0 to 30, as in 2,9",
    translation: "对每张训练图像随机做 n 次颜色与几何变换，强度为 0 到 30，例如 2,9",
  },
  cutout: {
    english: "erase a square of this side, anywhere in each training image",
    translation: "在每张训练图像的任意位置抹去边长为此值的方块",
  },
  random_erasing: {
    english: "erase a rectangle of 2% to 33% of a training image with this probability",
    translation: "以此概率抹去训练图像中占 2% 到 33% 的矩形",
  },
  mosaic: {
    english: "for detectors: make a training image of four parts of images with this probability",
    translation: "用于检测网络：以此概率用四张图像的局部拼成一张训练图像",
  },
  mixup: {
    english:
      "mix each training image and its label with another one, in proportions drawn from Beta(alpha, alpha), as in 0.2",
    translation: "将每张训练图像及其标签与另一张混合，比例取自 Beta(alpha, alpha)，例如 0.2",
  },
  images: {
    english: "number of training images to show, one per row",
    translation: "显示的训练图像数，每行一张",
  },
  draws: {
    english: "number of epochs to show for each image, one per column",
    translation: "每张图像显示的轮数，每列一轮",
  },
  "html@augment": {
    english: "where to write the page",
    translation: "网页的路径",
  },
  "argument:data": {
    english: "folder with the data set's files or with your own images",
    translation: "存放数据集文件或自己图像的文件夹",
  },
  "summary:augment": {
    english: "Show training images as nets see them: crops, color, erased parts, mixtures",
    translation: "显示网络所见的训练图像：裁剪、颜色、抹去的部分、混合",
  },
};
