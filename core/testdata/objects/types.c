/* Every kind of BTF type the compilers write. */
#include "bpf.h"

#ifdef __clang__
#define TAGGED __attribute__((btf_decl_tag("tagged")))
#define USER __attribute__((btf_type_tag("user")))
#else
#define TAGGED
#define USER
#endif

enum small { SMALL_ZERO, SMALL_MINUS = -1, SMALL_BIG = 1000 };
enum unsigned_values { UNSIGNED_MAX = 0xffffffff, UNSIGNED_ONE = 1 };
enum wide { WIDE_TOP = 0x8000000000000000ull, WIDE_ONE = 1 };
enum wide_signed { WIDE_LOW = -0x7fffffffffffffffll, WIDE_TWO = 2 };

typedef __u8 mac_address[6];
typedef int (*callback)(const char *name, int count, ...);
typedef struct opaque opaque_handle;
union forward_union;

struct flags {
  __u32 version : 4;
  __u32 length : 4;
  __s32 signed_bits : 5;
  __u8 : 0;
  _Bool on : 1;
  enum small kind : 11;
  __u64 tall : 40;
};

struct node {
  struct node *next, *const previous;
  const volatile char *name;
  union {
    __u32 word;
    struct {
      __u16 low, high;
    };
    float real;
  };
  struct {
    mac_address mac;
    _Bool valid;
    char text[8];
  } inner TAGGED;
  callback on_event;
  void (*handlers[3])(struct node *, union forward_union *);
  int (*matrix)[3][4];
  int grid[2][3];
  enum wide wide;
  enum wide_signed wide_signed;
  enum unsigned_values unsigned_value;
  double twice;
  opaque_handle *handle;
  void *restrict anything;
  char letter;
  long long number;
  struct flags flags;
  int USER *user;
  __u8 tail[];
};

struct node first = {.inner = {.text = "hello"}};

SEC("xdp") int use(struct node *node) { return node->grid[1][2] + first.inner.valid; }
