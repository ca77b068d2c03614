"""Asks the running Linux kernel what the programs of this folder do with their packets, and writes answers.json:
    python3 -B core/testdata/programs/record.py [--folder DIR] [NAME ...]    (root, libbpf.so.1, ip; without names: all)
Every case of NAME.json is run with every object of NAME: one BPF_PROG_TEST_RUN a packet, one after the other on the same
maps, and after each its return value, packet, context, records of ring buffers and all maps are noted. Objects that
answer alike share one answer. Cases with a `network` run in a network namespace of their own, made as they say.
"""
import ctypes
import glob
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools/kernel"))
if "--folder" in sys.argv:
    at = sys.argv.index("--folder")
    HERE = os.path.abspath(sys.argv[at + 1])
    del sys.argv[at : at + 2]
import oracle  # noqa: E402

CLONE_NEWNET = 0x40000000
# Numbers of include/uapi/linux/bpf.h.
CGROUP_SKB, XDP_TYPE, LWT_XMIT, SK_LOOKUP, NETFILTER, NETFILTER_ATTACH = 8, 6, 12, 30, 32, 45
ARRAY, PERCPU_ARRAY, RINGBUF, SOCKMAP = 2, 6, 27, 15
# Larger ones are not dumped: what programs of this kind of test leave in them is told by their return values.
MOST_ENTRIES, LARGEST_VALUE = 100_000, 65_536
DUMPED = {1, ARRAY, 5, PERCPU_ARRAY, 9, 10, 11}
SO_COOKIE = 57

# Fields of the context that go in and out of a test run: name, offset, format.
SKB = [("mark", 8, "I"), ("priority", 32, "I"), ("ingress_ifindex", 36, "I"), ("ifindex", 40, "I"),
       *[(f"cb[{i}]", 48 + 4 * i, "I") for i in range(5)], ("tstamp", 152, "Q"), ("wire_len", 160, "I"),
       ("gso_segs", 164, "I"), ("gso_size", 176, "I"), ("hwtstamp", 184, "Q")]
XDP = [("ingress_ifindex", 12, "I"), ("rx_queue_index", 16, "I")]
CONTEXTS = {3: (192, SKB), CGROUP_SKB: (192, SKB), LWT_XMIT: (192, SKB), XDP_TYPE: (24, XDP)}

bpf = ctypes.CDLL("libbpf.so.1")
for name, result, arguments in (
    ("object__open_file", "p", "sp"), ("object__load", "i", "p"), ("object__close", None, "p"),
    ("object__next_program", "p", "pp"), ("object__next_map", "p", "pp"), ("program__name", "s", "p"),
    ("program__section_name", "s", "p"), ("program__fd", "i", "p"), ("program__type", "i", "p"),
    ("program__set_type", "i", "pi"), ("program__set_autoload", "i", "pb"), ("program__set_expected_attach_type", "i", "pi"), ("map__name", "s", "p"),
    ("map__max_entries", "i", "p"), ("map__fd", "i", "p"), ("map__type", "i", "p"), ("map__key_size", "i", "p"), ("map__value_size", "i", "p"),
):
    function = getattr(bpf, f"bpf_{name}")
    kinds = {"b": ctypes.c_bool, "p": ctypes.c_void_p, "i": ctypes.c_int, "s": ctypes.c_char_p}
    function.restype = kinds.get(result)
    function.argtypes = [kinds[kind] for kind in arguments]
bpf.ring_buffer__new.restype = ctypes.c_void_p
bpf.ring_buffer__consume.argtypes = [ctypes.c_void_p]
RingCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


def each(following, obj):
    found = following(obj, None)
    while found:
        yield found
        found = following(obj, found)


def plain_name(name):
    """libbpf puts the object's name in front of that of a data section."""
    return name[name.index(".") :] if "." in name else name


