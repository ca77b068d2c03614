"""Writes NAME.json for every program of this folder:
    python3 -B core/testdata/programs/cases.py
A file has cases, and the network around them where programs look into it. A case is what a session is made of besides
its object: the program, what its maps hold before, its context, the gap between packets, and the packets that come one
after the other.
"""
import json
import os
import struct

from packets import arp, address, client_hello, dns, eth, icmp, icmp6, ip, mac, raw, tcp, udp

HERE = os.path.dirname(os.path.abspath(__file__))
A, B, VIP = "192.0.2.10", "192.0.2.77", "203.0.113.80"
A6, B6 = "2001:db8::a", "2001:db8:5::b"


DEVICES = [
    {"ifindex": 1, "name": "lo", "mtu": 65536, "mac": "00:00:00:00:00:00", "forwarding": True},
    {"ifindex": 2, "name": "eth0", "mtu": 1500, "mac": "02:00:00:00:00:02", "forwarding": True},
    {"ifindex": 3, "name": "eth1", "mtu": 1300, "mac": "02:00:00:00:00:03", "forwarding": True},
    {"ifindex": 4, "name": "eth2", "mtu": 1500, "mac": "02:00:00:00:00:04", "forwarding": False},
]


def route(prefix, ifindex, kind="unicast", **more):
    return {"prefix": prefix, "ifindex": ifindex, "kind": kind, **more}


def hexed(form, *values):
    return struct.pack("<" + form, *values).hex()


def entry(name, key, value):
    return {"map": name, "key": key, "value": value}


def packets(*named):
    return [{"name": name, "hex": frame.hex()} for name, frame in named]


def case(name, program, frames, **more):
    return {"name": name, "program": program, **more, "packets": packets(*frames)}


def mapped(text):
    """An address as 16 bytes, IPv4 as ::ffff:a.b.c.d."""
    raw_address = address(text)
    return (b"\0" * 10 + b"\xff\xff" + raw_address if len(raw_address) == 4 else raw_address).hex()


# ---------------------------------------------------------------- load balancer

def maglev(servers, size):
    """Ring of a service: every server takes its next wanted slot in turn, until none is left."""
    steps = {s: ((s * 7 + 3) % size, (s * 5 + 1) % (size - 1) + 1) for s in servers}
    ring, at = [None] * size, {s: 0 for s in servers}
    while None in ring:
        for s in servers:
            offset, skip = steps[s]
            while ring[(offset + at[s] * skip) % size] is not None and None in ring:
                at[s] += 1
            if None in ring:
                ring[(offset + at[s] * skip) % size] = s
    return ring


def balancer():
    def service(vip, port, protocol, number):
        return entry("services", address(vip).hex() + struct.pack(">HBB", port, protocol, 0).hex(), hexed("I", number))

    maps = [service(VIP, 443, 6, 0), service(VIP, 53, 17, 1)]
    maps += [entry("rings", hexed("I", i), hexed("I", s)) for i, s in enumerate(maglev([1, 2, 3], 13))]
    maps += [entry("rings", hexed("I", 13 + i), hexed("I", s)) for i, s in enumerate(maglev([4, 7], 13))]
    for number in (1, 2, 3, 4):
        maps.append(entry("servers", hexed("I", number), address(f"10.1.0.{number}").hex() + f"0200000001{number:02x}" + "0000"))
    to_vip = [(f"SYN from port {p}", eth(ip(A, VIP, tcp(p, 443)))) for p in (1024, 1025, 1026, 40000)]
    return [
        case("TCP service", "balance", [
            *to_vip,
            ("ACK of the first connection", eth(ip(A, VIP, tcp(1024, 443, "A", 2, 9)))),
            ("data from another client", eth(ip(B, VIP, tcp(5555, 443, "PA", 2, 9, b"hello")))),
            ("the same client again", eth(ip(B, VIP, tcp(5555, 443, "FA", 7, 9)))),
        ], maps=maps),
        case("UDP service and what is not for it", "balance", [
            ("DNS", eth(ip(A, VIP, udp(5000, 53, dns("example.com"))))),
            ("DNS, whose server may be missing", eth(ip(A, VIP, udp(5001, 53, dns("example.com"))))),
            ("DNS from elsewhere", eth(ip("198.51.100.3", VIP, udp(5002, 53, dns("example.org"))))),
            ("another port", eth(ip(A, VIP, udp(5000, 54)))),
            ("another address", eth(ip(A, B, tcp(1024, 443)))),
            ("ICMP", eth(ip(A, VIP, icmp(8)))),
            ("IPv6", eth(ip(A6, B6, tcp(1024, 443)))),
            ("ARP", arp(A, VIP)),
        ], maps=maps),
        case("malformed", "balance", [
            ("fragment", eth(ip(A, VIP, tcp(1, 443), fragment=0x2000))),
            ("later fragment", eth(ip(A, VIP, udp(1, 53), fragment=185))),
            ("IP options", eth(ip(A, VIP, tcp(1, 443), options=b"\1\1\1\0"))),
            ("cut in the TCP header", eth(ip(A, VIP, tcp(1, 443)))[:46]),
            ("cut in the IP header", eth(ip(A, VIP, tcp(1, 443)))[:30]),
            ("Don't Fragment is no fragment", eth(ip(A, VIP, tcp(1, 443), fragment=0x4000))),
        ], maps=maps),
    ]


# ---------------------------------------------------------------- VLANs, pings

def vlan_rewrite():
    rules = [entry("rules", hexed("H", vlan), hexed("HH", action, to)) for vlan, action, to in ((10, 0, 110), (20, 1, 0), (30, 2, 4000), (40, 9, 0))]
    inner = ip(A, B, udp(1000, 2000, b"payload"))
    return [case("port", "rewrite", [
        ("VLAN 10 becomes 110, priority 5 stays", eth(inner, vlans=[(0x8100, 0xA00A)])),
        ("VLAN 20 loses its tag", eth(inner, vlans=[(0x8100, 20)])),
        ("VLAN 30 goes behind an outer tag", eth(inner, vlans=[(0x8100, 0x601E)])),
        ("untagged gets the port's", eth(inner)),
        ("ARP gets the port's", arp(A, B)),
        ("VLAN 20 over VLAN 10 loses the outer", eth(inner, vlans=[(0x88A8, 20), (0x8100, 10)])),
        ("unknown VLAN", eth(inner, vlans=[(0x8100, 99)])),
        ("VLAN with a rule that is wrong", eth(inner, vlans=[(0x8100, 40)])),
        ("VLAN 10 again", eth(ip(A6, B6, icmp6(128)), vlans=[(0x8100, 10)])),
        ("cut in the tag", eth(inner, vlans=[(0x8100, 10)])[:16]),
        ("only an Ethernet header", eth(inner)[:14]),
    ], maps=rules)]


