/*
 * What libbpf makes of each program of an object with the types of another file: JSON on standard output, by program,
 * its instructions in hex after relocation, or the message with which libbpf gives the object up.
 *
 *   record OBJECT TYPES        TYPES: an ELF file with .BTF, or raw BTF
 */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char warning[512];

/* The first warning about a relocation says why; what the verifier says of the outcome is of no interest. */
static int note(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[512];

	vsnprintf(line, sizeof(line), format, arguments);
	if (level == LIBBPF_WARN && strstr(line, "relo #") && !warning[0])
		snprintf(warning, sizeof(warning), "%s", line);
	return 0;
}

static struct bpf_object *open_with(const char *path, const char *types)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = types);

	return bpf_object__open_file(path, &options);
}

static int failed_to_relocate;

static void record(const char *path, const char *types, const char *name, const char *separator)
{
	struct bpf_object *object = open_with(path, types);
	struct bpf_program *program;
	const struct bpf_insn *instructions;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	warning[0] = 0;
	bpf_object__load(object);
	program = bpf_object__find_program_by_name(object, name);
	instructions = bpf_program__insns(program);
	printf("%s\n  \"%s\": ", separator, name);
	/* libbpf only debugs about a poisoned instruction, but warns about one it cannot adjust, which it poisons too. */
	failed_to_relocate = warning[0] && !strstr(warning, "accesses field incorrectly");
	if (failed_to_relocate) {
		warning[strcspn(warning, "\n")] = 0;
		printf("{ \"error\": \"%s\" }", strchr(warning, '#'));
	} else {
		printf("\"");
		for (size_t i = 0; i < bpf_program__insn_cnt(program); i++)
			for (size_t j = 0; j < sizeof(*instructions); j++)
				printf("%02x", ((const unsigned char *)&instructions[i])[j]);
		printf("\"");
	}
	bpf_object__close(object);
}

int main(int count, char **arguments)
{
	struct bpf_object *object;
	struct bpf_program *program;
	const char *separator = "{";

	libbpf_set_print(note);
	object = count == 3 ? open_with(arguments[1], arguments[2]) : NULL;
	if (!object)
		return 1;
	bpf_object__for_each_program(program, object) {
		record(arguments[1], arguments[2], bpf_program__name(program), separator);
		separator = ",";
	}
	printf("\n}\n");
	return 0;
}
