"""Asks the running Linux kernel: one JSON job a line on standard input, one JSON answer a line on
standard output.

Needs root (CAP_BPF, CAP_NET_ADMIN) and nothing but Python's own library; core/testing/kernel.ts
starts it.

A job:   {"type": 6, "insns": HEX, "attach": 37, "flags": 0, "log": true,
          "maps": [{"type": 2, "key": 4, "value": 8, "entries": 1, "flags": 0,
                    "init": [[KEY, VALUE]]}],
          "refs": [[INSN, MAP]], "values": [[INSN, MAP]],   the map, or the value, that a load names
          "functions": [[INSN, "bpf_..."]],                 kernel functions by name
          "btf": HEX, "funcInfo": [[INSN, TYPE]],           types of its functions, for callbacks
          "runs": [{"packet": HEX, "ctx": HEX, "flags": 0}], "dump": true}
Answer:  {"errno": 0, "log": "...", "runs": [{"errno": 0, "retval": 2, "packet": HEX, "ctx": HEX}],
          "maps": [[[KEY, VALUE]]]}
Layouts: include/uapi/linux/bpf.h, union bpf_attr; numbers are those of Linux 6.18.
"""
import ctypes
import json
import os
import platform
import struct
import sys

SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351}.get(platform.machine(), 321)
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, MAP_NEXT_KEY, PROG_LOAD, PROG_TEST_RUN = 0, 1, 2, 4, 5, 10
BTF_LOAD, MAP_FREEZE = 18, 22
PER_CPU = {5, 6, 10}
LOG_BYTES, OUT_BYTES, CTX_BYTES = 1 << 18, 1 << 16, 256
PSEUDO_MAP_FD, PSEUDO_MAP_VALUE = 1, 2

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
log_buffer = ctypes.create_string_buffer(LOG_BYTES)


def attributes(size, *fields):
    """The bytes of a bpf_attr from (offset, struct format, value)."""
    data = bytearray(size)
    for offset, form, value in fields:
        struct.pack_into("=" + form, data, offset, value)
    return ctypes.create_string_buffer(bytes(data), size)


def bpf(command, attr):
    """Answers the result, or minus the error number."""
    result = libc.syscall(ctypes.c_long(SYSCALL), ctypes.c_int(command), attr,
        ctypes.c_uint(len(attr)))
    return result if result >= 0 else -ctypes.get_errno()


def held(data):
    return ctypes.create_string_buffer(data, max(1, len(data)))


def address(buffer):
    return ctypes.addressof(buffer) if buffer is not None else 0


def cpus():
    last = open("/sys/devices/system/cpu/possible").read().strip().split("-")[-1]
    return int(last) + 1