def icmp_echo():
    ours = [entry("answered", mapped(text), hexed("Q", 0)) for text in (VIP, B6)]
    return [
        case("IPv4", "echo", [
            ("ping", eth(ip(A, VIP, icmp(8)))),
            ("ping with another time to live", eth(ip(A, VIP, icmp(8, data=b"x" * 33), ttl=3, ident=77))),
            ("ping whose checksum is 0xffff", eth(ip(A, VIP, icmp(8, rest=b"\0\0\0\0", data=b"", check=0xF7FF)))),
            ("ping for another host", eth(ip(A, B, icmp(8)))),
            ("reply", eth(ip(A, VIP, icmp(0)))),
            ("code that is not 0", eth(ip(A, VIP, icmp(8, 1)))),
            ("IP options", eth(ip(A, VIP, icmp(8), options=b"\x07\4\4\0"))),
            ("TCP", eth(ip(A, VIP, tcp(1, 2)))),
            ("cut in the ICMP header", eth(ip(A, VIP, icmp(8)))[:38]),
            ("ARP", arp(A, VIP)),
        ], maps=ours),
        case("IPv6", "echo", [
            ("ping", eth(ip(A6, B6, icmp6(128)))),
            ("ping with odd length", eth(ip(A6, B6, icmp6(128, data=b"abc"), ttl=1))),
            ("ping for another host", eth(ip(A6, A6, icmp6(128)))),
            ("neighbour solicitation", eth(ip(A6, B6, icmp6(135, rest=b"\0" * 4, data=address(B6))))),
            ("extension header in front", eth(ip(A6, B6, icmp6(128), extensions=[(0, b"\0\1\4\0\0\0\0")]))),
            ("cut", eth(ip(A6, B6, icmp6(128)))[:60]),
        ], maps=ours),
    ]


# ---------------------------------------------------------------- SYN cookies

def cookie_hash(source, port, to, sequence):
    """cookie_hash of syn_cookie.c; address and ports are words as a little-endian machine loads them."""
    mask = 0xFFFFFFFF
    (word,) = struct.unpack("<I", address(source))
    swapped = lambda value: struct.unpack("<H", struct.pack(">H", value))[0]
    ports = swapped(port) << 16 | swapped(to)
    value = 0x5BD1E995 ^ sequence
    value = (value ^ word) * 0x9E3779B1 & mask
    value = ((value << 13 | value >> 19) & mask) ^ 0xC2B2AE35
    value = (value ^ ports) * 0x85EBCA77 & mask
    return (value ^ value >> 15) & ~3


def syn_cookie():
    mss = lambda value: struct.pack("!BBH", 2, 4, value)
    ack = lambda source, port, seq, index, flags="A", wrong=0: tcp(port, 80, flags, seq + 1, cookie_hash(source, port, 80, seq) + index + 1 + wrong)
    return [
        case("SYNs", "guard", [
            ("with an MSS of 1460", eth(ip(A, VIP, tcp(1111, 80, "S", 1000, options=mss(1460))))),
            ("with many options", eth(ip(A, VIP, tcp(1112, 80, "S", 0xFFFFFFFF, options=b"\1\1\x08\x0a" + b"\0" * 8 + b"\3\3\7\1" + mss(1300) + b"\4\2")))),
            ("without options", eth(ip(A, VIP, tcp(1113, 80, "S", 7)))),
            ("with an option of length 0", eth(ip(A, VIP, tcp(1114, 80, "S", 7, options=b"\x1e\0\0\0" + mss(1460))))),
            ("with data", eth(ip(A, VIP, tcp(1115, 80, "S", 7, data=b"early", options=mss(1500))))),
            ("MSS behind the end of the options", eth(ip(A, VIP, tcp(1116, 80, "S", 7, options=b"\0\0\0\0" + mss(1460))))),
            ("to another port", eth(ip(A, VIP, tcp(1111, 81)))),
            ("options that are cut off", eth(ip(A, VIP, tcp(1117, 80, "S", 7, options=b"\1\1\1\1" + mss(1460))))[:58]),
        ]),
        case("connection", "guard", [
            ("data from a stranger", eth(ip(A, VIP, tcp(1111, 80, "PA", 5, 6, b"GET /")))),
            ("ACK with a wrong cookie", eth(ip(A, VIP, ack(A, 1111, 1000, 3, wrong=4)))),
            ("ACK with the cookie", eth(ip(A, VIP, ack(A, 1111, 1000, 3)))),
            ("data after it", eth(ip(A, VIP, tcp(1111, 80, "PA", 1001, 1, b"GET / HTTP/1.1\r\n\r\n")))),
            ("ACK with the cookie of a smaller MSS", eth(ip(B, VIP, ack(B, 2222, 77, 1)))),
            ("that cookie from another address", eth(ip(A, VIP, ack(B, 2222, 77, 1)))),
            ("RST", eth(ip(A, VIP, tcp(9, 80, "RA")))),
            ("FIN without ACK", eth(ip(A, VIP, tcp(9, 80, "F")))),
            ("RST of the client that is known", eth(ip(A, VIP, tcp(1111, 80, "R", 1001)))),
            ("UDP", eth(ip(A, VIP, udp(1, 80)))),
            ("IPv6", eth(ip(A6, B6, tcp(1, 80)))),
        ]),
    ]


# ---------------------------------------------------------------- NAT

def nat():
    inside, outside, us = "10.0.0.5", "203.0.113.9", "198.51.100.1"

    def back_entry(port, protocol, to, to_port):
        key = address(outside) + struct.pack(">HH", 80, port) + struct.pack("<I", protocol)
        return entry("inbound", key.hex(), (address(to) + struct.pack(">HH", to_port, 0)).hex())

    return [
        case("out", "masquerade", [
            ("TCP SYN", eth(ip(inside, outside, tcp(3333, 80)))),
            ("data of that connection", eth(ip(inside, outside, tcp(3333, 80, "PA", 2, 1, b"GET / HTTP/1.0\r\n\r\n")))),
            ("TCP of another host", eth(ip("10.0.0.6", outside, tcp(3333, 80)))),
            ("UDP", eth(ip(inside, outside, udp(3333, 53, dns("example.com"))))),
            ("UDP without checksum", eth(ip(inside, outside, udp(3334, 53, b"x", check=0)))),
            ("not from inside", eth(ip(B, outside, tcp(1, 2)))),
            ("ICMP", eth(ip(inside, outside, icmp(8)))),
            ("IP options", eth(ip(inside, outside, tcp(1, 2), options=b"\1\1\1\0"))),
            ("cut in the ports", eth(ip(inside, outside, tcp(1, 2)))[:36]),
            ("IPv6", eth(ip(A6, B6, tcp(1, 2)))),
        ]),
        case("in", "unmasquerade", [
            ("TCP answer", eth(ip(outside, us, tcp(80, 40000, "SA", 1, 2)))),
            ("UDP answer", eth(ip(outside, us, udp(80, 40001, b"answer")))),
            ("UDP answer whose checksum becomes 0", eth(ip(outside, us, udp(80, 40001, b"\0\0")))),
            ("nobody asked", eth(ip(outside, us, tcp(80, 40002, "SA")))),
            ("service of the router itself", eth(ip(outside, us, tcp(5000, 22)))),
            ("for another address", eth(ip(outside, B, tcp(80, 40000)))),
        ], maps=[back_entry(40000, 6, inside, 3333), back_entry(40001, 17, "10.0.0.6", 4444)]),
        case("the same in another order", "masquerade", [
            ("UDP", eth(ip(inside, outside, udp(1, 1, b"odd")))),
            ("UDP again", eth(ip(inside, outside, udp(1, 1, b"even")))),
            ("too short for a checksum", eth(ip(inside, outside, raw(6, b"\0\1\0\2")))),
        ]),
    ]


