"""Asks the running Linux kernel what several tc programs on one device come to, and writes hook-chains.json:
    python3 core/testdata/kernel/record-hook-chains.py        (root)
orders: programs are attached by BPF_PROG_ATTACH in an order of random flags; of each call the error number and who is
attached behind it, as BPF_PROG_QUERY has it. runs: a packet comes in at one end of a veth pair, past programs of tcx and of
cls_bpf (direct-action, a filter each); what each of them saw that ran, in its order, and whether the packet was delivered
(a socket of its EtherType stands behind tc). handed: programs of core/testdata/hook-lists/tc-handed.o, each of which changes
what an skb is beside its bytes, and what `see` behind them finds, as members of its map's value. redirects: programs that call
bpf_redirect (the device, or null: none does) and return a code, and the device by which the packet left. Everything happens in namespaces of its own.
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

from bpf_calls import insn, libc, lookup, tried as bpf

MAP_CREATE, MAP_LOOKUP, PROG_LOAD, OBJ_PIN, PROG_ATTACH, PROG_DETACH, PROG_QUERY = 0, 1, 5, 6, 8, 9, 16
GET_INFO = 15
SCHED_CLS, TCX_INGRESS = 3, 46
REPLACE, BEFORE, AFTER = 1 << 2, 1 << 3, 1 << 4
CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x00020000
ETHERTYPE = 0x88B5


# struct __sk_buff: fields that programs hand on to the next one.
FIELDS = {"priority": 32, "mark": 8, "tc_index": 44, "cb0": 48, "cb4": 64, "tc_classid": 72, "queue_mapping": 12}
WRITTEN = ("priority", "mark", "tc_index", "cb0", "cb4", "tc_classid")
BYTE = 14
SLOT = 4 * (2 + len(FIELDS))
COUNTER = 15


def program(map_fd, index, writes, byte, code):
    """Notes when it ran and what it saw, then writes and returns."""
    end = insn(0xB7, 0, 0, 0, code) + insn(0x95)
    body = insn(0xBF, 6, 1) + lookup(map_fd, COUNTER) + insn(0x55, 0, 0, 2, 0) + end
    body += insn(0x61, 7, 0) + insn(0x07, 7, 0, 0, 1) + insn(0x63, 0, 7)
    body += lookup(map_fd, index) + insn(0x55, 0, 0, 2, 0) + end
    body += insn(0x63, 0, 7)
    for at, offset in enumerate(FIELDS.values()):
        body += insn(0x61, 1, 6, offset) + insn(0x63, 0, 1, 4 * (at + 1))
    body += insn(0x61, 2, 6, 76) + insn(0x61, 3, 6, 80) + insn(0xBF, 4, 2) + insn(0x07, 4, 0, 0, BYTE + 1)
    body += insn(0xBD, 4, 3, 2) + end
    body += insn(0x71, 1, 2, BYTE) + insn(0x63, 0, 1, SLOT - 4)
    if byte is not None:
        body += insn(0x72, 2, 0, BYTE, byte)
    for name, value in writes.items():
        body += insn(0xB7, 1, 0, 0, value) + insn(0x63, 6, 1, FIELDS[name])
    return body + end


def load(code):
    text = ctypes.create_string_buffer(code, len(code))
    license = ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    fd, _ = bpf(PROG_LOAD, 152, (0, "I", SCHED_CLS), (4, "I", len(code) // 8), (8, "Q", ctypes.addressof(text)),
        (16, "Q", ctypes.addressof(license)), (24, "I", 1), (28, "I", len(log)), (32, "Q", ctypes.addressof(log)),
        (68, "I", 0))
    if fd < 0:
        raise OSError(-fd, log.value.decode())
    return fd


def id_of(fd):
    info = ctypes.create_string_buffer(256)
    bpf(GET_INFO, 16, (0, "I", fd), (4, "I", 256), (8, "Q", ctypes.addressof(info)))
    return struct.unpack_from("=I", info.raw, 4)[0]


def attach(ifindex, fd, flags, relative=0, replace=0):
    result, _ = bpf(PROG_ATTACH, 32, (0, "I", ifindex), (4, "I", fd), (8, "I", TCX_INGRESS), (12, "I", flags),
        (16, "I", replace), (20, "I", relative))
    return -result if result < 0 else 0


def attached(ifindex):
    ids = (ctypes.c_uint * 64)()
    _, out = bpf(PROG_QUERY, 64, (0, "I", ifindex), (4, "I", TCX_INGRESS), (16, "Q", ctypes.addressof(ids)), (24, "I", 64))
    return list(ids[: struct.unpack_from("=I", out, 24)[0]])


def detach_all(ifindex, fds):
    there = attached(ifindex)
    for fd in fds:
        if id_of(fd) in there:
            bpf(PROG_DETACH, 32, (0, "I", ifindex), (4, "I", fd), (8, "I", TCX_INGRESS))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.returncode, f"{' '.join(command)}: {done.stderr}")


def orders(ifindex, chance):
    rows = []
    for _ in range(60):
        map_fd, _ = bpf(MAP_CREATE, 72, (0, "I", 2), (4, "I", 4), (8, "I", SLOT), (12, "I", 16))
        fds = [load(program(map_fd, i, {}, None, -1)) for i in range(5)]
        ids = [id_of(fd) for fd in fds]
        steps = []
        for _ in range(chance.randint(3, 9)):
            which = chance.randrange(5)
            how = chance.choice(["append", "before", "after", "first", "last", "replace"])
            other = chance.randrange(5)
            flags = {"append": 0, "before": BEFORE, "after": AFTER, "first": BEFORE, "last": AFTER, "replace": REPLACE}[how]
            relative = fds[other] if how in ("before", "after") else 0
            error = attach(ifindex, fds[which], flags, relative, fds[other] if how == "replace" else 0)
            step = {"program": which, "how": how, "errno": error, "order": [ids.index(i) for i in attached(ifindex)]}
            if how in ("before", "after", "replace"):
                step["other"] = other
            steps.append(step)
        rows.append(steps)
        detach_all(ifindex, fds)
        for fd in [*fds, map_fd]:
            os.close(fd)
    return rows


CODES = (-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100)


def some_program(chance):
    names = chance.sample(WRITTEN, chance.randint(0, 3))
    return {
        "writes": {name: chance.randint(1, 60000) for name in names},
        "byte": chance.choice([None, chance.randrange(256)]),
        "code": chance.choice(CODES),
    }


def one_run(device, ifindex, sender, receiver, tcx, legacy):
    map_fd, _ = bpf(MAP_CREATE, 72, (0, "I", 2), (4, "I", 4), (8, "I", SLOT), (12, "I", 16))
    both = [*tcx, *legacy]
    fds = [load(program(map_fd, i, p["writes"], p["byte"], p["code"])) for i, p in enumerate(both)]
    for fd in fds[: len(tcx)]:
        attach(ifindex, fd, 0)
    if legacy:
        run("tc", "qdisc", "add", "dev", device, "clsact")
    for i, fd in enumerate(fds[len(tcx):]):
        path = f"/sys/fs/bpf/record-chain-{i}"
        name = ctypes.create_string_buffer(path.encode())
        bpf(OBJ_PIN, 16, (0, "Q", ctypes.addressof(name)), (8, "I", fd))
        run("tc", "filter", "add", "dev", device, "ingress", "pref", str(i + 1), "bpf", "da", "object-pinned", path)
        os.unlink(path)
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x01" + struct.pack(">H", ETHERTYPE) + bytes([0x11]) + bytes(45)
    sender.send(frame)
    ready, _, _ = select.select([receiver], [], [], 0.15)
    delivered = receiver.recv(2048) if ready else None
    seen = []
    for i in range(len(both)):
        key = ctypes.create_string_buffer(struct.pack("=I", i))
        value = ctypes.create_string_buffer(SLOT)
        bpf(MAP_LOOKUP, 32, (0, "I", map_fd), (8, "Q", ctypes.addressof(key)), (16, "Q", ctypes.addressof(value)))
        when, *rest = struct.unpack(f"={SLOT // 4}I", value.raw)
        if when:
            seen.append((when, {"program": i, **dict(zip([*FIELDS, "byte"], rest))}))
    if legacy:
        run("tc", "qdisc", "del", "dev", device, "clsact")
    detach_all(ifindex, fds)
    for fd in [*fds, map_fd]:
        os.close(fd)
    ran = [row for _, row in sorted(seen, key=lambda pair: pair[0])]
    return {"tcx": tcx, "legacy": legacy, "ran": ran, "delivered": None if delivered is None else delivered[BYTE]}


SEEN = ("times", "len", "pkt_type", "mark", "protocol", "vlan_present", "vlan_tci", "vlan_proto", "hash", "head", "network", "answer")
CHANGES = ("push_vlan", "pop_vlan", "retype", "other_type", "to_ipv6", "longer", "shorter", "in_front", "room", "hashed", "marked")
FOLDER = "/sys/fs/bpf/record-handed"


def pinned(name):
    path = ctypes.create_string_buffer(f"{FOLDER}/{name}".encode())
    fd, _ = bpf(7, 16, (0, "Q", ctypes.addressof(path)))
    return fd


def handed(ifindex, sender, chance):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hook-lists/tc-handed.o")
    run("bpftool", "prog", "loadall", path, FOLDER, "pinmaps", FOLDER)
    fds = {name: pinned(name) for name in (*CHANGES, "see", "seen")}
    ip = bytes.fromhex("4500002e00010000401100000a0000010a000002") + struct.pack(">HHHH", 1000, 2000, 26, 0) + bytes(range(18))
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x08\0" + ip
    rows = []
    lists = [[], *([name] for name in CHANGES), *([one, other] for one in CHANGES for other in CHANGES if one != other)]
    lists += [[chance.choice(CHANGES) for _ in range(3)] for _ in range(60)]
    for names in lists:
        key, value = ctypes.create_string_buffer(4), ctypes.create_string_buffer(4 * len(SEEN))
        at = (0, "I", fds["seen"]), (8, "Q", ctypes.addressof(key)), (16, "Q", ctypes.addressof(value))
        bpf(2, 32, *at)
        # A program stands once in tcx; where it is to run twice it is left out the second time.
        order = list(dict.fromkeys(names))
        for name in (*order, "see"):
            attach(ifindex, fds[name], 0)
        sender.send(frame)
        for _ in range(100):
            bpf(MAP_LOOKUP, 32, *at)
            if struct.unpack_from("=I", value.raw)[0]:
                break
            time.sleep(0.002)
        detach_all(ifindex, [fds[name] for name in (*order, "see")])
        rows.append([order, dict(zip(SEEN, struct.unpack(f"={len(SEEN)}I", value.raw)))])
    return {"packet": frame.hex(), "rows": rows}


def redirects(ifindex, sender, chance):
    """Lists of programs that aim at a device and return a code, and by which device the packet left, if any."""
    ways = {}
    for name in ("one", "two"):
        run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}-end")
        for device in (name, f"{name}-end"):
            run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
            run("ip", "link", "set", device, "up")
        ways[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
        ways[name].bind((f"{name}-end", ETHERTYPE))
    rows = []
    lists = [[(None, 7)], [("one", -1), (None, 7)], [("one", -1), ("two", -1), (None, 7)], [("one", 7)], [("two", -1), (None, 0)]]
    lists += [[(chance.choice((None, "one", "two")), chance.choice((-1, -1, -1, 7))) for _ in range(chance.randint(1, 4))] for _ in range(30)]
    for programs in lists:
        fds = []
        for aim, code in programs:
            body = b"" if aim is None else (
                insn(0xB7, 1, 0, 0, socket.if_nametoindex(aim)) + insn(0xB7, 2) + insn(0x85, 0, 0, 0, 23))
            fds.append(load(body + insn(0xB7, 0, 0, 0, code) + insn(0x95)))
            attach(ifindex, fds[-1], 0)
        sender.send(b"\xff" * 6 + b"\x02\0\0\0\0\x01" + struct.pack(">H", ETHERTYPE) + bytes(46))
        ready, _, _ = select.select(list(ways.values()), [], [], 0.1)
        out = [name for name, way in ways.items() if way in ready and way.recv(2048)]
        rows.append([programs, out[0] if out else None])
        detach_all(ifindex, fds)
        for fd in fds:
            os.close(fd)
    return rows


def main():
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    run("ip", "link", "add", "in0", "type", "veth", "peer", "name", "out0")
    for device in ("in0", "out0"):
        run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
        run("ip", "link", "set", device, "up")
    ifindex = socket.if_nametoindex("in0")
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sender.bind(("out0", 0))
    receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
    receiver.bind(("in0", ETHERTYPE))
    chance = random.Random(6)
    runs = [one_run("in0", ifindex, sender, receiver, [{"writes": {}, "byte": None, "code": code}], []) for code in sorted(set(CODES))]
    runs += [one_run("in0", ifindex, sender, receiver, [], [{"writes": {}, "byte": None, "code": code}]) for code in sorted(set(CODES))]
    for _ in range(120):
        tcx = [some_program(chance) for _ in range(chance.randint(0, 4))]
        legacy = [some_program(chance) for _ in range(chance.randint(0 if tcx else 1, 3))]
        runs.append(one_run("in0", ifindex, sender, receiver, tcx, legacy))
    kernel = platform.release()
    command = "python3 core/testdata/kernel/record-hook-chains.py"
    rows = lambda list_: ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in list_)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hook-chains.json")
    lists = orders(ifindex, chance)
    left = handed(ifindex, sender, chance)
    aimed = redirects(ifindex, sender, chance)
    with open(path, "w") as out:
        out.write(f'{{"kernel":{json.dumps(kernel)},"command":{json.dumps(command)},\n"orders":[\n  {rows(lists)}],\n"runs":[\n  {rows(runs)}],\n')
        out.write(f'"handed":{{"packet":"{left["packet"]}","rows":[\n  {rows(left["rows"])}]}},\n')
        out.write(f'"redirects":[\n  {rows(aimed)}]}}\n')
    print(len(runs), "runs,", len(left["rows"]), "with what was handed on,", len(aimed), "that aim at a device")


main()
