/* CO-RE relocations of every kind, against types that the target has changed (target.c). */
#include "types.h"

#define FIELD(kind, field) __builtin_preserve_field_info(field, kind)
#define OFFSET 0
#define SIZE 1
#define EXISTS 2
#define SIGNED 3
#define LSHIFT 4
#define RSHIFT 5

#define TYPE_NAME(type, value) (*(typeof(type) *)value)
#define LOCAL_ID(type) __builtin_btf_type_id(*(typeof(type) *)0, 0)
#define TARGET_ID(type) __builtin_btf_type_id(*(typeof(type) *)0, 1)
#define TYPE_EXISTS(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define TYPE_SIZE(type) __builtin_preserve_type_info(*(typeof(type) *)0, 1)
#define TYPE_MATCHES(type) __builtin_preserve_type_info(*(typeof(type) *)0, 2)
#define VALUE_EXISTS(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 0)
#define VALUE(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 1)

/* ---- fields */

struct moved {
  __u32 first;
  __u32 second;
  __u64 third;
  __u8 bytes[16];
  struct {
    __u32 x;
    union {
      __u32 y;
      __u16 z[2];
    };
  } inner;
  struct {
    __u64 hidden;
  };
  char *pointer;
} AS_COMPILED;

SEC("socket") int read_first(struct moved *m) { return m->first; }
SEC("socket") int read_second(struct moved *m) { return m->second; }
SEC("socket") __u64 read_third(struct moved *m) { return m->third; }
SEC("socket") int read_byte(struct moved *m) { return m->bytes[5]; }
SEC("socket") int read_inner(struct moved *m) { return m->inner.x + m->inner.y + m->inner.z[1]; }
SEC("socket") __u64 read_hidden(struct moved *m) { return m->hidden; }
SEC("socket") void *read_pointer(struct moved *m) { return m->pointer; }
SEC("socket") int write_second(struct moved *m) { m->second = 7; return 0; }
SEC("socket") int write_register(struct moved *m, int value) { m->second = value; return 0; }
SEC("socket") void *address(struct moved *m) { return &m->inner.z[1]; }
SEC("socket") void *address_in_array(struct moved *m) { return &m[3].bytes[2]; }
SEC("socket") int field_facts(struct moved *m) {
  return FIELD(OFFSET, m->second) + FIELD(SIZE, m->bytes) + FIELD(EXISTS, m->third) + FIELD(SIGNED, m->first) +
         FIELD(LSHIFT, m->second) + FIELD(RSHIFT, m->second);
}
SEC("socket") int element_facts(struct moved *m) { return FIELD(OFFSET, m->bytes[3]) + FIELD(SIZE, m->bytes[3]); }
SEC("socket") int element_sign(struct moved *m) { return FIELD(SIGNED, m->bytes[3]); }
SEC("socket") int element_exists(struct moved *m) { return FIELD(EXISTS, m->bytes[3]); }
SEC("socket") int element_gone(struct moved *m) { return FIELD(EXISTS, m->bytes[12]); }

struct resized {
  __u32 grown;
  __u64 shrunk;
  int sign_grown;
  char letter_grown;
  _Bool truth;
  void *pointer;
  __u16 many[4];
  __s32 stays;
} AS_COMPILED;

SEC("socket") __u64 read_grown(struct resized *r) { return r->grown; }
SEC("socket") __u64 read_shrunk(struct resized *r) { return r->shrunk; }
SEC("socket") __u64 read_sign_grown(struct resized *r) { return r->sign_grown; }
SEC("socket") __u64 read_letter(struct resized *r) { return r->letter_grown; }
SEC("socket") __u64 read_truth(struct resized *r) { return r->truth; }
SEC("socket") __u64 read_many(struct resized *r) { return r->many[2]; }
SEC("socket") __u64 read_stays(struct resized *r) { return r->stays; }
SEC("socket") int write_grown(struct resized *r) { r->grown = 1; return 0; }
SEC("socket") int write_shrunk(struct resized *r, __u64 value) { r->shrunk = value; return 0; }
SEC("socket") int address_sign_grown(struct resized *r) { return FIELD(OFFSET, r->sign_grown); }

struct gone {
  int here;
  int missing;
  int other_kind;
  int to_pointer;
  struct other *by_pointer;
} AS_COMPILED;

