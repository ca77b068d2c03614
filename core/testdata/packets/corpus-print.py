"""Prints the packet on standard input (hex) as Python, scapy and languages with the same syntax do: a JSON list of [tool, text]."""
import base64, binascii, io, json, sys
from array import array
from contextlib import redirect_stdout

data = bytes.fromhex(sys.stdin.read())
out = []

def add(tool, text):
    out.append([tool, text])

add('python repr(bytes)', repr(data))
add('python print list', str(list(data)))
add('python bytearray', repr(bytearray(data)))
add('python array', repr(array('B', data)))
add('python hexlify', repr(binascii.hexlify(data)))
add('python hex()', data.hex())
add('python hex(":")', data.hex(':'))
add('python hex(" ", 2)', data.hex(' ', 2))
add('python hex list', str([hex(b) for b in data]))
add('python b64encode', repr(base64.b64encode(data)))
add('python encodebytes', base64.encodebytes(data).decode())
add('python fromhex', 'pkt = bytes.fromhex("%s")' % data.hex())
add('python json hex', json.dumps({'time': 1, 'packet': data.hex()}))
add('python json base64', json.dumps({'time': '2026-01-02T03:04:05', 'packet': base64.b64encode(data).decode()}))
add('python json list', json.dumps({'packet': list(data)}))
add('python latin-1 json', json.dumps(data.decode('latin-1')))
add('python \\x string', '"%s"' % ''.join('\\x%02x' % b for b in data))
add('python binary', ' '.join(format(b, '08b') for b in data))
add('java list', str([b - 256 if b > 127 else b for b in data]))
add('go %v', '[%s]' % ' '.join(str(b) for b in data))
add('go % x', ' '.join('%02x' % b for b in data))
add('rust {:?}', '[%s]' % ', '.join(str(b) for b in data))
add('rust {:02x?}', '[%s]' % ', '.join('%02x' % b for b in data))
add('erlang', '<<%s>>' % ','.join(str(b) for b in data))
add('c array', 'static const unsigned char pkt[%d] = {\n%s\n};' % (len(data), '\n'.join('  ' + ' '.join('0x%02x,' % b for b in data[i:i + 12]) for i in range(0, len(data), 12))))
add('kotlin', 'val p = byteArrayOf(%s)' % ', '.join('0x%02x%s' % (b, '.toByte()' if b > 127 else '') for b in data))
add('nasm', '\n'.join('db ' + ', '.join('0x%02x' % b for b in data[i:i + 16]) for i in range(0, len(data), 16)))
add('gas', '\n'.join('\t.byte ' + ','.join('0x%x' % b for b in data[i:i + 8]) for i in range(0, len(data), 8)))

def ascii(row):
    return ''.join(chr(b) if 32 <= b < 127 else '.' for b in row)

def rows(size=16):
    return [(i, data[i:i + size]) for i in range(0, len(data), size)]

add('kernel print_hex_dump offset', '\n'.join('[ 1234.%06d] pkt: %08x: %-47s  %s' % (i, i, row.hex(' '), ascii(row)) for i, row in rows()))
add('kernel print_hex_dump address', '\n'.join('pkt: %016x: %s' % (0xffff888003a1c000 + i, row.hex(' ')) for i, row in rows()))
add('kernel print_hex_dump none', '\n'.join('pkt: %s' % row.hex(' ') for i, row in rows()))
add('kernel skb_dump', 'skb len=%d headroom=78 headlen=%d tailroom=0\n' % (len(data), len(data)) + '\n'.join('skb linear:   %08x: %s' % (i, row.hex(' ')) for i, row in rows()))
add('kernel groupsize 4', '\n'.join('%08x: %s' % (i, ' '.join(row[k:k + 4][::-1].hex() for k in range(0, len(row), 4))) for i, row in rows()))
add('ovs hex dump', '\n'.join('%08x  %s |%s|' % (i, '-'.join(row[k:k + 8].hex(' ') for k in range(0, len(row), 8)).ljust(47), ascii(row)) for i, row in rows()))
add('bpftool hex_print', '\n'.join('%07x\t%s| %s' % (i, ''.join(row[k:k + 2].hex() + ' ' for k in range(0, len(row), 2)).ljust(40), ' '.join(ascii(row[k:k + 8]) for k in range(0, len(row), 8))) for i, row in rows()))
add('u-boot md.b', '\n'.join('%08x: %-47s    %s' % (0x82000000 + i, row.hex(' '), ascii(row)) for i, row in rows()))
add('FortiGate', '1.234567 port1 in 10.0.0.2.1 -> 10.0.0.3.2: udp 5\n' + '\n'.join('0x%04x \t %-39s\t%s' % (i, ' '.join(row[k:k + 2].hex() for k in range(0, len(row), 2)), ascii(row)) for i, row in rows()))
add('esp-idf', '\n'.join('I (195) eth: 0x%08x   %-48s  |%s|' % (0x3ffb4280 + i, '  '.join(row[k:k + 8].hex(' ') for k in range(0, len(row), 8)), ascii(row)) for i, row in rows()))
add('lspci', '\n'.join('%02x: %s' % (i, row.hex(' ')) for i, row in rows()))
add('Format-Hex', '           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\n' + '\n'.join('%016X %-47s %s' % (i, row.hex(' ').upper(), ascii(row)) for i, row in rows()))
add('certutil', '\n'.join('%04x\t%-49s  %s' % (i, '  '.join(row[k:k + 8].hex(' ') for k in range(0, len(row), 8)), ascii(row)) for i, row in rows()))
add('windbg db', '\n'.join('00000000`%08x  %-47s  %s' % (0x12340000 + i, '-'.join(row[k:k + 8].hex(' ') for k in range(0, len(row), 8)), ascii(row)) for i, row in rows()))
add('openssl', '\n'.join('%04x - %-48s  %s' % (i, '-'.join(row[k:k + 8].hex(' ') for k in range(0, len(row), 8)), ascii(row)) for i, row in rows()))

try:
    from scapy.all import Ether, bytes_hex, chexdump, hexdump, linehexdump, raw
    from scapy.utils import hexstr
    packet = Ether(data)
    add('scapy hexdump', hexdump(data, dump=True))
    add('scapy chexdump', chexdump(data, dump=True))
    add('scapy linehexdump', linehexdump(data, onlyhex=1, dump=True))
    add('scapy hexstr', hexstr(data, onlyhex=1))
    add('scapy bytes_hex', repr(bytes_hex(data)))
    add('scapy raw', repr(raw(packet)))
except ImportError:
    pass
print(json.dumps(out))