# ---------------------------------------------------------------- rate limit, firewall

def rate_limit():
    one = lambda source: eth(ip(source, VIP, udp(1, 2)))
    return [
        case("at once", "limit", [*[(f"packet {i + 1}", one(A)) for i in range(5)], ("another source", one(B)), ("IPv6", eth(ip(A6, B6, udp(1, 2)))), ("packet 6", one(A))]),
        case("slowly", "limit", [*[(f"packet {i + 1}", one(A)) for i in range(4)], ("another source", one(B)), ("packet 5", one(A))], gap="310000000"),
        case("slower than the bucket lives", "limit", [("first", one(A)), ("of another", one(B)), ("of another again", one(B)), ("ARP", arp(A, B)), ("first again", one(A))], gap="710000000"),
    ]


def lpm_firewall():
    def rule4(prefix, number, action, *ports):
        text, bits = prefix.split("/")
        return entry("networks4", hexed("I", int(bits)) + address(text).hex(), hexed("II4H", number, action, *ports, *[0] * (4 - len(ports))))

    def rule6(prefix, number, action, *ports):
        text, bits = prefix.split("/")
        return entry("networks6", hexed("I", int(bits)) + address(text).hex(), hexed("II4H", number, action, *ports, *[0] * (4 - len(ports))))

    maps = [rule4("10.0.0.0/8", 1, 1), rule4("10.1.0.0/16", 2, 0), rule4("10.1.2.0/24", 3, 2, 80, 443), rule4("10.1.2.3/32", 4, 0),
            rule6("2001:db8::/32", 10, 1), rule6("2001:db8:5::/48", 11, 2, 22), rule6("::/0", 12, 0)]
    deny = [entry(".data", "00000000", "00000000")]
    return [
        case("IPv4", "firewall", [
            ("denied network", eth(ip("10.9.9.9", VIP, tcp(1, 80)))),
            ("allowed inside it", eth(ip("10.1.9.9", VIP, tcp(1, 80)))),
            ("open port", eth(ip("10.1.2.9", VIP, tcp(1, 443)))),
            ("closed port", eth(ip("10.1.2.9", VIP, tcp(1, 22)))),
            ("one host", eth(ip("10.1.2.3", VIP, tcp(1, 22)))),
            ("UDP to an open port behind IP options", eth(ip("10.1.2.9", VIP, udp(1, 80), options=b"\1\1\1\0"))),
            ("no port", eth(ip("10.1.2.9", VIP, icmp(8)))),
            ("no rule", eth(ip(A, VIP, tcp(1, 80)))),
            ("denied again", eth(ip("10.9.9.9", VIP, udp(1, 80)))),
            ("header length too small", eth(b"\x44" + ip(A, VIP, tcp(1, 80))[1:])),
            ("cut before the ports", eth(ip("10.1.2.9", VIP, tcp(1, 80)))[:36]),
            ("ARP", arp("10.9.9.9", VIP)),
            ("only an Ethernet header", eth(ip(A, VIP, tcp(1, 80)))[:14]),
        ], maps=maps),
        case("IPv6", "firewall", [
            ("denied", eth(ip("2001:db8:1::1", B6, tcp(1, 80)))),
            ("open port", eth(ip("2001:db8:5::1", B6, tcp(1, 22)))),
            ("closed port", eth(ip("2001:db8:5::1", B6, udp(1, 23)))),
            ("default rule", eth(ip("fe80::1", B6, icmp6(128)))),
            ("cut", eth(ip("fe80::1", B6, icmp6(128)))[:53]),
        ], maps=maps),
        case("denying by default", "firewall", [("no rule", eth(ip(A, VIP, tcp(1, 80)))), ("no IPv6 rule", eth(ip(A6, B6, tcp(1, 80)))), ("ARP", arp(A, VIP))], maps=deny),
    ]


# ---------------------------------------------------------------- events, pipeline, accounting

def events():
    get = b"GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n"
    return [
        case("connections", "watch", [
            ("SYN", eth(ip(A, VIP, tcp(1111, 80, "S", 100)))),
            ("request", eth(ip(A, VIP, tcp(1111, 80, "PA", 101, 1, get)))),
            ("short request", eth(ip(A, VIP, tcp(1111, 80, "PA", 151, 1, b"HI")))),
            ("SYN+ACK", eth(ip(VIP, A, tcp(80, 1111, "SA", 5, 101)))),
            ("FIN", eth(ip(A, VIP, tcp(1111, 80, "FA", 153, 1)))),
            ("FIN with a request", eth(ip(A6, B6, tcp(2, 80, "PFA", 153, 1, get)))),
            ("RST over IPv6", eth(ip(A6, B6, tcp(3, 4, "R", 9)))),
            ("SYN of a host to itself", eth(ip(A, A, tcp(5, 6)))),
            ("IP options", eth(ip(A, VIP, tcp(7, 8), options=b"\1\1\1\0"))),
            ("UDP", eth(ip(A, VIP, udp(1, 2)))),
            ("padding behind the packet", eth(ip(A, VIP, tcp(1111, 80, "PA", 1, 1)) + b"\0" * 6)),
            ("length that is too long", eth(ip(A, VIP, tcp(1111, 80, "PA", 1, 1, b"abc"), length=60))),
            ("cut in the TCP header", eth(ip(A, VIP, tcp(7, 8)))[:50]),
            ("ARP", arp(A, VIP)),
        ]),
        case("a full ring buffer", "watch", [(f"SYN {i}", eth(ip(A, VIP, tcp(1000 + i, 80, "S", i)))) for i in range(70)]),
    ]