SEC("socket") int read_missing(struct gone *g) { return g->missing; }
SEC("socket") int read_guarded(struct gone *g) { return FIELD(EXISTS, g->missing) ? g->missing : g->here; }
SEC("socket") int read_other_kind(struct gone *g) { return g->other_kind; }
SEC("socket") int other_kind_exists(struct gone *g) { return FIELD(EXISTS, g->other_kind) + FIELD(EXISTS, g->to_pointer); }
SEC("socket") int missing_facts(struct gone *g) { return FIELD(SIZE, g->missing) + FIELD(SIGNED, g->missing); }
SEC("socket") int missing_offset(struct gone *g) { return FIELD(OFFSET, g->missing); }

struct no_such_type {
  int x;
} AS_COMPILED;

SEC("socket") int read_no_such_type(struct no_such_type *n) { return n->x; }
SEC("socket") int exists_in_no_such_type(struct no_such_type *n) { return FIELD(EXISTS, n->x); }

struct far {
  int x;
} AS_COMPILED;

SEC("socket") int read_far(struct far *f) { return f->x; }
SEC("socket") int far_offset(struct far *f) { return FIELD(OFFSET, f->x); }

/* ---- flavors */

struct flavored___v1 {
  int renamed_since;
} AS_COMPILED;
struct flavored___v2 {
  int name;
} AS_COMPILED;

SEC("socket") int read_flavors(void *p) {
  struct flavored___v1 *old = p;
  struct flavored___v2 *now = p;
  return FIELD(EXISTS, now->name) ? now->name : FIELD(EXISTS, old->renamed_since) ? old->renamed_since : -1;
}

struct twice {
  int same;
  int differs;
} AS_COMPILED;

SEC("socket") int read_same_in_both(struct twice *t) { return t->same; }
SEC("socket") int read_ambiguous(struct twice *t) { return t->differs; }

/* ---- bit fields */

struct bits {
  __u32 a : 3;
  __u32 b : 11;
  __s32 c : 5;
  __u32 d : 13;
  __u64 e : 40;
  __u8 f : 2;
  enum { RED, GREEN } g : 4;
  _Bool h : 1;
  __u32 plain;
} AS_COMPILED;

#define BIT_FIELD(name)                                                                                    \
  SEC("socket") int bit_field_##name(struct bits *p) {                                                     \
    return FIELD(OFFSET, p->name) + FIELD(SIZE, p->name) * 3 + FIELD(SIGNED, p->name) * 5 +                \
           FIELD(LSHIFT, p->name) * 7 + FIELD(RSHIFT, p->name) * 11 + FIELD(EXISTS, p->name) * 13;         \
  }
BIT_FIELD(a) BIT_FIELD(b) BIT_FIELD(c) BIT_FIELD(d) BIT_FIELD(e) BIT_FIELD(f) BIT_FIELD(h) BIT_FIELD(plain)

/* An enumeration is signed or not, which libbpf before 1.3 did not tell. */
SEC("socket") int bit_field_g(struct bits *p) {
  return FIELD(OFFSET, p->g) + FIELD(SIZE, p->g) * 3 + FIELD(LSHIFT, p->g) * 7 + FIELD(RSHIFT, p->g) * 11;
}

/* ---- arrays */

struct item {
  int key;
  int value;
} AS_COMPILED;
struct arrays {
  int head;
  struct item items[4];
  int grid[3][5];
  int tail[];
} AS_COMPILED;

SEC("socket") int read_item(struct arrays *a) { return a->items[2].value; }
SEC("socket") int read_grid(struct arrays *a) { return a->grid[1][4]; }
SEC("socket") int read_tail(struct arrays *a) { return a->tail[9]; }
SEC("socket") int read_last_item(struct arrays *a) { return a->items[3].key; }
SEC("socket") int array_size(struct arrays *a) { return FIELD(SIZE, a->items) + FIELD(SIZE, a->grid[1]); }

/* ---- types */

union either {
  int a;
  long b;
};
typedef struct {
  int x;
} hidden_t;
typedef __u32 number_t;
typedef int (*callback_t)(struct item *, int);
typedef int (*other_callback_t)(int);
enum color { COLOR_RED, COLOR_BLUE = 5, COLOR_LOST = 9 };
struct only_here {
  int x;
};

