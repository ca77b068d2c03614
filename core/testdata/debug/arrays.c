// Arrays of several dimensions, which DWARF has as one entry with a range for each.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct cell {
	__u8 kind;
	__u16 row[2][3];
};

__u32 cube[2][3][4];
struct cell cells[5][2];
char *names[3][2][1];

SEC("xdp")
int sums(struct xdp_md *ctx)
{
	__u32 sum = 0;

	for (int i = 0; i < 3; i++)
		sum += cube[1][i][3] + cells[i][1].row[1][i];
	return sum ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
