"""Runs libxdp's own dispatcher in the running Linux kernel, and writes xdp-dispatcher.json:
    python3 core/testdata/kernel/record-xdp-dispatcher.py [/usr/sbin/xdp-loader]        (root; Debian: xdp-tools)
The dispatcher is taken out of xdp-loader, where libxdp has it as an object. Its ten stubs, which libxdp replaces by programs
(freplace), are made to return a code each; its configuration says how many there are, and for each the actions after which
the next one is asked. A row of `runs`: codes of the programs, bits of their actions, and what BPF_PROG_TEST_RUN returned.
A row of `handed`: stubs call programs of core/testdata/hook-lists/xdp-list.o, which leave metadata in front of the packet and
move its start; their names, bits of their actions, the packet, what was returned, and the packet that came out.
"""
import ctypes
import json
import os
import platform
import random
import struct
import subprocess
import sys

from bpf_calls import done as bpf

MAP_CREATE, MAP_UPDATE, PROG_LOAD, TEST_RUN, FREEZE = 0, 2, 5, 10, 22
XDP, ARRAY, RDONLY_PROG = 6, 2, 1 << 7
MAGIC, VERSION, MOST = 236, 2, 10


def sections(elf):
    """Name to (bytes, header fields), and the symbols."""
    start, = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    heads = [struct.unpack_from("<IIQQQQIIQQ", elf, start + i * size) for i in range(count)]
    name = lambda at: elf[heads[names][4] + at: elf.index(b"\0", heads[names][4] + at)].decode()
    return {name(h[0]): (i, elf[h[4]: h[4] + h[5]]) for i, h in enumerate(heads) if h[1] != 8}


def dispatcher(path):
    """The object in the file whose section xdp begins with a dispatcher."""
    data = open(path, "rb").read()
    at = data.find(b"\x7fELF", 1)
    while at >= 0:
        elf = data[at:]
        if struct.unpack_from("<H", elf, 18)[0] == 247:
            found = sections(elf)
            if b"xdp_dispatcher\0" in found[".strtab"][1]:
                return found
        at = data.find(b"\x7fELF", at + 1)
    raise SystemExit(f"{path} has no dispatcher in it")


def functions(path):
    """Instructions of the programs in section xdp of an object, by name; nothing in them is relocated."""
    found = sections(open(path, "rb").read())
    (section, code), strings = found["xdp"], found[".strtab"][1]
    table = found[".symtab"][1]
    symbols = [struct.unpack_from("<IBBHQQ", table, at) for at in range(0, len(table), 24)]
    return {
        strings[name: strings.index(b"\0", name)].decode(): code[value: value + size]
        for name, info, _, index, value, size in symbols
        if index == section and info & 15 == 2
    }


