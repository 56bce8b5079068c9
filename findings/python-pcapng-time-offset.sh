#!/usr/bin/env bash
# python-pcapng 2.1.1 (PyPI) reads if_tsoffset and does not add it to the times of frames.
#
# Guess: `timestamp` of a packet is an instant, so the offset of its interface is in it.
# Seen:  the option is there, and the time is short by it: 5 s after 1970 in place of 2023.
# Source: pcapng draft, section 4.2, if_tsoffset: "must be added to the timestamp of each packet to obtain the absolute
#         timestamp". libpcap, Wireshark, dpkt and dsrproof add it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$folder/packages" \
  python-pcapng==2.1.1 six==1.17.0 || { echo "cannot install python-pcapng" >&2; exit 2; }
cd "$folder"
PYTHONPATH=packages python3 - <<'PYTHON'
import struct, sys
from pcapng import FileScanner


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


offset, frame = 1_700_000_000, bytes(60)
interface = struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HHq", 14, 8, offset) + bytes(4)
packet = struct.pack("<IIIII", 0, 0, 5_000_000, len(frame), len(frame)) + frame
with open("offset.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    file.write(block(1, interface) + block(6, packet))

with open("offset.pcapng", "rb") as file:
    blocks = {type(found).__name__: found for found in FileScanner(file)}
option = blocks["InterfaceDescription"].options["if_tsoffset"]
time = blocks["EnhancedPacket"].timestamp
print(f"python-pcapng 2.1.1: if_tsoffset {option}, time of the frame {time}")
if (option, time) != (offset, 5.0):
    sys.exit("CHANGED: expected an offset of 1700000000 that the time 5.0 lacks")
print("PASS: the offset is read and not added")
PYTHON