def create_map(spec):
    fields = (
        (0, "I", spec["type"]), (4, "I", spec["key"]), (8, "I", spec["value"]),
        (12, "I", spec["entries"]), (16, "I", spec.get("flags", 0)),
    )
    fd = bpf(MAP_CREATE, attributes(72, *fields))
    if fd < 0:
        raise OSError(-fd, "BPF_MAP_CREATE")
    for key, value in spec.get("init", []):
        value = bytes.fromhex(value)
        if spec["type"] in PER_CPU:
            value = value.ljust((len(value) + 7) // 8 * 8, b"\0") * cpus()
        k, v = held(bytes.fromhex(key)), held(value)
        result = bpf(MAP_UPDATE, attributes(32, (0, "I", fd), (8, "Q", address(k)),
            (16, "Q", address(v))))
        if result < 0:
            raise OSError(-result, "BPF_MAP_UPDATE_ELEM")
    if spec.get("freeze") and bpf(MAP_FREEZE, attributes(32, (0, "I", fd))) < 0:
        raise OSError(0, "BPF_MAP_FREEZE")
    return fd


def dump_map(fd, spec):
    """Entries in the kernel's order; the value of every CPU one after the other."""
    size = (spec["value"] + 7) // 8 * 8 * cpus() if spec["type"] in PER_CPU else spec["value"]
    key, entries = None, []
    while True:
        following = ctypes.create_string_buffer(max(1, spec["key"]))
        if bpf(MAP_NEXT_KEY, attributes(32, (0, "I", fd), (8, "Q", address(key)),
            (16, "Q", address(following)))) < 0:
            return entries
        key, value = following, ctypes.create_string_buffer(size)
        if bpf(MAP_LOOKUP, attributes(32, (0, "I", fd), (8, "Q", address(key)),
            (16, "Q", address(value)))) == 0:
            entries.append([key.raw[: spec["key"]].hex(), value.raw.hex()])


def kernel_functions():
    """Type id of every function in the kernel's BTF, by name (Documentation/bpf/btf.rst)."""
    data = open("/sys/kernel/btf/vmlinux", "rb").read()
    header, types, length, strings = struct.unpack_from("=IIII", data, 4)
    found, place, number = {}, header + types, 0
    trailing = {1: 4, 3: 12, 14: 4, 17: 4}
    each = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
    while place < header + types + length:
        number += 1
        name, info, _ = struct.unpack_from("=III", data, place)
        kind = info >> 24 & 31
        if kind == 12:
            start = header + strings + name
            found.setdefault(data[start : data.index(b"\0", start)].decode(), number)
        place += 12 + trailing.get(kind, 0) + each.get(kind, 0) * (info & 0xFFFF)
    return found


functions = None


def patch(insns, job, maps):
    global functions
    for source, name in ((PSEUDO_MAP_FD, "refs"), (PSEUDO_MAP_VALUE, "values")):
        for insn, number in job.get(name, []):
            insns[insn * 8 + 1] = insns[insn * 8 + 1] & 0x0F | source << 4
            struct.pack_into("=i", insns, insn * 8 + 4, maps[number])
    for insn, name in job.get("functions", []):
        functions = functions or kernel_functions()
        struct.pack_into("=i", insns, insn * 8 + 4, functions[name])


def load_btf(job, opened):
    """Fields of BPF_PROG_LOAD that tell the types of its functions; none where the job has none."""
    if "btf" not in job:
        return ()
    data = held(bytes.fromhex(job["btf"]))
    fd = bpf(BTF_LOAD, attributes(32, (0, "Q", address(data)), (16, "I", len(job["btf"]) // 2)))
    if fd < 0:
        raise OSError(-fd, "BPF_BTF_LOAD")
    opened.append(fd)
    rows = job["funcInfo"]
    job["held"] = held(b"".join(struct.pack("=II", *row) for row in rows))
    return (72, "I", fd), (76, "I", 8), (80, "Q", address(job["held"])), (88, "I", len(rows))


def load(job, maps):
    insns = bytearray.fromhex(job["insns"])
    patch(insns, job, maps)
    code, license = held(bytes(insns)), held(b"GPL\0")
    log_buffer[0] = b"\0"
    level = 1 if job.get("log") else 0
    return bpf(PROG_LOAD, attributes(
        144, (0, "I", job["type"]), (4, "I", len(insns) // 8), (8, "Q", address(code)),
        (16, "Q", address(license)),
        (24, "I", level), (28, "I", LOG_BYTES if level else 0),
        (32, "Q", address(log_buffer) if level else 0),
        (44, "I", job.get("flags", 0)), (68, "I", job.get("attach", 0)), *load_btf(job, maps)))


def test_run(fd, job):
    packet = held(bytes.fromhex(job["packet"])) if "packet" in job else None
    ctx = held(bytes.fromhex(job["ctx"])) if "ctx" in job else None
    sees = packet is not None and not job.get("blind")
    out = ctypes.create_string_buffer(OUT_BYTES) if sees else None
    ctx_out = ctypes.create_string_buffer(CTX_BYTES) if ctx is not None else None
    attr = attributes(
        80, (0, "I", fd), (8, "I", len(job["packet"]) // 2 if packet is not None else 0),
        (12, "I", OUT_BYTES if out is not None else 0),
        (16, "Q", address(packet)), (24, "Q", address(out)), (32, "I", job.get("repeat", 0)),
        (40, "I", len(job["ctx"]) // 2 if ctx is not None else 0),
        (44, "I", CTX_BYTES if ctx is not None else 0),
        (48, "Q", address(ctx)), (56, "Q", address(ctx_out)), (64, "I", job.get("flags", 0)))
    result = bpf(PROG_TEST_RUN, attr)
    if result < 0:
        return {"errno": -result}
    retval, _, out_length = struct.unpack_from("=III", attr.raw, 4)
    answer = {"errno": 0, "retval": retval, "ns": struct.unpack_from("=I", attr.raw, 36)[0]}
    if out is not None:
        answer["packet"] = out.raw[:out_length].hex()
    if ctx_out is not None:
        answer["ctx"] = ctx_out.raw[: struct.unpack_from("=I", attr.raw, 44)[0]].hex()
    return answer


def answer(job):
    opened = []
    try:
        specs = job.get("maps", [])
        for spec in specs:
            opened.append(create_map(spec))
        fd = load(job, opened)
        result = {"errno": max(0, -fd)}
        if job.get("log"):
            result["log"] = log_buffer.value.decode("latin1")
        if fd >= 0:
            result["runs"] = [test_run(fd, run) for run in job.get("runs", [])]
            if job.get("dump"):
                result["maps"] = [dump_map(map_fd, spec) for map_fd, spec in zip(opened, specs)]
            opened.append(fd)
        return result
    except OSError as error:
        return {"errno": error.errno, "log": str(error)}
    finally:
        for fd in opened:
            os.close(fd)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
