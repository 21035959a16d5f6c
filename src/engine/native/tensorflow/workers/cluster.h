// The processes that train together, as TensorFlow's collective ops see them.
#pragma once

#include <string>
#include <vector>

#include "tensorflow/c/eager/c_api.h"

namespace qprune {

struct Cluster {
  // host:port of every worker.
  std::vector<std::string> addresses;
  // Which of them this process is.
  int index = 0;
};

// TensorFlow's name of a worker.
std::string taskName(int index);

// The message tensorflow.ServerDef of this process, in protobuf's encoding.
std::string serverDefinition(const Cluster& cluster);

// The message tensorflow.ConfigProto: worker 0 leads the group.
std::string sessionConfiguration();

}  // namespace qprune
