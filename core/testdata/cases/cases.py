"""Writes NAME.json for every program of this folder that runs:
    python3 -B core/testdata/cases/cases.py
A case is named after the report it comes from; see core/testdata/programs/cases.py for what is in one.
"""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
TCP = "ffffffffffff020000000001080045000028000100004006f97ec0a80001c0a800023039005000000000000000005002200000000000"
UDP = "020000000002020000000001080045000028123400004011548f0a0000010a00000203e80035001455b768656c6c6f20776f726c6421"
SYN = "00112233445566778899aabb08004500003c00004000400626b10a0000010a00000230390050000000010000000050022000" + "00" * 24
with open(os.path.join(HERE, "ct.pk")) as file:
    FORTY = file.read().split()

# name of the report, source, programs, packets
CASES = [
    ("perf array no max_entries", "perfnone", ["p", "q"], [TCP]),
    ("perf array no max_entries", "typedmaps", ["p"], [TCP]),
    ("perf array no max_entries", "m1", ["prog"], [UDP]),
    ("ring buffer size rounded", "m2", ["prog"], [UDP]),
    ("perf event array max_entries", "perfevent", ["p"], [SYN]),
    ("ring buffer rounding", "ringodd", ["p"], [TCP]),
    ("ring buffer rounding", "ringodd2", ["p"], [TCP]),
    ("ring buffer max_entries", "ringsize", ["p"], [SYN]),
    ("section question mark", "qmark", ["guarded", "gt", "gc"], [TCP]),
    ("core subset exists", "exist", ["p"], [TCP]),
    ("core subset exists", "own", ["p", "q", "r"], [TCP]),
    ("core subset exists", "fe", ["p"], [TCP]),
    ("core subset exists", "c1348", ["guard"], [TCP]),
    ("core subset exists", "anon", ["p"], [TCP]),
    ("core subset exists", "signedenum", ["p", "q"], [TCP]),
    ("core subset exists", "twofl", ["p", "q"], [TCP]),
    ("bundled types missing", "bundled", ["p"], [SYN]),
    ("large array", "array4m", ["p"], [TCP]),
    ("large array", "wideg", ["p"], [TCP]),
    ("bpf_loop E2BIG inlined", "loop", ["loop"], [UDP]),
    ("stale element reuse", "reuse", ["hash", "trie", "triedel"], [UDP]),
    ("stale element reuse", "ct", ["cl", "chh"], FORTY),
    ("tail call subprog depth", "tc", ["entry"], [UDP]),
    ("tail call subprog depth", "tc2", ["a", "b", "d"], [UDP]),
    ("tail call subprog depth", "ten", ["step"], [UDP]),
    ("tail call depth", "tailcalls", ["entry"], [SYN]),
    ("tail call depth, twice", "tailcalls+twice", ["entry"], [SYN]),
    ("may_goto budget", "maygoto", ["p"], [SYN]),
    ("may_goto budget", "bpfloop", ["p"], [SYN]),
    ("struct bpf_map", "bpfmap", ["p"], [SYN]),

    ("printk formats", "min", ["p"], [UDP]),
    ("printk formats", "g2", ["pk2", "tpk"], [UDP]),
    ("printk formats", "g", ["pk", "sn"], [UDP]),
]

by_source = {}
for name, source, programs, packets in CASES:
    by_source.setdefault(source, []).extend(
        {"name": name, "program": program, "packets": [{"name": f"packet {i}", "hex": p} for i, p in enumerate(packets)]}
        for program in programs
    )
for source, cases in by_source.items():
    with open(os.path.join(HERE, f"{source}.json"), "w") as file:
        json.dump({"cases": cases}, file, indent=1)
        file.write("\n")