def pipeline():
    return [case("stages", "parse", [
        ("TCP", eth(ip(A, VIP, tcp(1, 80)))),
        ("TCP echo", eth(ip(A, VIP, tcp(1, 7)))),
        ("SYN and FIN", eth(ip(A, VIP, tcp(1, 80, "SF")))),
        ("DNS", eth(ip(A, VIP, udp(1, 53, dns("example.com"))))),
        ("UDP to a port that is closed", eth(ip(A, VIP, udp(1, 54)))),
        ("QUIC over IPv6", eth(ip(A6, B6, udp(1, 443)))),
        ("TCP over IPv6", eth(ip(A6, B6, tcp(1, 22)))),
        ("ICMP", eth(ip(A, VIP, icmp(8)))),
        ("ARP", arp(A, VIP)),
        ("no stage for its EtherType", eth(ip(A, VIP, tcp(1, 80)), vlans=[(0x8100, 5)])),
        ("IP options", eth(ip(A, VIP, udp(1, 53), options=b"\1" * 40))),
        ("cut in the IP header", eth(ip(A, VIP, tcp(1, 80)))[:33]),
        ("cut in the TCP header", eth(ip(A, VIP, tcp(1, 80)))[:53]),
        ("cut in the UDP header", eth(ip(A6, B6, udp(1, 443)))[:60]),
    ])]


def cgroup_accounting():
    return [
        case("out", "egress", [
            ("TCP", eth(ip(A, VIP, tcp(1, 80)))),
            ("UDP", eth(ip(A, VIP, udp(1, 53, dns("example.com"))))),
            ("TCP over IPv6, over the soft budget", eth(ip(A6, B6, tcp(1, 80, data=b"x" * 30)))),
            ("UDP over the soft budget", eth(ip(A, "192.0.2.1", udp(1, 53)))),
            ("TCP that is too much", eth(ip(A, VIP, tcp(1, 80, data=b"x" * 200)))),
            ("ICMP that still fits", eth(ip(A, VIP, icmp(8)))),
            ("IPv4 header that is cut", eth(ip(A, VIP, icmp(8)))[:34]),
        ]),
        case("in", "ingress", [
            ("TCP", eth(ip(VIP, A, tcp(80, 1, "SA")))),
            ("TCP again", eth(ip(VIP, A, tcp(80, 1, "A", data=b"12345")))),
            ("over IPv6", eth(ip(B6, A6, icmp6(129)))),
            ("IPv6 header that is cut", eth(ip(B6, A6, icmp6(129)))[:54]),
        ], maps=[entry("accounts", mapped(VIP), hexed("QQQQ", 3, 120, 0, 0))]),
    ]


# ---------------------------------------------------------------- DNS, TLS, QUIC

def name_hash(name):
    value = 0xCBF29CE484222325
    for byte in reversed(name.encode()):
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return hexed("Q", value)


def dns_filter():
    blocked = [entry("blocked", name_hash(name), hexed("Q", 0)) for name in ("ads.example", "tracker.example.net", "bad")]
    query = lambda data, **more: eth(ip(A, VIP, udp(4000, 53, data), **more))
    return [case("queries", "filter", [
        ("allowed", query(dns("www.example.com"))),
        ("blocked", query(dns("tracker.example.net"))),
        ("a subdomain of it, in capitals", query(dns("a.B.TRACKER.Example.Net", 28))),
        ("a name that only ends alike", query(dns("nottracker.example.net"))),
        ("a whole top level domain", query(dns("very.bad", 16))),
        ("the root", query(dns("", 2))),
        ("a name that is too long", query(dns("a" * 50 + ".example.example"))),
        ("a label of 63", query(dns("b" * 63))),
        ("compressed", query(b"\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\xc0\x0c\0\1\0\1")),
        ("no end", query(dns("www.example.com")[:20])),
        ("no type", query(dns("www.example.com")[:-4])),
        ("two questions", query(dns("www.example.com", questions=2))),
        ("answer", query(dns("www.example.com", flags=0x8180))),
        ("blocked, with EDNS", query(dns("x.ads.example", tail=b"\0\0\x29\x10\0\0\0\0\0\0\0"))),
        ("to another port", eth(ip(A, VIP, udp(4000, 5353, dns("bad"))))),
        ("TCP", eth(ip(A, VIP, tcp(4000, 53)))),
        ("cut in the DNS header", query(dns("bad"))[:50]),
    ], maps=blocked)]


def sni():
    hello = lambda name, **more: eth(ip(A, VIP, tcp(5000, 443, "PA", 1, 1, client_hello(name, **more))))
    blocked = [entry("blocked", name.encode().ljust(32, b"\0").hex(), hexed("Q", 0)) for name in ("blocked.example", "a" * 32)]
    return [case("handshakes", "inspect", [
        ("allowed", hello("www.example.com")),
        ("blocked", hello("blocked.example")),
        ("without a name", hello(None)),
        ("with a long extension in front", hello("blocked.example", extra=struct.pack("!HH", 21, 200) + b"\0" * 200)),
        ("a name longer than is looked at", hello("a" * 40)),
        ("cut", hello("blocked.example", cut=5)),
        ("IP options", eth(ip(A, VIP, tcp(5000, 443, "PA", 1, 1, client_hello("blocked.example"), options=b"\1\1\1\0"), options=b"\1" * 8))),
        ("no handshake", eth(ip(A, VIP, tcp(5000, 443, "PA", 1, 1, b"\x17\3\3\0\4data")))),
        ("no data", eth(ip(A, VIP, tcp(5000, 443, "A", 1, 1)))),
        ("another port", eth(ip(A, VIP, tcp(5000, 80, "PA", 1, 1, client_hello("blocked.example"))))),
        ("UDP", eth(ip(A, VIP, udp(5000, 443, client_hello("blocked.example"))))),
        ("IPv6", eth(ip(A6, B6, tcp(5000, 443, "PA", 1, 1, client_hello("blocked.example"))))),
        ("cut in the TCP header", hello("x")[:50]),
    ], maps=blocked)]


def quic_balancer():
    servers = [entry("servers", hexed("I", number), f"0200000002{number:02x}" + hexed("HQ", alive, 0)) for number, alive in ((1, 1), (3, 1), (6, 0))]
    quic = lambda data, **more: eth(ip(A, VIP, udp(9999, 443, data), **more))
    initial = b"\xc0\0\0\0\1\4" + bytes([9, 2, 3, 4]) + b"\0\0" + bytes(range(60))
    return [case("packets", "steer", [
        ("Initial", quic(initial)),
        ("Initial without connection id", quic(b"\xc0\0\0\0\1\0\0" + b"z" * 20)),
        ("short header", quic(b"\x40\x0b" + b"y" * 33)),
        ("server that is down", quic(b"\x40\6" + b"y" * 9)),
        ("server that is not there", quic(b"\x40\2" + b"y" * 9)),
        ("fixed bit missing", quic(b"\0\1" + b"y" * 9)),
        ("too short for a header", quic(b"\x40\1")),
        ("empty", quic(b"")),
        ("another port", eth(ip(A, VIP, udp(1, 444, initial)))),
        ("TCP", eth(ip(A, VIP, tcp(1, 443)))),
        ("cut", quic(initial)[:41]),
        ("IP options", quic(initial, options=b"\1\1\1\0")),
        ("long", quic(b"\x40\3" + bytes(i * 7 & 255 for i in range(1200)))),
    ], maps=servers)]


