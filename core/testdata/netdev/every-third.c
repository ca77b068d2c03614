// Drops every third packet that it sees: a filter with a variable.
// clang-19 -O2 -g -target bpf -c every-third.c -o every-third.o
static volatile unsigned int seen;

int every_third(void *packet)
{
	seen += 1;
	return seen % 3 == 0;
}
