"""Which entries an LRU hash keeps on the running kernel (recorded on Linux 6.18) when two CPUs
update it: an element may then be one that the other CPU has set aside. As root, with bpftool:

    python3 record-lru-cpus.py > lru-cpus.txt
"""
import json
import os
import random
import subprocess

PIN = "/sys/fs/bpf/lru_cpus"


def call(command: str) -> str:
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout


for entries in (1, 2, 3, 5):
    call(f"bpftool map create {PIN} type lru_hash key 4 value 4 entries {entries} name lru_cpus")
    chosen = random.Random(entries)
    print("entries", entries)
    for _ in range(120):
        cpu, number = chosen.randrange(2), chosen.randrange(1, 9)
        what = "delete" if chosen.randrange(6) == 0 else "update"
        key = f"{number} 0 0 0"
        value = f" value {key}" if what == "update" else ""
        call(f"taskset -c {cpu} bpftool map {what} pinned {PIN} key {key}{value}")
        dumped = json.loads(call(f"bpftool -j map dump pinned {PIN}"))
        kept = sorted(int(entry["key"][0], 16) for entry in dumped if "key" in entry)
        print(f"{what} {number} on {cpu}: {' '.join(map(str, kept))}".rstrip())
    os.unlink(PIN)