class Object:
    """An object that libbpf has loaded."""

    def __init__(self, path, wanted):
        if not self.load(path, wanted, False) and not self.load(path, wanted, True):
            raise OSError(f"the kernel does not load {path}")
        self.list()

    def load(self, path, wanted, alone):
        """Whether the programs load, the wanted one among them or alone. A `?` in its section says not to load it unasked."""
        self.handle = bpf.bpf_object__open_file(path.encode(), None)
        if not self.handle:
            raise OSError(f"libbpf does not open {path}")
        for program in each(bpf.bpf_object__next_program, self.handle):
            # libbpf before 1.2 does not know the section.
            if bpf.bpf_program__section_name(program) == b"netfilter":
                bpf.bpf_program__set_type(program, NETFILTER)
                bpf.bpf_program__set_expected_attach_type(program, NETFILTER_ATTACH)
            is_wanted = bpf.bpf_program__name(program).decode() == wanted
            if is_wanted or alone:
                bpf.bpf_program__set_autoload(program, is_wanted)
        return bpf.bpf_object__load(self.handle) >= 0

    def list(self):
        self.programs = {
            bpf.bpf_program__name(p).decode(): (bpf.bpf_program__fd(p), bpf.bpf_program__type(p))
            for p in each(bpf.bpf_object__next_program, self.handle)
        }
        self.maps = {
            plain_name(bpf.bpf_map__name(m).decode()): (
                bpf.bpf_map__fd(m),
                {"type": bpf.bpf_map__type(m), "key": bpf.bpf_map__key_size(m), "value": bpf.bpf_map__value_size(m), "entries": bpf.bpf_map__max_entries(m)},
            )
            for m in each(bpf.bpf_object__next_map, self.handle)
        }
        self.records = []
        self.rings = []
        self.callback = RingCallback(self.note_record)
        for fd, spec in self.maps.values():
            if spec["type"] == RINGBUF:
                self.rings.append(bpf.ring_buffer__new(fd, self.callback, None, None))

    def note_record(self, _context, data, size):
        self.records.append(ctypes.string_at(data, size).hex())
        return 0

    def close(self):
        bpf.bpf_object__close(self.handle)

    def put(self, entry, sockets):
        fd, spec = self.maps[entry["map"]]
        value = bytes.fromhex(entry["value"])
        if spec["type"] == SOCKMAP:
            # Numbered in the session's list; the kernel wants a descriptor.
            value = struct.pack("=Q" if spec["value"] == 8 else "=I", sockets[int.from_bytes(value[:4], "little") - 1].fileno())
        k, v = oracle.held(bytes.fromhex(entry["key"])), oracle.held(value)
        result = oracle.bpf(
            oracle.MAP_UPDATE, oracle.attributes(32, (0, "I", fd), (8, "Q", oracle.address(k)), (16, "Q", oracle.address(v)))
        )
        if result < 0:
            raise OSError(-result, f"map {entry['map']} takes no {entry}")

    def contents(self):
        """Entries by key of every map that has any; of arrays without the zeros, of per-CPU maps the running CPU's values."""
        found = {}
        for name, (fd, spec) in self.maps.items():
            if spec["type"] not in DUMPED or name == ".rodata" or spec["entries"] > MOST_ENTRIES or spec["value"] > LARGEST_VALUE:
                continue
            entries = [[key, value[: 2 * spec["value"]]] for key, value in oracle.dump_map(fd, spec)]
            if spec["type"] in (ARRAY, PERCPU_ARRAY):
                entries = [[key, value] for key, value in entries if value.strip("0")]
            if entries:
                found[name] = sorted(entries)
        return found


def context_in(kind, given, length):
    size, fields = CONTEXTS[kind]
    data = bytearray(size)
    offsets = {name: (offset, form) for name, offset, form in fields}
    for name, text in given:
        offset, form = offsets[name]
        struct.pack_into("=" + form, data, offset, int(text, 0))
    if kind == XDP_TYPE:
        struct.pack_into("=II", data, 0, 0, length)
    return bytes(data)


def lookup_context(frame):
    """struct bpf_sk_lookup for the connection a frame opens."""
    version = frame[14] >> 4
    protocol, size, at = (frame[23], 4, 26) if version == 4 else (frame[20], 16, 22)
    remote, local = frame[at : at + size], frame[at + size : at + 2 * size]
    ports = frame[at + 2 * size : at + 2 * size + 4]
    address = lambda value: value + b"\0" * 16 if size == 4 else b"\0" * 4 + value
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    return (
        struct.pack("=QII", 0, family, protocol) + address(remote) + ports[:2] + b"\0\0" + address(local)
        + struct.pack("=II", int.from_bytes(ports[2:], "big"), 0) + b"\0" * 4
    )


def test_run(fd, job):
    answer = oracle.test_run(fd, job)
    if answer["errno"]:
        raise OSError(answer["errno"], f"BPF_PROG_TEST_RUN: {os.strerror(answer['errno'])}")
    return answer


