/*
 * Loads values.o into the running kernel with libbpf, with given values of the kernel's configuration and of constants,
 * runs its programs once each and writes as JSON what they return and leave in their map.
 *
 *   run-values OBJECT KCONFIG THRESHOLD GREETING        KCONFIG: lines as a kernel's configuration file has them
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

static void run(struct bpf_object *object, const char *name, const char *separator)
{
	int map = bpf_object__find_map_fd_by_name(object, "results");
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);
	unsigned char packet[64] = {};
	unsigned long long value, zero = 0;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet));

	for (unsigned key = 0; key < 16; key++)
		bpf_map_update_elem(map, &key, &zero, 0);
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
		exit(1);
	printf("%s\"%s\": { \"returns\": %d, \"results\": [", separator, name, options.retval);
	for (unsigned key = 0; key < 9; key++) {
		bpf_map_lookup_elem(map, &key, &value);
		printf("%s\"%llu\"", key ? ", " : "", value);
	}
	printf("] }");
}

int main(int count, char **arguments)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .kconfig = arguments[2]);
	struct bpf_object *object;
	struct bpf_map *map;
	size_t size;
	char *constants;

	libbpf_set_print(silent);
	object = count == 5 ? bpf_object__open_file(arguments[1], &options) : NULL;
	if (!object)
		return 1;
	/* The first two variables, in this order. */
	bpf_object__for_each_map(map, object)
		if (strstr(bpf_map__name(map), ".rodata")) {
			constants = (char *)bpf_map__initial_value(map, &size);
			*(unsigned *)constants = atoi(arguments[3]);
			memset(constants + 4, 0, 8);
			strcpy(constants + 4, arguments[4]);
		}
	if (bpf_object__load(object))
		return 1;
	run(object, "kconfig", "{ ");
	run(object, "weak", ",\n    ");
	run(object, "constants", ",\n    ");
	printf(" }");
	return 0;
}
