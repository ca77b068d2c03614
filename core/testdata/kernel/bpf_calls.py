"""bpf(2) and instructions, for the recorders beside this file."""
import ctypes
import platform
import struct

SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def tried(command, size, *fields):
    """A call with fields of union bpf_attr, each (offset, format of struct, value); its result, or the error number below 0, and
    what the attributes are behind it."""
    data = bytearray(size)
    for offset, form, value in fields:
        struct.pack_into("=" + form, data, offset, value)
    buffer = ctypes.create_string_buffer(bytes(data), size)
    result = libc.syscall(ctypes.c_long(SYSCALL), ctypes.c_int(command), buffer, ctypes.c_uint(size))
    return (result if result >= 0 else -ctypes.get_errno()), buffer.raw


def done(command, size, *fields):
    """The same of a call that must not fail."""
    result, raw = tried(command, size, *fields)
    if result < 0:
        raise OSError(-result, f"bpf command {command}")
    return result, raw


def insn(opcode, dst=0, src=0, offset=0, imm=0):
    return struct.pack("<BBhi", opcode, dst | src << 4, offset, imm)


def lookup(map_fd, key):
    """r0 becomes the value of a key of four bytes, or 0."""
    return (insn(0x62, 10, 0, -4, key) + insn(0xBF, 2, 10) + insn(0x07, 2, 0, 0, -4)
        + insn(0x18, 1, 1, 0, map_fd) + insn(0) + insn(0x85, 0, 0, 0, 1))