# ---------------------------------------------------------------- tunnels

def tunnel():
    def endpoint(prefix, to, key, mtu):
        text, bits = prefix.split("/")
        return entry("endpoints", hexed("I", int(bits)) + address(text).hex(), (address(to) + struct.pack(">I", key) + mac("02:00:00:00:03:01") + struct.pack("<H", mtu)).hex())

    maps = [endpoint("10.2.0.0/16", "198.51.100.2", 7, 1500), endpoint("10.2.9.0/24", "198.51.100.9", 9, 80),
            entry("tunnels", struct.pack(">I", 7).hex(), address("198.51.100.2").hex())]
    inner = ip("10.2.1.1", "10.1.1.1", tcp(1, 2, data=b"inside"))
    gre = lambda flags, kind, key, data, source="198.51.100.2": eth(ip(source, "203.0.113.1", raw(47, struct.pack("!HHI", flags, kind, key) + data)))
    return [
        case("into it", "tunnel", [
            ("TCP", eth(ip(A, "10.2.1.1", tcp(1, 2)))),
            ("UDP to a longer prefix", eth(ip(A, "10.2.9.1", udp(1, 2)))),
            ("too large for that tunnel", eth(ip(A, "10.2.9.1", udp(1, 2, b"x" * 40)))),
            ("no tunnel", eth(ip(A, "10.3.0.1", udp(1, 2)))),
            ("TCP again", eth(ip(A, "10.2.1.1", tcp(1, 2, "A")))),
            ("IP options", eth(ip(A, "10.2.1.1", tcp(1, 2), options=b"\1\1\1\0"))),
            ("IPv6", eth(ip(A6, B6, tcp(1, 2)))),
        ], maps=maps),
        case("out of it", "tunnel", [
            ("IPv4", gre(0x2000, 0x0800, 7, inner)),
            ("IPv6", gre(0x2000, 0x86DD, 7, ip(A6, B6, udp(1, 2)))),
            ("from the wrong end", gre(0x2000, 0x0800, 7, inner, B)),
            ("another key", gre(0x2000, 0x0800, 8, inner)),
            ("without key", gre(0, 0x0800, 7, inner)),
            ("with a checksum", gre(0xA000, 0x0800, 7, inner)),
            ("nothing inside", gre(0x2000, 0x0800, 7, b"")),
            ("cut", gre(0x2000, 0x0800, 7, inner)[:40]),
            ("not GRE", eth(ip(A, "203.0.113.1", icmp(8)))),
        ], maps=maps),
    ]


def tunnel_key():
    tunnels = [entry("tunnels", address(to).hex(), hexed("IIII", number, remote, 1, option)) for to, number, remote, option in
               ((VIP, 42, 0x0A000002, 0), (B, 0xFFFFFF, 0x0A000003, 0xABCD))]
    frames = [("to a tunnel", eth(ip(A, VIP, tcp(1, 2), tos=0xB8))), ("with an option", eth(ip(A, B, udp(1, 2)))), ("to none", eth(ip(A, A, udp(1, 2)))),
              ("IPv6", eth(ip(A6, B6, udp(1, 2))))]
    return [case("IPv4", "to_tunnel", frames, maps=tunnels), case("IPv6", "to_tunnel6", frames[:1])]


def tc_encap():
    inner4, inner6 = ip(A, VIP, udp(1, 2, b"inside")), ip(A6, B6, tcp(1, 2))
    outer = lambda protocol, data: eth(ip("10.1.0.2", "10.1.0.1", raw(protocol, data)))
    fou = lambda port, data: eth(ip("10.1.0.2", "10.1.0.1", udp(40000, port, data)))
    frames = [("IPv4", eth(inner4)), ("IPv6", eth(inner6)), ("ARP", arp(A, VIP)), ("no EtherType of IP", eth(b"data", kind=0x88B5))]
    return [
        case("GRE on", "encap_gre", frames),
        case("UDP on", "encap_udp", frames),
        case("off", "decap", [
            ("GRE with IPv4", outer(47, b"\0\0\x08\0" + inner4)),
            ("GRE with IPv6", outer(47, b"\0\0\x86\xdd" + inner6)),
            ("GRE with a key", outer(47, b"\x20\0\x08\0\0\0\0\7" + inner4)),
            ("UDP", fou(5555, inner4)),
            ("UDP of others", fou(5556, inner4)),
            ("GRE with nothing inside", outer(47, b"\0\0\x08\0")),
            ("TCP", eth(ip(A, VIP, tcp(1, 2)))),
            ("GRE that is cut", outer(47, b"\0\0\x08\0")[:36]),
        ]),
    ]


# ---------------------------------------------------------------- context, scanners

def congestion():
    frames = [("ECT(0)", eth(ip(A, VIP, tcp(1, 2, "EC"), tos=2))), ("ECT(1)", eth(ip(A, VIP, tcp(1, 2), tos=0xB9))), ("CE", eth(ip(A, VIP, tcp(1, 2), tos=3))),
              ("not ECT", eth(ip(A, VIP, tcp(1, 2)))), ("IPv6 ECT(0)", eth(ip(A6, B6, tcp(1, 2), tos=2, label=0xABCDE))), ("IPv6 not ECT", eth(ip(A6, B6, tcp(1, 2)))),
              ("ARP", arp(A, VIP)), ("no Ethernet payload", eth(b"", kind=0x88CC)), ("length for an EtherType", eth(b"\xaa" * 9, kind=9))]
    network = {"devices": DEVICES, "sockets": [], "routes": [], "neighbours": []}
    return network, [
        case("not marked", "queue", frames, context=[["priority", "3"]]),
        case("congested", "queue", frames, context=[["mark", "0x101"], ["priority", "9"], ["cb[1]", "7"]]),
        case("paced", "queue", frames[:4], context=[["mark", "2"], ["priority", "5"], ["tstamp", "1000000"]]),
        case("paced and congested", "queue", frames, context=[["mark", "3"], ["tstamp", "77"], ["gso_segs", "3"], ["cb[4]", "0xffffffff"]]),
        case("between devices", "queue", frames[:5], context=[["mark", "0xffffffff"], ["priority", "0xffffffff"], ["ifindex", "2"], ["ingress_ifindex", "3"], ["tstamp", "0x123456789abcdef0"],
                                                              ["wire_len", "3000"], ["gso_segs", "2"], ["gso_size", "1400"], ["hwtstamp", "77"], ["cb[0]", "1"], ["cb[1]", "0xffffffff"], ["cb[2]", "3"], ["cb[3]", "4"]]),
    ]


