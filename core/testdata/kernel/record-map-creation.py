"""Asks the running Linux kernel which maps BPF_MAP_CREATE makes, and writes map-creation.json:
    python3 core/testdata/kernel/record-map-creation.py        (root)
A row: type, key_size, value_size, max_entries, map_flags, map_extra, and the error number (0: it was made). Around a
map of each type that is made, every one of these is varied alone, flags also in pairs. Maps of maps have an array inside.
"""
import json
import os
import platform

from bpf_calls import tried

MAP_CREATE = 0

# type: key_size, value_size, max_entries, map_flags. Types that want BTF or are not built here are left out.
MADE = {
    1: (4, 8, 4, 0), 2: (4, 8, 4, 0), 3: (4, 4, 4, 0), 4: (4, 4, 4, 0), 5: (4, 8, 4, 0), 6: (4, 8, 4, 0),
    9: (4, 8, 4, 0), 10: (4, 8, 4, 0), 11: (8, 8, 4, 1), 12: (4, 4, 4, 0), 13: (4, 4, 4, 0), 14: (4, 4, 4, 0),
    15: (4, 4, 4, 0), 16: (4, 4, 4, 0), 17: (4, 4, 4, 0), 18: (8, 4, 4, 0), 19: (16, 8, 0, 0), 20: (4, 8, 4, 0),
    21: (16, 8, 0, 0), 22: (0, 8, 4, 0), 23: (0, 8, 4, 0), 25: (4, 4, 4, 0), 27: (0, 0, 4096, 0), 30: (0, 8, 4, 0),
}
KEYS = (0, 1, 3, 4, 5, 8, 12, 16, 20, 260, 261, 512, 513, 600)
VALUES = (0, 1, 4, 7, 8, 12, 16, 4000, 32768, 32769, 1 << 22)
ENTRIES = (0, 1, 2, 3, 7, 1000, 4096, 4097, 8192, 8193, 12288)
EXTRAS = (1, 15, 16)
# How many CPUs a cpumap may have depends on how the kernel was configured.
CPUMAP = 16
BITS = [1 << bit for bit in range(20)]


def create(kind, key, value, entries, flags, extra=0, inner=0):
    words = [(4 * at, "I", word) for at, word in enumerate((kind, key, value, entries, flags, inner, 0))]
    return tried(MAP_CREATE, 72, *words, (64, "Q", extra))[0]


def variants(kind, key, value, entries, flags):
    yield key, value, entries, flags, 0
    for other in KEYS:
        yield other, value, entries, flags, 0
    for other in VALUES:
        yield key, other, entries, flags, 0
    for other in ENTRIES if kind != CPUMAP else ENTRIES[:5]:
        yield key, value, other, flags, 0
    for bit in BITS:
        yield key, value, entries, flags ^ bit, 0
        for more in BITS[:10]:
            yield key, value, entries, flags ^ bit ^ more, 0
    for extra in EXTRAS:
        yield key, value, entries, flags, extra


rows = []
array = create(2, 4, 8, 4, 0)
for kind, made in MADE.items():
    for variant in dict.fromkeys(variants(kind, *made)):
        result = create(kind, *variant, inner=array if kind in (12, 13) else 0)
        if result >= 0:
            os.close(result)
        rows.append([kind, *variant, min(result, 0)])

where = os.path.join(os.path.dirname(os.path.abspath(__file__)), "map-creation.json")
kernel = ".".join(platform.release().split(".")[:2])
with open(where, "w") as file:
    file.write('{"kernel":"%s","rows":[\n%s\n]}\n' % (kernel, ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)))
print(len(rows), "maps asked for,", sum(row[-1] == 0 for row in rows), "made")