SEC("socket") int types_exist(void *p) {
  return TYPE_EXISTS(struct moved) + TYPE_EXISTS(union either) * 2 + TYPE_EXISTS(hidden_t) * 4 +
         TYPE_EXISTS(number_t) * 8 + TYPE_EXISTS(callback_t) * 16 + TYPE_EXISTS(enum color) * 32 +
         TYPE_EXISTS(struct only_here) * 64 + TYPE_EXISTS(other_callback_t) * 128;
}
SEC("socket") int types_sizes(void *p) {
  return TYPE_SIZE(struct moved) + TYPE_SIZE(union either) * 3 + TYPE_SIZE(hidden_t) * 5 + TYPE_SIZE(number_t) * 7 +
         TYPE_SIZE(enum color) * 9 + TYPE_SIZE(struct only_here) * 11;
}
SEC("socket") __u64 types_ids(void *p) {
  return LOCAL_ID(struct moved) + LOCAL_ID(struct only_here) * 3 + TARGET_ID(struct moved) * 5 +
         TARGET_ID(struct only_here) * 7 + TARGET_ID(number_t) * 9;
}

/* ---- enumerators */

enum wide { WIDE_ONE = 1, WIDE_LARGE = 0x123456789aULL, WIDE_LOST = 77 };
enum negative { NEGATIVE_ONE = -1, NEGATIVE_MANY = -1000 };
enum flavor___mine { FLAVOR_A = 1, FLAVOR_B___mine = 2 };

SEC("socket") int enumerators_exist(void *p) {
  return VALUE_EXISTS(enum color, COLOR_RED) + VALUE_EXISTS(enum color, COLOR_BLUE) * 2 +
         VALUE_EXISTS(enum color, COLOR_LOST) * 4 + VALUE_EXISTS(enum flavor___mine, FLAVOR_B___mine) * 8;
}
SEC("socket") __u64 enumerator_values(void *p) {
  return VALUE(enum color, COLOR_BLUE) + VALUE(enum flavor___mine, FLAVOR_A) + VALUE(enum flavor___mine, FLAVOR_B___mine);
}
SEC("socket") __u64 enumerator_lost(void *p) { return VALUE(enum color, COLOR_LOST); }
SEC("socket") __u64 enumerator_guarded(void *p) {
  return VALUE_EXISTS(enum color, COLOR_LOST) ? VALUE(enum color, COLOR_LOST) : 3;
}
SEC("socket") __u64 enumerator_negative(void *p) { return VALUE(enum negative, NEGATIVE_MANY); }
#if __clang_major__ >= 15
SEC("socket") __u64 enumerator_wide(void *p) { return VALUE(enum wide, WIDE_LARGE); }
SEC("socket") __u64 enumerator_wide_lost(void *p) { return VALUE(enum wide, WIDE_LOST); }

/* ---- shapes */

struct same_shape {
  int a;
  struct item *b;
  enum color c;
};
struct fewer_members {
  int a;
};
struct more_members {
  int a;
  int b;
};
struct other_signs {
  unsigned int a;
};
struct points_anywhere {
  struct opaque *p;
};
struct longer_array {
  int a[3];
};
struct with_union {
  union {
    int a;
    long b;
  } u;
};
enum matching { MATCHING_A, MATCHING_B };
enum not_matching { NOT_MATCHING_A, NOT_MATCHING_LOST };

SEC("socket") int shapes(void *p) {
  return TYPE_MATCHES(struct same_shape) + TYPE_MATCHES(struct fewer_members) * 2 +
         TYPE_MATCHES(struct more_members) * 4 + TYPE_MATCHES(struct other_signs) * 8 +
         TYPE_MATCHES(struct points_anywhere) * 16 + TYPE_MATCHES(struct longer_array) * 32;
}
SEC("socket") int more_shapes(void *p) {
  return TYPE_MATCHES(struct with_union) + TYPE_MATCHES(enum matching) * 2 + TYPE_MATCHES(enum not_matching) * 4 +
         TYPE_MATCHES(callback_t) * 8 + TYPE_MATCHES(other_callback_t) * 16 + TYPE_MATCHES(number_t) * 32 +
         TYPE_MATCHES(union either) * 64;
}
#endif
