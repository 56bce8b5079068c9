#!/usr/bin/env bash
# pcapfix 1.1.7 (Debian 12) "corrects" a good capture of Linux cooked v2 (`tcpdump -i any`), and makes it Ethernet.
#
# Guess: a file that libpcap wrote has nothing to fix.
# Seen:  link type 276 counts as corrupt and is overwritten with 1: what follows is read as MAC addresses that never
#        were.
# Source: LINKTYPE_LINUX_SLL2 in the list of link types of tcpdump.org.
# For us: repair captures only that are torn; dsrproof reads a torn file up to the tear.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q pcapfix=1.1.7-2 >log 2>&1 || { cat log >&2; echo "cannot download pcapfix" >&2; exit 2; }
dpkg-deb -x pcapfix_*.deb root
python3 - <<'PYTHON'
import struct

packet = struct.pack("!BBHHHBBH4s4s", 69, 0, 40, 0, 0, 64, 6, 0, bytes([192, 0, 2, 1]), bytes([198, 51, 100, 10]))
packet += struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0)
frame = struct.pack("!HHIHBB8s", 0x0800, 0, 2, 1, 0, 6, bytes([2, 0, 0, 0, 0, 10, 0, 0])) + packet
with open("any.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 276))
    for second in range(2):
        file.write(struct.pack("<IIII", 1_700_000_000 + second, 0, len(frame), len(frame)) + frame)
PYTHON
cp any.pcap copy.pcap
root/usr/bin/pcapfix -o fixed.pcap copy.pcap >log 2>&1 || true
python3 - <<'PYTHON'
import struct, sys

before, after = (open(path, "rb").read() for path in ("any.pcap", "fixed.pcap"))
kinds = [struct.unpack_from("<I", data, 20)[0] for data in (before, after)]
print(f"pcapfix 1.1.7: link type {kinds[0]} became {kinds[1]}, the frames are {'the same' if before[24:] == after[24:] else 'others'}")
if kinds != [276, 1] or before[24:] != after[24:]:
    sys.exit("CHANGED: expected 276 to become 1, with the same frames")
print("PASS: a good file was changed")
PYTHON