def scanners():
    syn = lambda source, port: (f"SYN to port {port} from {source}", eth(ip(source, VIP, tcp(1000, port))))
    return [
        case("a scan", "watch", [*[syn(A, port) for port in (21, 22, 23, 25)], syn(B, 80), syn(A, 110), syn(B, 80), syn(B, 443), syn("192.0.2.5", 80), syn("192.0.2.6", 80), syn("192.0.2.7", 80), syn(B, 80)]),
        case("others", "watch", [("SYN+ACK", eth(ip(A, VIP, tcp(1, 2, "SA")))), ("UDP", eth(ip(A, VIP, udp(1, 2)))), ("cut", eth(ip(A, VIP, tcp(1, 2)))[:50]), ("IPv6", eth(ip(A6, B6, tcp(1, 2))))]),
    ]


# ---------------------------------------------------------------- the network around the packet

def router():
    network = {
        "devices": DEVICES,
        "sockets": [],
        "routes": [
            route("10.0.2.1/32", 2, "local"), route("10.0.3.1/32", 3, "local"),
            route("10.0.2.0/24", 2, source="10.0.2.1"), route("10.0.3.0/24", 3, source="10.0.3.1"),
            route("10.8.0.0/16", 2, gateway="10.0.2.254"), route("10.8.9.0/24", 3, gateway="10.0.3.254"),
            route("10.9.0.0/16", 2, gateway="10.0.2.253"), route("10.10.0.0/16", 2, gateway="10.0.2.254", mtu=100, source="10.0.2.1"),
            route("10.11.0.0/16", 1, "blackhole"), route("10.12.0.0/16", 1, "unreachable"), route("10.13.0.0/16", 1, "prohibit"),
            route("10.14.0.0/16", 2, gateway="fe80::fe"),
            route("2001:db8:2::1/128", 2, "local"), route("2001:db8:2::/64", 2), route("2001:db8:8::/48", 2, gateway="fe80::fe"),
            route("2001:db8:9::/48", 3, gateway="fe80::9"), route("2001:db8:11::/48", 1, "blackhole"), route("2001:db8:12::/48", 1, "unreachable"),
            route("2001:db8:13::/48", 1, "prohibit"), route("2001:db8:10::/48", 2, gateway="fe80::fe", mtu=1300),
        ],
        "neighbours": [
            {"address": "10.0.2.254", "ifindex": 2, "mac": "02:00:00:00:02:54"}, {"address": "10.0.3.254", "ifindex": 3, "mac": "02:00:00:00:03:54"},
            {"address": "10.0.2.7", "ifindex": 2, "mac": "02:00:00:00:02:07"}, {"address": "fe80::fe", "ifindex": 2, "mac": "02:00:00:00:06:fe"},
            {"address": "2001:db8:2::7", "ifindex": 2, "mac": "02:00:00:00:06:07"}, {"address": "fe80::9", "ifindex": 3, "mac": "02:00:00:00:06:09"},
        ],
    }
    four = [(to, eth(ip(A, to, udp(1, 2), tos=tos, length=28 + size))) for to, size, tos in (
        ("10.8.1.1", 0, 0), ("10.8.9.1", 0, 0x10), ("10.8.9.2", 1400, 0), ("10.9.1.1", 0, 0), ("10.10.1.1", 20, 0), ("10.10.1.2", 73, 0), ("10.11.1.1", 0, 0),
        ("10.12.1.1", 0, 0), ("10.13.1.1", 0, 0), ("10.14.1.1", 0, 0), ("10.0.2.7", 0, 0), ("10.0.2.8", 0, 0), ("10.0.2.1", 0, 0), ("172.16.0.1", 0, 0), ("10.0.2.255", 0, 0))]
    four += [("TTL 1", eth(ip(A, "10.8.1.1", udp(1, 2), ttl=1))), ("TTL 2", eth(ip(A, "10.8.1.1", udp(1, 2), ttl=2))), ("ARP", arp(A, VIP))]
    six = [(to, eth(ip(A6, to, udp(1, 2), tos=8, length=8 + size))) for to, size in (
        ("2001:db8:8::1", 0), ("2001:db8:9::1", 0), ("2001:db8:9::2", 1400), ("2001:db8:10::1", 100), ("2001:db8:10::2", 1260), ("2001:db8:11::1", 0), ("2001:db8:12::1", 0),
        ("2001:db8:13::1", 0), ("2001:db8:2::7", 0), ("2001:db8:2::8", 0), ("2001:db8:2::1", 0), ("2001:db8:99::1", 0))]
    six += [("hop limit 1", eth(ip(A6, "2001:db8:8::1", udp(1, 2), ttl=1)))]
    flags = lambda value: entry(".data", "00000000", hexed("I", value))
    direction = [["ingress_ifindex", "2"]]
    cases = []
    for label, frames in (("IPv4", four), ("IPv6", six)):
        some = frames[:13]
        cases.append(case(label, "route", frames, context=direction))
        for number, what in ((1, "direct"), (2, "output"), (4, "without neighbour"), (16, "with source"), (17, "direct, with source"), (5, "direct, without neighbour")):
            cases.append(case(f"{label}, {what}", "route", some, context=direction, maps=[flags(number)]))
        cases.append(case(f"{label}, unknown flag", "route", some[:1], context=direction, maps=[flags(64)]))
        cases.append(case(f"{label}, on a device that does not forward", "route", some[:3], context=[["ingress_ifindex", "4"]]))
        cases.append(case(f"{label}, output on that device", "route", some[:3], context=[["ingress_ifindex", "4"]], maps=[flags(2)]))
    return network, cases


