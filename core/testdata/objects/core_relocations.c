/* Offsets that are adjusted to the running kernel. */
#include "bpf.h"

struct task {
  int pid;
  struct { long count; } usage;
} __attribute__((preserve_access_index));

SEC("xdp") int read_pid(struct task *task) {
  return task->pid + task->usage.count + __builtin_preserve_field_info(task->pid, 2) + __builtin_preserve_type_info(*task, 0);
}
