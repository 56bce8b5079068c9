#!/usr/bin/env bash
# scapy 2.8.0 (PyPI) reads the second section of a pcapng file with the interfaces of the first.
#
# Guess: a section header starts a new list of interfaces, so files joined with cat keep their times.
# Seen:  interface 0 of the second section is taken for that of the first: with nanoseconds behind microseconds the time
#        of its frame is a thousandfold. libpcap 1.10.3, Wireshark 4.0.17 and dsrproof read both right.
# Source: pcapng draft, section 4.2: an interface's identifier is unique within its section only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$folder/packages" \
  scapy==2.8.0 || { echo "cannot install scapy" >&2; exit 2; }
cd "$folder"
export HOME=$folder XDG_CACHE_HOME=$folder XDG_CONFIG_HOME=$folder
PYTHONPATH=packages python3 - <<'PYTHON'
import logging, struct, sys

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.utils import PcapNgReader


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def section(digits, time):
    interface = struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HHB3x", 9, 1, digits) + bytes(4)
    packet = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, 60, 60) + bytes(60)
    header = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    return header + block(1, interface) + block(6, packet)


with open("joined.pcapng", "wb") as file:
    file.write(section(6, 1_700_000_000 * 10**6) + section(9, 1_700_000_001 * 10**9))
with PcapNgReader("joined.pcapng") as reader:
    times = [int(packet.time) for packet in reader]
print(f"scapy 2.8.0: {times}")
if times != [1_700_000_000, 1_700_000_001_000]:
    sys.exit("CHANGED: expected [1700000000, 1700000001000]")
print("PASS: the second section has the first one's resolution")
PYTHON