def socket_steer():
    network = {
        "devices": DEVICES[:2],
        "sockets": [
            {"protocol": "tcp", "local": "0.0.0.0", "localPort": 80, "state": "listen"},
            {"protocol": "tcp", "local": "10.0.2.1", "localPort": 80, "state": "listen", "mark": 5},
            {"protocol": "tcp", "local": "0.0.0.0", "localPort": 3128, "state": "listen"},
            {"protocol": "tcp", "local": "10.0.2.1", "localPort": 8080, "remote": "10.0.2.9", "remotePort": 40000, "state": "established"},
            {"protocol": "tcp", "local": "10.0.2.1", "localPort": 8081, "remote": "10.0.2.9", "remotePort": 40001, "state": "time_wait"},
            {"protocol": "udp", "local": "0.0.0.0", "localPort": 53, "state": "close"},
            {"protocol": "udp", "local": "10.0.2.1", "localPort": 53, "state": "close", "mark": 9},
            {"protocol": "udp", "local": "10.0.2.1", "localPort": 54, "remote": "10.0.2.9", "remotePort": 40000, "state": "established"},
            {"protocol": "tcp", "local": "::", "localPort": 443, "state": "listen"},
            {"protocol": "tcp", "local": "2001:db8:2::1", "localPort": 8443, "state": "listen"},
            {"protocol": "tcp", "local": "2001:db8:2::1", "localPort": 8080, "remote": "2001:db8:2::9", "remotePort": 40000, "state": "established"},
            {"protocol": "udp", "local": "::", "localPort": 123, "state": "close"},
        ],
        "routes": [
            route("10.0.2.1/32", 2, "local"), route("10.0.2.9/32", 2, "local"), route("10.0.2.2/32", 2, "local"), route("2001:db8:2::1/128", 2, "local"), route("2001:db8:2::9/128", 2, "local"),
        ],
        "neighbours": [],
    }
    us, other, them = "10.0.2.1", "10.0.2.2", "10.0.2.9"
    us6, them6 = "2001:db8:2::1", "2001:db8:2::9"
    t = lambda source, sport, to, dport, flags="S": eth(ip(source, to, tcp(sport, dport, flags)))
    u = lambda source, sport, to, dport: eth(ip(source, to, udp(sport, dport, b"x")))
    return network, [
        case("TCP", "steer", [
            ("listener on the address", t(them, 1, us, 80)), ("listener on any address", t(them, 1, other, 80)), ("connection", t(them, 40000, us, 8080, "A")),
            ("connection, another port of the peer", t(them, 40002, us, 8080, "A")), ("last wait", t(them, 40001, us, 8081, "A")), ("proxied", t(them, 1, us, 12345)),
            ("ACK without connection", t(them, 1, us, 80, "A")), ("IPv4 to an IPv6 listener", t(them, 1, us, 443)), ("SYN of the connection", t(them, 40000, us, 8080)),
            ("ICMP", eth(ip(them, us, icmp(8)))), ("IP options", eth(ip(them, us, tcp(1, 80), options=b"\1\1\1\0"))), ("cut", t(them, 1, us, 80)[:36]), ("ARP", arp(them, us)),
        ]),
        case("UDP", "steer", [
            ("bound to the address", u(them, 1, us, 53)), ("bound to any", u(them, 1, other, 53)), ("connected", u(them, 40000, us, 54)), ("connected to another", u(them, 40001, us, 54)),
            ("none", u(them, 1, us, 99)), ("IPv4 to an IPv6 socket", u(them, 1, us, 123)),
        ]),
        case("IPv6", "steer", [
            ("listener on any address", t(them6, 1, us6, 443)), ("listener on the address", t(them6, 1, us6, 8443)), ("listener of another address", t(us6, 1, them6, 8443)),
            ("connection", t(them6, 40000, us6, 8080, "A")), ("UDP", u(them6, 5, us6, 123)), ("UDP to none", u(them6, 5, us6, 53)), ("cut", t(them6, 1, us6, 443)[:56]),
        ]),
    ]


def port_dispatch():
    network = {
        "devices": DEVICES[:2],
        "sockets": [
            {"protocol": "tcp", "local": "0.0.0.0", "localPort": 7000, "state": "listen"},
            {"protocol": "udp", "local": "0.0.0.0", "localPort": 7001, "state": "close"},
            {"protocol": "tcp", "local": "::", "localPort": 7002, "state": "listen"},
            {"protocol": "tcp", "local": "10.0.2.1", "localPort": 7003, "remote": "10.0.2.9", "remotePort": 40000, "state": "established"},
        ],
        "routes": [route("10.0.2.1/32", 2, "local"), route("10.0.2.9/32", 2, "local")],
        "neighbours": [],
    }
    rule = lambda index, protocol, first, last, sock, drop=0: entry("rules", hexed("I", index), hexed("IHHII", protocol, first, last, sock, drop))
    sockets = [entry("sockets", hexed("I", index), hexed("Q", index + 1)) for index in range(4)]
    return network, [
        case("lookups", "dispatch", [
            ("TCP in the range", eth(ip(A, VIP, tcp(1234, 7100)))), ("UDP in the range", eth(ip(A, VIP, udp(1234, 7100)))), ("dropped", eth(ip(A, VIP, tcp(1234, 9000)))),
            ("no rule", eth(ip(A, VIP, tcp(1234, 22)))), ("chosen and taken back", eth(ip(A, VIP, tcp(1234, 7777)))), ("IPv6 to an IPv4 socket", eth(ip(A6, B6, tcp(1234, 7100)))),
            ("IPv6", eth(ip(A6, B6, tcp(1234, 8080)))), ("IPv4 to an IPv6 socket", eth(ip(A, VIP, tcp(1234, 8080)))), ("IPv6 UDP to an IPv4 socket", eth(ip(A6, B6, udp(1234, 7100)))),
        ], maps=[rule(0, 6, 7000, 7999, 0), rule(1, 17, 7000, 7999, 1), rule(2, 6, 9000, 9000, 0, 1), rule(3, 6, 8000, 8999, 2), *sockets]),
        case("sockets that do not fit", "dispatch", [
            ("TCP to a UDP socket", eth(ip(A, VIP, tcp(1234, 5000)))), ("TCP to a connection", eth(ip(A, VIP, tcp(1234, 5001)))), ("UDP to a listener", eth(ip(A, VIP, udp(1234, 5002)))),
            ("no socket", eth(ip(A, VIP, udp(1234, 5003)))),
        ], maps=[rule(0, 6, 5000, 5000, 1), rule(1, 6, 5001, 5001, 3), rule(2, 17, 5002, 5002, 0), rule(3, 17, 5003, 5003, 5), *sockets]),
    ]


# ---------------------------------------------------------------- other hooks

def lwt_mark():
    path = lambda version, device, dscp: entry("paths", hexed("I", version), hexed("IB", device, dscp) + "020000000401" + "020000000402" + "000000")
    frames = [("IPv4", eth(ip(A, VIP, tcp(1, 2), tos=1))), ("IPv6", eth(ip(A6, B6, tcp(1, 2), tos=0xFF, label=0x12345))), ("TTL 1", eth(ip(A, VIP, tcp(1, 2), ttl=1))),
              ("hop limit 1", eth(ip(A6, B6, tcp(1, 2), ttl=1))), ("too large", eth(ip(A, VIP, udp(1, 2, b"x" * 1400)))), ("cut in the ports", eth(ip(A, VIP, tcp(1, 2)))[:36])]
    return [
        case("marked", "mark", frames, maps=[path(4, 0, 46), path(6, 0, 10)]),
        case("to a device", "mark", frames, maps=[path(4, 1, 34), path(6, 1, 63)]),
        case("only IPv4", "mark", frames[:2], maps=[path(4, 1, 0)]),
    ]


