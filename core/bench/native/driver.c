// Runs one filter, compiled for this machine, over packets: what compiled code is measured against. Built and asked by
// core/bench/native.ts: `driver FILE`, where FILE holds the packets, each as its length (32 bits) and its bytes; then, for
// each line of standard input, "ROUNDS\n", it runs over all of them so often and answers "NANOSECONDS SUM\n": of one packet,
// and the sum of what the filter returned.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "native_map.h"

/* The context of an XDP program has addresses of 32 bits: packets lie below 4 GiB. */
struct context {
  uint32_t data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

#ifdef XDP
extern int ENTRY(struct context *context);
#else
extern uint64_t ENTRY(uint8_t *data, uint64_t length);
#endif

struct packet {
  uint8_t *data;
  uint32_t length;
};

static uint64_t run_all(const struct packet *packets, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
#ifdef XDP
    struct context context = {
      .data = (uint32_t)(uintptr_t)packets[i].data,
      .data_end = (uint32_t)(uintptr_t)packets[i].data + packets[i].length,
      .data_meta = (uint32_t)(uintptr_t)packets[i].data,
      .ingress_ifindex = 1,
    };
    sum += (uint32_t)ENTRY(&context);
#else
    sum += ENTRY(packets[i].data, packets[i].length);
#endif
  }
  return sum;
}

static void *bytes_of(const char *hex, size_t size) {
  uint8_t *bytes = malloc(size);
  for (size_t i = 0; i < size; i++) sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
  return bytes;
}

/* "NAME KEY VALUE": what a map holds before the first packet, in hex. */
static void preset(const char *name, const char *key, const char *value) {
  void *map = dlsym(NULL, name);
  if (map == NULL) exit(2);
  uint32_t key_size = strlen(key) / 2, value_size = strlen(value) / 2;
  native_put(native_hash_of(map, key_size, value_size), bytes_of(key, key_size), bytes_of(value, value_size));
}

int main(int count_of_arguments, char **arguments) {
  for (int i = 2; i + 2 < count_of_arguments; i += 3) preset(arguments[i], arguments[i + 1], arguments[i + 2]);
  FILE *file = fopen(arguments[1], "rb");
  uint32_t length;
  size_t count = 0, room = 64 << 20;
  uint8_t *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  struct packet *packets = malloc(sizeof(*packets) << 16);
  while (fread(&length, 4, 1, file) == 1) {
    packets[count++] = (struct packet){at, length};
    if (fread(at, 1, length, file) != length) return 2;
    at += (length + 7) & ~7u;
  }
  char line[32];
  while (fgets(line, sizeof line, stdin)) {
    long rounds = atol(line);
    struct timespec start, end;
    uint64_t sum = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long round = 0; round < rounds; round++) sum += run_all(packets, count);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double ns = (end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec);
    printf("%.4f %llu\n", ns / rounds / count, (unsigned long long)sum);
    fflush(stdout);
  }
  return 0;
}
