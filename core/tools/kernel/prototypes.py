"""Reads the prototypes of the helpers (struct bpf_func_proto) out of the running kernel's memory.

Prints JSON: the name of the C function of each, to a list of {"gpl", "packet", "returns",
"arguments", "sizes"}; a function that several prototypes share has several. Types are numbers of
enum bpf_return_type and enum bpf_arg_type with the bits of enum bpf_type_flag; include/linux/bpf.h.

The prototypes have no symbols of their own, but each begins with the address of its function, which
/proc/kallsyms has. The kernel's read-only data are read by a socket filter with
bpf_probe_read_kernel and searched for what begins so and holds only types that exist. Data that
merely look so are found as well: the caller asks by name. Needs root; a kernel of 64 bits.
"""
import ctypes
import json
import struct

from oracle import (
    MAP_LOOKUP, MAP_UPDATE, address, attributes, bpf, create_map, held, load, test_run)

PIECE = 32768
MOST = 32 << 20
PROBE_READ_KERNEL = 113
# struct bpf_func_proto: func, four flags, ret_type, arg_type[5], 4 bytes of room, arg_size[5].
SIZE = 96
LAST_RETURN, LAST_ARGUMENT = 8, 23


def symbols():
    found = {}
    with open("/proc/kallsyms") as lines:
        for line in lines:
            place, _, name = line.split()[:3]
            found.setdefault(int(place, 16), name)
    return found


def instruction(opcode, dst=0, src=0, offset=0, immediate=0):
    return struct.pack("<BBhi", opcode, dst | src << 4, offset, immediate)


class Memory:
    """The kernel's memory, a piece at a time."""

    def __init__(self):
        self.value = create_map({"type": 2, "key": 4, "value": PIECE, "entries": 1})
        self.wanted = create_map({"type": 2, "key": 4, "value": 8, "entries": 1})
        value_of = lambda register, map: instruction(0x18, register, 2, 0, map) + instruction(0)
        code = (
            value_of(1, self.value) + value_of(6, self.wanted)
            + instruction(0x79, 3, 6) + instruction(0xB7, 2, 0, 0, PIECE)
            + instruction(0x85, 0, 0, 0, PROBE_READ_KERNEL) + instruction(0x95))
        self.program = load({"insns": code.hex(), "type": 1}, [])
        if self.program < 0:
            raise OSError(-self.program, "BPF_PROG_LOAD")

    def read(self, place):
        """None where there is no memory."""
        key, where = held(bytes(4)), held(struct.pack("<Q", place))
        bpf(MAP_UPDATE, attributes(32, (0, "I", self.wanted), (8, "Q", address(key)),
            (16, "Q", address(where))))
        run = test_run(self.program, {"packet": "00" * 64, "blind": True})
        if run["errno"] or run["retval"]:
            return None
        out = ctypes.create_string_buffer(PIECE)
        bpf(MAP_LOOKUP, attributes(32, (0, "I", self.value), (8, "Q", address(key)),
            (16, "Q", address(out))))
        return out.raw


def prototype(data, at):
    """What lies there as a prototype; None where it is none."""
    flags, returns, *arguments = struct.unpack_from("<I6I", data, at + 8)
    if flags & ~0x01010101 or returns & 0xFF > LAST_RETURN:
        return None
    if any(argument & 0xFF > LAST_ARGUMENT for argument in arguments):
        return None
    sizes = struct.unpack_from("<5Q", data, at + 40)
    return {"gpl": flags & 1, "packet": flags >> 8 & 1, "returns": returns, "arguments": arguments,
        "sizes": sizes}


def prototypes():
    names, memory, found = symbols(), Memory(), {}
    start = next(place for place, name in names.items() if name == "__start_rodata")
    for place in range(start, start + MOST, PIECE - SIZE):
        data = memory.read(place)
        if data is None:
            break
        for at in range(0, PIECE - SIZE, 8):
            name = names.get(struct.unpack_from("<Q", data, at)[0])
            row = name and prototype(data, at)
            if row and row not in found.setdefault(name, []):
                found[name].append(row)
    return {name: rows for name, rows in found.items() if rows}


if __name__ == "__main__":
    print(json.dumps(prototypes()))