def dissector():
    fragment = lambda offset: b"\0" + struct.pack("!HI", offset, 7)
    options = b"\0\1\4\0\0\0\0"
    return [case("flows", "dissect", [
        ("TCP", eth(ip(A, VIP, tcp(1111, 80)))), ("UDP", eth(ip(A, VIP, udp(1111, 53)))), ("ICMP", eth(ip(A, VIP, icmp(8)))),
        ("first fragment", eth(ip(A, VIP, udp(1111, 53), fragment=0x2000))), ("later fragment", eth(ip(A, VIP, udp(1111, 53), fragment=0x2001))), ("last fragment", eth(ip(A, VIP, udp(1111, 53), fragment=9))),
        ("IP options", eth(ip(A, VIP, tcp(1111, 80), options=b"\1" * 12))), ("one tag", eth(ip(A, VIP, tcp(1111, 80)), vlans=[(0x8100, 5)])),
        ("two tags", eth(ip(A6, B6, tcp(1111, 80)), vlans=[(0x88A8, 5), (0x8100, 6)])), ("three tags", eth(ip(A, VIP, tcp(1, 2)), vlans=[(0x8100, 5)] * 3)),
        ("IPv6 with a flow label", eth(ip(A6, B6, udp(1111, 443), label=0xABCDE))), ("IPv6 with extensions", eth(ip(A6, B6, tcp(1, 2), extensions=[(0, options), (60, options)]))),
        ("IPv6 first fragment", eth(ip(A6, B6, udp(1, 2), extensions=[(44, fragment(1))]))), ("IPv6 later fragment", eth(ip(A6, B6, udp(1, 2), extensions=[(44, fragment(9))]))),
        ("IPv4 in IPv4", eth(ip(A, VIP, raw(4, ip("10.0.0.1", "10.0.0.2", tcp(5, 6)))))), ("IPv6 in IPv4", eth(ip(A, VIP, raw(41, ip(A6, B6, udp(5, 6)))))),
        ("ARP", arp(A, VIP)), ("cut in the IP header", eth(ip(A, VIP, tcp(1, 2)))[:30]), ("cut in the ports", eth(ip(A, VIP, tcp(1, 2)))[:36]),
        ("cut in the tag", eth(ip(A, VIP, tcp(1, 2)), vlans=[(0x8100, 5)])[:16]), ("inner header missing", eth(ip(A, VIP, raw(4, b"")))),
    ])]


def nf_guard():
    allow = lambda protocol, port: entry("allowed", hexed("I", protocol << 16 | port), hexed("Q", 0))
    return [case("rules", "guard", [
        ("SSH", eth(ip(A, VIP, tcp(1, 22)))), ("telnet", eth(ip(A, VIP, tcp(1, 23)))), ("DNS", eth(ip(A, VIP, udp(1, 53, dns("a.example"))))), ("ping", eth(ip(A, VIP, icmp(8)))),
        ("SSH over IPv6", eth(ip(A6, B6, tcp(1, 22)))), ("ping over IPv6", eth(ip(A6, B6, icmp6(128)))), ("IP options", eth(ip(A, VIP, tcp(1, 22), options=b"\1\1\1\0"))),
        ("ports that are cut off", eth(ip(A, VIP, tcp(1, 22)))[:36]),
    ], maps=[allow(6, 22), allow(17, 53), allow(1, 0)])]


def edges():
    network = {
        "devices": DEVICES,
        "sockets": [{"protocol": "tcp", "local": "0.0.0.0", "localPort": 80, "state": "listen"}],
        "routes": [
            route("10.0.2.1/32", 2, "local"), route("10.0.2.0/24", 2, source="10.0.2.1"), route("10.8.0.0/16", 2, gateway="10.0.2.254"),
            route("10.8.9.0/24", 3, gateway="10.0.2.253"), route("fe80::/64", 2),
        ],
        "neighbours": [{"address": "10.0.2.254", "ifindex": 2, "mac": "02:00:00:00:02:54"}, {"address": "fe80::fe", "ifindex": 2, "mac": "02:00:00:00:06:fe"}],
    }
    of_64 = ("64 bytes", eth(ip(A, VIP, udp(1, 2, bytes(range(22))))))
    mss = lambda *values: b"".join(struct.pack("!BBH", 2, 4, value) for value in values)
    syn = lambda options, **more: tcp(1111, 80, "S", 1000, options=options.ljust(20, b"\0"), **more)
    six = lambda options: eth(ip(A6, B6, syn(options)))
    return network, [
        case("dynptrs of memory", "memory_dynptrs", [of_64]), case("dynptrs of a ring buffer", "ring_dynptrs", [of_64, of_64]),
        case("dynptrs of a packet in XDP", "xdp_dynptrs", [of_64]), case("dynptrs of a packet in tc", "skb_dynptrs", [of_64]), case("iterators", "iterators", [of_64]),
        case("cookies", "cookies", [
            (name, eth(ip(A, VIP, syn(options)))) for name, options in (
                ("MSS 1460", mss(1460)), ("MSS 1459", mss(1459)), ("MSS 100", mss(100)), ("MSS 0", mss(0)), ("MSS 65535", mss(65535)), ("two of them", mss(1460, 600)),
                ("behind padding", b"\1\1\1" + mss(1400)), ("behind the end", b"\0" + mss(1400)), ("option of length 1", b"\x1e\1" + mss(1400)), ("option that is too long", b"\x1e\x30" + mss(1400)), ("none", b""))
        ]),
        case("cookies of IPv6", "cookies6", [("MSS 1440", six(mss(1440))), ("MSS 1300", six(mss(1300))), ("MSS 10", six(mss(10))), ("none", six(b""))]),
        case("routes", "routes", [of_64]), case("sockets", "sockets", [of_64]), case("cookies of a listener", "listener_cookies", [("SYN", eth(ip("10.0.2.9", "10.0.2.1", tcp(5, 80))))]),
    ]


PROGRAMS = [balancer, vlan_rewrite, icmp_echo, syn_cookie, nat, rate_limit, lpm_firewall, events, pipeline, cgroup_accounting, dns_filter, tunnel,
            sni, quic_balancer, tunnel_key, tc_encap, congestion, scanners, router, socket_steer, port_dispatch, lwt_mark, dissector, nf_guard, edges]


def written(cases, network=None):
    """One packet, map entry, route, ... a line."""

    def field(name, value):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return f'"{name}": [\n' + ",\n".join("   " + json.dumps(row) for row in value) + "\n  ]"
        return f'"{name}": {json.dumps(value)}'

    def table(made):
        return "{\n" + ",\n".join("  " + field(*pair) for pair in made.items()) + "\n }"

    top = [f' "network": {table(network)}'] if network else []
    top.append(' "cases": [' + ", ".join(table(made) for made in cases) + "]")
    return "{\n" + ",\n".join(top) + "\n}\n"


if __name__ == "__main__":
    for program in PROGRAMS:
        made = program()
        with open(os.path.join(HERE, f"{program.__name__}.json"), "w") as file:
            file.write(written(made[1], made[0]) if isinstance(made, tuple) else written(made))