def linked(found, codes, map_fd):
    """Instructions of the dispatcher with its functions behind it; stubs return their codes, or call what stands for them."""
    strings, table = found[".strtab"][1], found[".symtab"][1]
    symbols = [struct.unpack_from("<IBBHQQ", table, at) for at in range(0, len(table), 24)]
    name = lambda symbol: strings[symbol[0]: strings.index(b"\0", symbol[0])].decode()
    # Behind it in its section stands xdp_pass, which nothing calls.
    size = next(symbol[5] for symbol in symbols if name(symbol) == "xdp_dispatcher")
    code, text = bytearray(found["xdp"][1][:size]), bytearray(found[".text"][1])
    for symbol in symbols:
        called = name(symbol)
        if called.startswith("prog") and called[4:].isdigit():
            value = codes[int(called[4:])] if int(called[4:]) < len(codes) else 31
            count = symbol[5] // 8
            exit_, next_ = struct.pack("<BBhi", 0x95, 0, 0, 0), struct.pack("<BBhi", 0x05, 0, 0, 0)
            if isinstance(value, bytes):
                # Behind all: the call counts slots from the one behind it.
                target = (len(text) - symbol[4]) // 8 - 1
                body = struct.pack("<BBhi", 0x85, 1 << 4, 0, target) + next_ * (count - 2) + exit_
                text += value
            else:
                body = struct.pack("<BBhi", 0xB4, 0, 0, value) * (count - 1) + exit_
            text[symbol[4]: symbol[4] + symbol[5]] = body
    relocations = found[".relxdp"][1]
    for at in range(0, len(relocations), 16):
        offset, info = struct.unpack_from("<QQ", relocations, at)
        symbol = symbols[info >> 32]
        if symbol[3] == found[".rodata"][0]:
            code[offset + 1] = code[offset + 1] & 15 | 2 << 4
            addend, = struct.unpack_from("<i", code, offset + 4)
            struct.pack_into("<i", code, offset + 4, map_fd)
            struct.pack_into("<i", code, offset + 12, symbol[4] + addend)
        elif symbol[3] == found[".text"][0]:
            addend, = struct.unpack_from("<i", code, offset + 4)
            target = len(code) + symbol[4] + 8 * (addend + 1)
            struct.pack_into("<i", code, offset + 4, (target - offset) // 8 - 1)
    return bytes(code + text)


def run(found, codes, actions, packet=bytes(64)):
    config = struct.pack("=BBBB10I", MAGIC, VERSION, len(codes), 0, *actions, *[0] * (MOST - len(actions)))
    value = ctypes.create_string_buffer(config.ljust(len(found[".rodata"][1]), b"\0"), len(found[".rodata"][1]))
    map_fd, _ = bpf(MAP_CREATE, 72, (0, "I", ARRAY), (4, "I", 4), (8, "I", len(value)), (12, "I", 1), (16, "I", RDONLY_PROG))
    key = ctypes.create_string_buffer(4)
    bpf(MAP_UPDATE, 32, (0, "I", map_fd), (8, "Q", ctypes.addressof(key)), (16, "Q", ctypes.addressof(value)))
    bpf(FREEZE, 4, (0, "I", map_fd))
    insns = linked(found, codes, map_fd)
    text, license = ctypes.create_string_buffer(insns, len(insns)), ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 18)
    try:
        fd, _ = bpf(PROG_LOAD, 152, (0, "I", XDP), (4, "I", len(insns) // 8), (8, "Q", ctypes.addressof(text)),
            (16, "Q", ctypes.addressof(license)), (24, "I", 1), (28, "I", len(log)), (32, "Q", ctypes.addressof(log)))
    except OSError as error:
        raise SystemExit(f"{error}: {log.value.decode()[-1500:]}")
    data, left = ctypes.create_string_buffer(packet, len(packet)), ctypes.create_string_buffer(4096)
    _, out = bpf(TEST_RUN, 80, (0, "I", fd), (8, "I", len(packet)), (12, "I", len(left)), (16, "Q", ctypes.addressof(data)),
        (24, "Q", ctypes.addressof(left)), (32, "I", 1))
    os.close(fd)
    os.close(map_fd)
    returned, _, size = struct.unpack_from("=III", out, 4)
    return returned, left.raw[:size]


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "/usr/sbin/xdp-loader"
    found = dispatcher(path)
    version = subprocess.run(["dpkg-query", "-W", "xdp-tools"], capture_output=True, text=True).stdout.split()[-1]
    chance = random.Random(2)
    rows = []
    for i in range(400):
        count = chance.randint(0, MOST)
        codes = [chance.choice((0, 1, 2, 2, 2, 3, 4, 5, 6, 31, 32, 66, 100)) for _ in range(count)]
        actions = [chance.choice((1 << 2, 1 << 2, 1 << 2 | 1 << 1, 0, 0x1F, 1 << 0 | 1 << 4, 0xFFFFFFFF)) for _ in codes]
        rows.append([codes, actions, run(found, codes, actions)[0]])
    here = os.path.dirname(os.path.abspath(__file__))
    programs = functions(os.path.join(here, "../hook-lists/xdp-list.o"))
    chance, handed = random.Random(3), []
    for i in range(120):
        names = [chance.choice(sorted(programs)) for _ in range(chance.randint(1, 6))]
        actions = [chance.choice((1 << 2, 1 << 2 | 1 << 1, 0x1F, 0x1F)) for _ in names]
        packet = bytearray(chance.randbytes(chance.choice((20, 40, 64, 300))))
        if len(packet) > 23:
            packet[23] = chance.choice((6, 17))
        returned, left = run(found, [programs[name] for name in names], actions, bytes(packet))
        handed.append([names, actions, packet.hex(), returned, left.hex()])
    text = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in rows)
    more = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in handed)
    target = os.path.join(here, "xdp-dispatcher.json")
    head = {"kernel": platform.release(), "libxdp": version, "command": "python3 core/testdata/kernel/record-xdp-dispatcher.py"}
    with open(target, "w") as out:
        out.write(json.dumps(head)[:-1] + f', "runs": [\n  {text}],\n"handed": [\n  {more}]}}\n')
    print(len(rows), "runs,", len(handed), "with what was handed on")


main()
