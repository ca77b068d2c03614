"""Frames from their headers, for cases.py: lengths and checksums are worked out unless they are given."""
import ipaddress
import struct

HOST = "02:00:00:00:00:01"
PEER = "02:00:00:00:00:99"
PROTOCOL = {"icmp": 1, "ipip": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "icmp6": 58}


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Layer:
    """A transport header with what it carries; it gets its checksum from the IP header around it."""

    def __init__(self, protocol, before, check, after, tail=b"", optional=False):
        self.protocol, self.parts, self.check, self.optional = protocol, (before, after + tail), check, optional

    def bytes(self, pseudo):
        before, after = self.parts
        check = self.check
        if check is None:
            check = checksum((pseudo if self.protocol != 1 else b"") + before + b"\0\0" + after)
            check = 0xFFFF if self.optional and check == 0 else check
        return before + struct.pack("!H", check) + after


def tcp(source, destination, flags="S", seq=1, ack=0, data=b"", options=b"", window=64240, check=None):
    bits = sum({"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}[flag] for flag in flags)
    options += b"\0" * (-len(options) % 4)
    head = struct.pack("!HHIIBBH", source, destination, seq, ack, (5 + len(options) // 4) << 4, bits, window)
    return Layer(PROTOCOL["tcp"], head, check, b"\0\0", options + data)


def udp(source, destination, data=b"", check=None, length=None):
    return Layer(PROTOCOL["udp"], struct.pack("!HHH", source, destination, 8 + len(data) if length is None else length), check, b"", data, True)


def icmp(kind, code=0, rest=b"\x12\x34\0\1", data=b"abcdefgh", check=None):
    return Layer(PROTOCOL["icmp"], bytes([kind, code]), check, rest, data)


def icmp6(kind, code=0, rest=b"\x12\x34\0\1", data=b"abcdefgh", check=None):
    return Layer(PROTOCOL["icmp6"], bytes([kind, code]), check, rest, data)


def raw(protocol, data=b""):
    """Bytes behind an IP header as they are."""
    layer = Layer(protocol, b"", 0, b"")
    layer.bytes = lambda _pseudo: data
    return layer


def ip(source, destination, inner, ttl=64, tos=0, label=0, ident=1, fragment=0, options=b"", length=None, extensions=()):
    """IPv4 or IPv6, as the addresses are; extensions: (number, bytes) of IPv6."""
    src, dst = address(source), address(destination)
    if len(src) == 4:
        payload = inner.bytes(src + dst + struct.pack("!HH", inner.protocol, len(inner.bytes(b""))))
        size = 20 + len(options) + len(payload)
        head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, tos, size if length is None else length, ident, fragment, ttl, inner.protocol, 0)
        head += src + dst + options
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload
    payload = inner.bytes(src + dst + struct.pack("!II", len(inner.bytes(b"")), inner.protocol))
    following = inner.protocol
    for number, data in reversed(extensions):
        payload = bytes([following]) + data + payload
        following = number
    size = len(payload) if length is None else length
    return struct.pack("!IHBB", 6 << 28 | tos << 20 | label, size, following, ttl) + src + dst + payload


def eth(packet, destination=HOST, source=PEER, kind=None, vlans=()):
    """An Ethernet frame; vlans: (EtherType of the tag, its TCI), outermost first."""
    if kind is None:
        kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tags = b"".join(struct.pack("!HH", tag, tci) for tag, tci in vlans)
    return mac(destination) + mac(source) + tags + struct.pack("!H", kind) + packet


def arp(sender, target):
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac(PEER) + address(sender) + b"\0" * 6 + address(target)
    return eth(body, destination="ff:ff:ff:ff:ff:ff", kind=0x0806)


def dns(name, kind=1, ident=0x1234, flags=0x0100, questions=1, tail=b""):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) if name else b""
    return struct.pack("!HHHHHH", ident, flags, questions, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1) + tail


def client_hello(name, cut=0, extra=b""):
    """A TLS record with a ClientHello; `name` None: without the server_name extension."""
    extensions = struct.pack("!HHB", 0xFF01, 1, 0) + extra
    if name is not None:
        text = name.encode()
        extensions += struct.pack("!HHHBH", 0, len(text) + 5, len(text) + 3, 0, len(text)) + text
    extensions += struct.pack("!HHHH", 10, 4, 2, 29)
    body = b"\3\3" + bytes(range(32)) + b"\4abcd" + struct.pack("!HHH", 4, 0x1301, 0x1302) + b"\1\0"
    body += struct.pack("!H", len(extensions)) + extensions
    record = b"\1" + len(body).to_bytes(3, "big") + body
    whole = b"\x16\3\1" + struct.pack("!H", len(record)) + record
    return whole[: len(whole) - cut]