def run_lookup(fd, frame, sockets):
    answer = test_run(fd, {"ctx": lookup_context(frame).hex()})
    chosen = int.from_bytes(bytes.fromhex(answer["ctx"])[:8], "little")
    cookies = [int.from_bytes(one.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), "little") for one in sockets]
    return {"retval": answer["retval"], "socket": cookies.index(chosen) + 1 if chosen else 0}


def run_packet(fd, kind, frame, given):
    # A netfilter program is given the packet from its network header on, and gives none back.
    job = {"packet": (frame[14:] if kind == NETFILTER else frame).hex()}
    if kind in CONTEXTS:
        job["ctx"] = context_in(kind, given, len(frame)).hex()
    answer = test_run(fd, job)
    result = {"retval": answer["retval"], **({} if kind == NETFILTER else {"packet": answer["packet"]})}
    if kind in CONTEXTS and kind != XDP_TYPE:
        data = bytes.fromhex(answer["ctx"])
        result["context"] = {name: str(struct.unpack_from("=" + form, data, offset)[0]) for name, offset, form in SKB}
    return result


def run_case(path, case, sockets):
    """What each packet came to, and the records of ring buffers that nobody read meanwhile."""
    obj = Object(path, case["program"])
    try:
        for entry in case.get("maps", []):
            obj.put(entry, sockets)
        fd, kind = obj.programs[case["program"]]
        gap = int(case.get("gap", "0")) * 1e-9
        runs = []
        for packet in case["packets"]:
            frame = bytes.fromhex(packet["hex"])
            run = run_lookup(fd, frame, sockets) if kind == SK_LOOKUP else run_packet(fd, kind, frame, case.get("context", []))
            # What timers do until the next packet belongs to this one.
            time.sleep(gap)
            runs.append({**run, "maps": obj.contents()})
        for ring in obj.rings:
            bpf.ring_buffer__consume(ring)
        return {"runs": runs, **({"records": obj.records} if obj.rings else {})}
    finally:
        obj.close()


# ---------------------------------------------------------------- the network around the packet

def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_device(device):
    name, forwarding = device["name"], "1" if device["forwarding"] else "0"
    if device["ifindex"] == 1:
        ip("link", "set", "lo", "up")
    else:
        ip("link", "add", name, "index", device["ifindex"], "address", device["mac"], "type", "veth", "peer", "name", f"peer-{name}", "index", 100 + device["ifindex"])
        for end in (name, f"peer-{name}"):
            ip("link", "set", end, "mtu", device["mtu"], "addrgenmode", "none", "up")
        # Only with a program do its queues let a test run say that the packet came in there.
        ip("link", "set", name, "xdp", "object", PASS_OBJECT, "section", "xdp")
    for family in ("ipv4", "ipv6"):
        write(f"/proc/sys/net/{family}/conf/{name}/forwarding", forwarding)


def make_route(route, names):
    family = "-6" if ":" in route["prefix"] else "-4"
    if route["kind"] == "local":
        ip(family, "addr", "add", route["prefix"], "dev", names[route["ifindex"]], "noprefixroute", *(["nodad"] if family == "-6" else []))
        return
    if route["kind"] != "unicast":
        ip(family, "route", "add", route["kind"], route["prefix"])
        return
    words = ["route", "add", route["prefix"]]
    if "gateway" in route:
        words += ["via", *(["inet6"] if ":" in route["gateway"] and family == "-4" else []), route["gateway"]]
    words += ["dev", names[route["ifindex"]], *(["onlink"] if "gateway" in route else [])]
    words += ["src", route["source"]] if "source" in route else []
    # IPv4 heeds the MTU of a route that is locked (ip_mtu_from_fib_result).
    words += ["mtu", "lock", route["mtu"]] if "mtu" in route else []
    ip(family, *words)


def bound(spec, kind, host, port):
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    # A listener on one address beside one on all.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if spec.get("shared") else socket.SO_REUSEADDR, 1)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if "mark" in spec:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, spec["mark"])
    made.bind((host, port))
    return made


def connected(spec):
    """This host's end of a connection whose other end is on this host too; that one is kept alive beside it."""
    with bound(spec, socket.SOCK_STREAM, spec["local"], spec["localPort"]) as listener:
        listener.listen()
        other = bound({}, socket.SOCK_STREAM, spec["remote"], spec["remotePort"])
        other.connect((spec["local"], spec["localPort"]))
        own = listener.accept()[0]
    if spec["state"] == "time_wait":
        own.close()
        other.close()
    return own, other


