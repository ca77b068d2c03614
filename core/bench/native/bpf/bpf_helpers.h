// What filters of the gallery need of libbpf's header, for this machine: found in its place when a filter is compiled by
// gcc. Maps are hash maps of up to three words a key, or arrays.
#pragma once
#include <linux/types.h>
#include "../native_map.h"

#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

#define NATIVE_NUMBER(field) (sizeof(*(field)) / sizeof(int))

#define bpf_map_lookup_elem(map, wanted)                                                                               \
  ((typeof((map)->value))native_lookup((map), NATIVE_NUMBER((map)->type), NATIVE_NUMBER((map)->max_entries), (wanted), \
                                       sizeof(*(map)->key), sizeof(*(map)->value)))

static inline __attribute__((always_inline)) void *native_lookup(void *map, uint32_t type, uint32_t most, const void *key,
                                                                  uint32_t key_size, uint32_t value_size) {
  uint8_t **values = map;
  if (type != 2 /* BPF_MAP_TYPE_ARRAY */) return native_find(*(struct native_hash **)map, key, key_size);
  if (*values == NULL) *values = calloc(most, value_size);
  uint32_t index = *(const uint32_t *)key;
  return index < most ? *values + (uint64_t)index * value_size : NULL;
}
