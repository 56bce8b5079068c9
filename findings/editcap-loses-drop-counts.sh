#!/usr/bin/env bash
# editcap and mergecap 4.0.17 (Debian 12) write pcapng without the interface statistics of the file that they read.
#
# Guess: pcapng to pcapng keeps the interface statistics block, for it belongs to the interface, and interfaces are kept.
# Seen:  the block is gone: that 77 frames were dropped can be read no more. The count of a single frame
#        (epb_dropcount) stays.
# For us: a capture that was cut or merged says nothing of its losses: docs/capturing.md.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=4.0.17-0+deb12u3
apt-get download -q wireshark-common=$version libwiretap13=$version libwsutil14=$version libglib2.0-0 libgnutls30 \
  libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download Wireshark $version" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
cat >pcapng.py <<'PYTHON'
import struct, sys


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def write(path):
    time, frame = 1_700_000_000_000_000, bytes(60)
    packet = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
    packet += option(4, struct.pack("<Q", 9)) + bytes(4)
    statistics = struct.pack("<III", 0, time >> 32, time & 0xFFFFFFFF)
    statistics += option(4, struct.pack("<Q", 1000)) + option(5, struct.pack("<Q", 77)) + bytes(4)
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", 1, 0, 65535)) + block(6, packet) + block(5, statistics))


def kinds(path):
    with open(path, "rb") as file:
        data = file.read()
    offset, found = 0, []
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        found.append((kind, option(4, struct.pack("<Q", 9)) in data[offset : offset + length]))
        offset += length
    return found


if sys.argv[1:2] == ["write"]:
    write("counted.pcapng")
else:
    before = kinds("counted.pcapng")
    if (5, False) not in before or (6, True) not in before:
        sys.exit("the input is not what it should be")
    for tool, path in (("editcap", "edited.pcapng"), ("mergecap", "merged.pcapng")):
        after = kinds(path)
        print(f"{tool} 4.0.17: blocks {[kind for kind, _ in after]}")
        if any(kind == 5 for kind, _ in after) or (6, True) not in after:
            sys.exit("CHANGED: expected no interface statistics (5), and the count of the frame")
    print("PASS: the interface statistics are gone, the count of the frame stays")
PYTHON
python3 pcapng.py write
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu)
root/usr/bin/editcap -F pcapng counted.pcapng edited.pcapng 2>log || { cat log >&2; exit 2; }
root/usr/bin/mergecap -F pcapng -w merged.pcapng counted.pcapng 2>log || { cat log >&2; exit 2; }
unset LD_LIBRARY_PATH
python3 pcapng.py
