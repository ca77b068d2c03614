"""Asks the running Linux kernel what several programs of one cgroup come to, and writes cgroup-programs.json:
    python3 core/testdata/kernel/record-cgroup-programs.py        (root)
Programs of type cgroup_skb are attached to one cgroup with BPF_F_ALLOW_MULTI, and a UDP packet goes over lo from a socket of
that cgroup to another one of it. A row: way (ingress: of the one that receives; egress: of the one that sends), the programs,
what each of them saw in the order in which they ran, whether the packet arrived, and the error of sendto.
"""
import ctypes
import json
import os
import platform
import random
import select
import socket
import struct
import subprocess
import time

from bpf_calls import done, insn, libc, lookup

MAP_CREATE, MAP_LOOKUP, PROG_LOAD, PROG_ATTACH, PROG_DETACH = 0, 1, 5, 8, 9
CGROUP_SKB, ALLOW_MULTI = 8, 1 << 1
WAYS = {"ingress": 0, "egress": 1}
CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x00020000
FIELDS = {"mark": 8, "priority": 32, "cb0": 48, "cb4": 64}
SLOT, COUNTER, PORT = 4 * (1 + len(FIELDS)), 15, 4000


def bpf(*call):
    return done(*call)[0]


def program(map_fd, index, writes, code):
    """Notes when it ran and what it saw, then writes and returns; it lets what is not of our port alone."""
    end = insn(0xB7, 0, 0, 0, code) + insn(0x95)
    other = insn(0xB7, 0, 0, 0, 1) + insn(0x95)
    # struct udphdr of an IPv4 packet begins at byte 20: its destination.
    body = insn(0xBF, 6, 1) + insn(0x61, 2, 6, 76) + insn(0x61, 3, 6, 80) + insn(0xBF, 4, 2) + insn(0x07, 4, 0, 0, 24)
    body += insn(0xBD, 4, 3, 2) + other + insn(0x69, 5, 2, 22) + insn(0x15, 5, 0, 2, socket.htons(PORT)) + other
    body += lookup(map_fd, COUNTER) + insn(0x55, 0, 0, 2, 0) + end
    body += insn(0x61, 7, 0) + insn(0x07, 7, 0, 0, 1) + insn(0x63, 0, 7)
    body += lookup(map_fd, index) + insn(0x55, 0, 0, 2, 0) + end + insn(0x63, 0, 7)
    for at, offset in enumerate(FIELDS.values()):
        body += insn(0x61, 1, 6, offset) + insn(0x63, 0, 1, 4 * (at + 1))
    for name, value in writes.items():
        body += insn(0xB7, 1, 0, 0, value) + insn(0x63, 6, 1, FIELDS[name])
    return body + end


def load(code, way):
    text, license = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    try:
        return bpf(PROG_LOAD, 152, (0, "I", CGROUP_SKB), (4, "I", len(code) // 8), (8, "Q", ctypes.addressof(text)),
            (16, "Q", ctypes.addressof(license)), (24, "I", 1), (28, "I", len(log)), (32, "Q", ctypes.addressof(log)),
            (68, "I", WAYS[way]))
    except OSError as error:
        raise SystemExit(f"{error}: {log.value.decode()[-1500:]}")


def one(group, way, programs, sender, receiver):
    map_fd = bpf(MAP_CREATE, 72, (0, "I", 2), (4, "I", 4), (8, "I", SLOT), (12, "I", 16))
    fds = [load(program(map_fd, i, p["writes"], p["code"]), way) for i, p in enumerate(programs)]
    for fd in fds:
        bpf(PROG_ATTACH, 32, (0, "I", group), (4, "I", fd), (8, "I", WAYS[way]), (12, "I", ALLOW_MULTI))
    error = 0
    try:
        sender.sendto(b"packet", ("127.0.0.1", PORT))
    except OSError as problem:
        error = problem.errno
    arrived = bool(select.select([receiver], [], [], 0.05)[0]) and receiver.recv(100) == b"packet"
    seen = []
    for i in range(len(programs)):
        key, value = ctypes.create_string_buffer(struct.pack("=I", i)), ctypes.create_string_buffer(SLOT)
        bpf(MAP_LOOKUP, 32, (0, "I", map_fd), (8, "Q", ctypes.addressof(key)), (16, "Q", ctypes.addressof(value)))
        when, *rest = struct.unpack(f"={SLOT // 4}I", value.raw)
        if when:
            seen.append((when, {"program": i, **dict(zip(FIELDS, rest))}))
    for fd in fds:
        bpf(PROG_DETACH, 32, (0, "I", group), (4, "I", fd), (8, "I", WAYS[way]))
    for fd in [*fds, map_fd]:
        os.close(fd)
    ran = [row for _, row in sorted(seen, key=lambda pair: pair[0])]
    return {"way": way, "programs": programs, "ran": ran, "arrived": arrived, "error": error}


def main():
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    root = "/mnt"
    subprocess.run(["mount", "-t", "cgroup2", "none", root], check=True)
    before = next(line.split(":", 2)[2].strip() for line in open("/proc/self/cgroup") if line.startswith("0:"))
    folder = f"{root}/record-programs-{os.getpid()}"
    os.mkdir(folder)
    open(f"{folder}/cgroup.procs", "w").write(str(os.getpid()))
    try:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", PORT))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        group = os.open(folder, os.O_RDONLY)
        chance = random.Random(4)
        rows = []
        for way, codes in (("ingress", (0, 1, 1, 1)), ("egress", (0, 1, 1, 1, 2, 3))):
            lists = [[{"writes": {}, "code": code}] for code in sorted(set(codes))]
            for _ in range(60):
                lists.append([
                    {"writes": {name: chance.randint(1, 60000) for name in chance.sample(list(FIELDS), chance.randint(0, 2))},
                        "code": chance.choice(codes)}
                    for _ in range(chance.randint(2, 5))
                ])
            rows += [one(group, way, programs, sender, receiver) for programs in lists]
    finally:
        open(f"{root}{before}/cgroup.procs", "w").write(str(os.getpid()))
        for _ in range(50):
            try:
                os.rmdir(folder)
                break
            except OSError:
                time.sleep(0.02)
    text = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in rows)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cgroup-programs.json")
    head = {"kernel": platform.release(), "command": "python3 core/testdata/kernel/record-cgroup-programs.py"}
    with open(path, "w") as out:
        out.write(json.dumps(head)[:-1] + f', "runs": [\n  {text}]}}\n')
    print(len(rows), "runs")


main()
