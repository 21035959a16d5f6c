/** Options of training on several machines. */
export const workersTexts = {
  workers: {
    english:
      "train on several machines: the host:port of every worker, separated by commas, the same list everywhere; the variable TF_CONFIG is read otherwise",
    translation:
      "在多台机器上训练：以逗号分隔的每个工作进程的 host:port，各处相同；未给出时读取环境变量 TF_CONFIG",
  },
  task_index: {
    english: "which of the --workers this process is, from 0; worker 0 writes the files",
    translation: "本进程在 --workers 中的序号，从 0 开始；0 号工作进程负责写文件",
  },
  sync_bn: {
    english:
      "normalize by the statistics of the batches of all workers, as one machine does with the whole batch, rather than by those of each worker's own",
    translation:
      "批归一化使用所有工作进程批次的统计量（与单机使用整个批次相同），而不是各自批次的统计量",
  },
  scale_lr: {
    english: "multiply the learning rate by the number of workers",
    translation: "学习率乘以工作进程数",
  },
  worker_timeout: {
    english:
      "how long to wait for a worker that has not started, or that is slower than this one in a step",
    translation: "等待尚未启动或在某一步中较慢的工作进程的最长秒数",
  },
  processes: {
    english: "how many workers to start",
    translation: "启动的工作进程数",
  },
  "summary:launch": {
    english:
      "Start a training command as several workers on this machine, to try what several machines do",
    translation: "在本机以多个工作进程启动训练命令，用于试验多机训练",
  },
  "argument:command": {
    english: "a training command with its flags, after --",
    translation: "训练命令及其选项，写在 -- 之后",
  },
};
