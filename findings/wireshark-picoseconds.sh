#!/usr/bin/env bash
# Wireshark 4.0.17 (Debian 12) reads times in picoseconds (if_tsresol 12) with a wrong part behind the second.
#
# Guess: digits that do not fit into nanoseconds are cut off: .123456789012 becomes .123456789.
# Seen:  .123456789012 becomes .012776324: the part of a second is multiplied by 1,000,000,000 in 64 bits before it is
#        divided, and overflows from 0.0184 s on. libpcap 1.10.3, scapy 2.8.0 and dsrproof read .123456.
# Source: pcapng draft, section 4.2, if_tsresol. The file is converted by editcap, so that its header cannot excuse it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=4.0.17-0+deb12u3
apt-get download -q wireshark-common=$version libwiretap13=$version libwsutil14=$version libglib2.0-0 libgnutls30 \
  libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download Wireshark $version" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
python3 - <<'PYTHON'
import struct


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


time, frame = 17_000 * 10**12 + 123_456_789_012, bytes(60)
interface = struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HHB3x", 9, 1, 12) + bytes(4)
packet = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
with open("pico.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    file.write(block(1, interface) + block(6, packet))
PYTHON
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) root/usr/bin/editcap -F nsecpcap pico.pcapng nano.pcap 2>log ||
  { cat log >&2; exit 2; }
python3 - <<'PYTHON'
import struct, sys

with open("nano.pcap", "rb") as file:
    time = "%d.%09d" % struct.unpack("<II", file.read()[24:32])
print(f"editcap 4.0.17: 17000.123456789012 became {time}")
if time != "17000.012776324":
    sys.exit("CHANGED: expected 17000.012776324")
print("PASS: picoseconds overflow")
PYTHON
