// Hash maps for filters that are compiled for this machine: chains of elements, keys spread as the kernel does it (jhash2),
// nothing that makes a lookup slower than it has to be. Sizes are constants where a filter calls it, so that the compiler
// writes the comparison and the hash out.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NATIVE_BUCKETS 1024

struct native_element {
  struct native_element *next;
  uint8_t *value;
  uint8_t key[];
};

struct native_hash {
  uint32_t key_size, value_size;
  struct native_element *heads[NATIVE_BUCKETS];
};

/* A map's variable holds nothing that is used at run time: its first word becomes the table. */
static inline struct native_hash *native_hash_of(void *map, uint32_t key_size, uint32_t value_size) {
  struct native_hash **table = map;
  if (*table == NULL) {
    *table = calloc(1, sizeof(**table));
    (*table)->key_size = key_size;
    (*table)->value_size = value_size;
  }
  return *table;
}

static inline uint32_t native_rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

/* jhash2 of up to three words, the seed 0. */
static inline uint32_t native_bucket(const void *key, uint32_t key_size) {
  uint32_t words[3] = {0}, a, b, c;
  memcpy(words, key, key_size);
  a = b = c = 0xdeadbeef + key_size;
  a += words[0];
  b += words[1];
  c += words[2];
  c = (c ^ b) - native_rotate(b, 14);
  a = (a ^ c) - native_rotate(c, 11);
  b = (b ^ a) - native_rotate(a, 25);
  c = (c ^ b) - native_rotate(b, 16);
  a = (a ^ c) - native_rotate(c, 4);
  b = (b ^ a) - native_rotate(a, 14);
  c = (c ^ b) - native_rotate(b, 24);
  return c % NATIVE_BUCKETS;
}

static inline __attribute__((always_inline)) void *native_find(struct native_hash *table, const void *key, uint32_t key_size) {
  if (table == NULL) return NULL;
  for (struct native_element *at = table->heads[native_bucket(key, key_size)]; at; at = at->next)
    if (memcmp(at->key, key, key_size) == 0) return at->value;
  return NULL;
}

static inline void native_put(struct native_hash *table, const void *key, const void *value) {
  void *known = native_find(table, key, table->key_size);
  if (known) {
    memcpy(known, value, table->value_size);
    return;
  }
  struct native_element *made = malloc(sizeof(*made) + table->key_size);
  struct native_element **head = &table->heads[native_bucket(key, table->key_size)];
  made->next = *head;
  made->value = malloc(table->value_size);
  memcpy(made->key, key, table->key_size);
  memcpy(made->value, value, table->value_size);
  *head = made;
}