def make_socket(spec):
    if spec["state"] == "listen":
        made = bound(spec, socket.SOCK_STREAM, spec["local"], spec["localPort"])
        made.listen()
        return made, None
    if spec["protocol"] == "tcp":
        return connected(spec)
    made = bound(spec, socket.SOCK_DGRAM, spec["local"], spec["localPort"])
    if "remote" in spec:
        made.connect((spec["remote"], spec["remotePort"]))
    return made, None


def make_network(network):
    """Makes devices, routes, neighbours and sockets in a network namespace that only this process has."""
    if oracle.libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    # SYN cookies whether or not the queue of a listener is full.
    write("/proc/sys/net/ipv4/tcp_syncookies", "2")
    names = {device["ifindex"]: device["name"] for device in network["devices"]}
    for device in network["devices"]:
        make_device(device)
    for route in network["routes"]:
        make_route(route, names)
    for neighbour in network["neighbours"]:
        ip("neigh", "replace", neighbour["address"], "lladdr", neighbour["mac"], "dev", names[neighbour["ifindex"]], "nud", "permanent")
    for spec in network["sockets"]:
        spec["shared"] = sum(other["localPort"] == spec["localPort"] for other in network["sockets"]) > 1
    # Connections first: their listeners are closed before others take the port.
    order = sorted(range(len(network["sockets"])), key=lambda i: network["sockets"][i]["state"] == "listen")
    made = {i: make_socket(network["sockets"][i]) for i in order}
    return [made[i] for i in range(len(made))]


def record(name):
    """Answers of every object of a program, those that are alike together."""
    with open(os.path.join(HERE, f"{name}.json")) as file:
        spec = json.load(file)
    sockets = make_network(spec["network"]) if "network" in spec else []
    answers = []
    for number, case in enumerate(spec["cases"]):
        groups = {}
        for path in sorted(glob.glob(os.path.join(HERE, f"{name}.clang-*.o"))):
            found = json.dumps(run_case(path, case, [own for own, _ in sockets]))
            groups.setdefault(found, []).append(os.path.basename(path))
        answers += [{"program": name, "case": number, "objects": objects, **json.loads(found)} for found, objects in groups.items()]
    return answers


def in_child(name):
    """A program's answers from a process of its own: a network namespace cannot be left."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            json.dump(record(name), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        found = pipe.read()
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name} could not be recorded")
    return json.loads(found)


# What devices have attached while programs of this folder run.
PASS_ALL = '__attribute__((section("xdp"))) int pass_all(void *ctx) { return 2; }'


def build_pass_object():
    command = ["clang-19", "--target=bpfel", "-O2", "-x", "c", "-c", "-", "-o", PASS_OBJECT]
    subprocess.run(command, input=PASS_ALL, text=True, check=True)


if __name__ == "__main__":
    # Values of per-CPU maps are then where a session has them.
    os.sched_setaffinity(0, {0})
    names = sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(HERE, "*.json")) if os.path.basename(path) != "answers.json")
    with tempfile.TemporaryDirectory() as scratch:
        PASS_OBJECT = os.path.join(scratch, "pass.o")
        build_pass_object()
        recorded = [answer for name in names if name in sys.argv[1:] or not sys.argv[1:] for answer in in_child(name)]
    target = os.path.join(HERE, "answers.json")
    if sys.argv[1:] and os.path.exists(target):
        with open(target) as file:
            kept = [answer for answer in json.load(file)["answers"] if answer["program"] not in sys.argv[1:]]
        recorded = sorted(kept + recorded, key=lambda answer: answer["program"])
    release = ".".join(os.uname().release.split(".")[:2])
    with open(target, "w") as file:
        rows = ",\n".join(json.dumps(answer, separators=(",", ":")) for answer in recorded)
        file.write(f'{{"kernel":"{release}","cpus":{os.cpu_count()},"answers":[\n{rows}\n]}}\n')
    runs = sum(len(answer["objects"]) * len(answer["runs"]) for answer in recorded)
    print(f"{runs} runs of {sum(len(a['objects']) for a in recorded)} sessions recorded, {len(recorded)} answers")
