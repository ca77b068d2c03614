// Drops IPv4 packets to 1.1.1.1 on a netdev of a virtual machine.
// QEMU's filter-ubpf hands the program the IP header: ip-mode=on.
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <stdint.h>

uint32_t is_dst_one_one_one_one(void *opaque)
{
	struct ip *ip = opaque;

	if (ip->ip_dst.s_addr == htonl(0x01010101))
		return 1; /* any value but 0 drops */

	return 0; /* pass */
}
