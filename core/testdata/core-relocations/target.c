/* The types of programs.c as another kernel could have them. Its .BTF is what the relocations are resolved against. */
#include "types.h"

#define KEEP(type, name) type name##_kept

struct moved {
  __u64 new_in_front;
  __u32 second;
  __u32 first;
  struct {
    struct {
      __u64 third;
      __u8 bytes[8];
    };
  };
  union {
    __u64 hidden;
    __u32 part;
  };
  struct inner_has_a_name {
    __u64 pad;
    union {
      __u32 y;
      __u16 z[2];
      __u32 x;
    };
  } inner;
  const volatile char *const pointer;
};
KEEP(struct moved, moved);

struct resized {
  __u64 grown;
  __u16 shrunk;
  __s64 sign_grown;
  unsigned int letter_grown;
  __u32 truth;
  void *pointer;
  __u32 many[4];
  __s32 stays;
};
KEEP(struct resized, resized);

struct gone {
  int pad;
  int here;
  struct item_of_gone {
    int x;
  } other_kind;
  int *to_pointer;
  int by_pointer;
};
KEEP(struct gone, gone);

struct far {
  __u8 pad[40000];
  int x;
};
KEEP(struct far, far);

struct flavored {
  __u64 pad;
  int renamed_since;
};
KEEP(struct flavored, flavored);

struct twice {
  int pad;
  int same;
  int differs;
};
KEEP(struct twice, twice);
struct twice___other {
  __u32 pad;
  int same;
  long more;
  int differs;
};
KEEP(struct twice___other, twice_other);

struct bits {
  __u8 pad : 5;
  __u32 a : 3;
  __u32 c : 7;
  __s64 b : 20;
  __u32 d;
  __u16 e : 9;
  __u8 f : 2;
  enum { RED, GREEN } g : 3;
  __u32 h : 1;
  __u32 plain : 9;
};
KEEP(struct bits, bits);

struct item {
  long pad;
  int value;
  int key;
};
struct arrays {
  struct item items[3];
  long head;
  int grid[4][6];
  int tail[];
};
KEEP(struct arrays *, arrays);

union either {
  long b[3];
  int a;
};
KEEP(union either, either);
typedef struct {
  long x, y;
} hidden_t;
KEEP(hidden_t, hidden);
typedef __u64 number_t;
KEEP(number_t, number);
typedef int (*callback_t)(struct item *, int);
KEEP(callback_t, callback);
typedef int (*other_callback_t)(int, int);
KEEP(other_callback_t, other_callback);
enum color { COLOR_BLUE = 8, COLOR_RED = 4 };
KEEP(enum color, color);

#if __clang_major__ >= 15
enum wide { WIDE_LARGE = 0xfedcba9876543210ULL, WIDE_ONE = 1 };
KEEP(enum wide, wide);
#endif
enum negative { NEGATIVE_ONE = -1, NEGATIVE_MANY = -2000 };
KEEP(enum negative, negative);
enum flavor { FLAVOR_B = 22, FLAVOR_A___other = 11 };
KEEP(enum flavor, flavor);

struct same_shape {
  enum color c;
  int a;
  int added;
  struct item *b;
};
KEEP(struct same_shape, same_shape);
struct fewer_members {
  int a;
  int b;
};
KEEP(struct fewer_members, fewer);
struct more_members {
  int a;
};
KEEP(struct more_members, more);
struct other_signs {
  int a;
};
KEEP(struct other_signs, signs);
struct opaque {
  int x;
};
KEEP(struct opaque, opaque);
struct points_anywhere {
  struct opaque *p;
};
KEEP(struct points_anywhere, points);
struct longer_array {
  int a[4];
};
KEEP(struct longer_array, longer);
struct with_union {
  union {
    long b;
    int a;
  } u;
};
KEEP(struct with_union, with_union);
enum matching { MATCHING_B, MATCHING_A, MATCHING_C };
KEEP(enum matching, matching);
enum not_matching { NOT_MATCHING_A, NOT_MATCHING_B };
KEEP(enum not_matching, not_matching);
