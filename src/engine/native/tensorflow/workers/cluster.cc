// Writes the two messages by hand: they have few fields, and the wheel's protobuf is not a public interface.
#include "cluster.h"

#include <cstdint>

namespace qprune {
namespace {

void appendNumber(std::string& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

// A field with a length: a text or a message.
void appendField(std::string& to, int field, const std::string& bytes) {
  appendNumber(to, field << 3 | 2);
  appendNumber(to, bytes.size());
  to += bytes;
}

void appendField(std::string& to, int field, uint64_t number) {
  appendNumber(to, field << 3);
  appendNumber(to, number);
}

const std::string kJob = "worker";

}  // namespace

std::string taskName(int index) { return "/job:worker/replica:0/task:" + std::to_string(index); }

std::string sessionConfiguration() {
  std::string experimental, config;
  appendField(experimental, 1, taskName(0));  // collective_group_leader
  appendField(config, 16, experimental);      // experimental
  return config;
}

std::string serverDefinition(const Cluster& cluster) {
  std::string job;
  appendField(job, 1, kJob);  // name
  for (size_t index = 0; index < cluster.addresses.size(); index++) {
    std::string entry;
    appendField(entry, 1, index);                     // key
    appendField(entry, 2, cluster.addresses[index]);  // value
    appendField(job, 2, entry);                       // tasks
  }
  std::string jobs, server;
  appendField(jobs, 1, job);                                      // job
  appendField(server, 1, jobs);                                   // cluster
  appendField(server, 2, kJob);                                   // job_name
  appendField(server, 3, static_cast<uint64_t>(cluster.index));   // task_index
  appendField(server, 4, sessionConfiguration());                 // default_session_config
  appendField(server, 5, std::string("grpc"));                    // protocol
  return server;
}

}  // namespace qprune
