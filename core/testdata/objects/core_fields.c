/* Offsets that are adjusted to the running kernel, in the form clang 11 knows: accesses only. */
#include "bpf.h"

struct task {
  int pid;
  struct { long count; } usage;
} __attribute__((preserve_access_index));

SEC("xdp") int read_pid(struct task *task) { return task->pid + task->usage.count; }
