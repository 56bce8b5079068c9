#!/usr/bin/env bash
# dpkt 1.9.8 (PyPI) reads the times of every interface of a pcapng file by the resolution of the first, and skips simple packets.
#
# Guess: pcapng.Reader reads each frame by its own interface, and gives a Simple Packet Block as a frame without a time.
# Seen:  of two captures that mergecap joined, one in microseconds and one in nanoseconds, frames of the second get times a
#        thousandfold too late. Of a file of Simple Packet Blocks it gives no frame, and no error.
# Source: pcapng draft, section 4.2, if_tsresol: "resolution of timestamps" of that interface; section 4.4, Simple Packet Block.
# For us: dsrproof and Wireshark read both; numbers of frames and times from dpkt may be others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target packages dpkt==1.9.8 ||
  { echo "cannot install dpkt" >&2; exit 2; }
version=4.0.17-0+deb12u3
apt-get download -q wireshark-common=$version libwiretap13=$version libwsutil14=$version libglib2.0-0 libgnutls30 \
  libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download Wireshark $version" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
python3 - <<'PYTHON'
import struct


def block(kind, body):
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


frame, second = bytes(60), 1_700_000_000
for name, magic in (("micro", 0xA1B2C3D4), ("nano", 0xA1B23C4D)):
    with open(f"{name}.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, 1))
        file.write(struct.pack("<IIII", second, 0, len(frame), len(frame)) + frame)
with open("simple.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    file.write(block(1, struct.pack("<HHI", 1, 0, 262144)) + 2 * block(3, struct.pack("<I", len(frame)) + frame))
PYTHON
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu) root/usr/bin/mergecap -a -w joined.pcapng micro.pcap nano.pcap
PYTHONPATH=packages python3 - <<'PYTHON'
import sys
import dpkt


def times(name):
    with open(name, "rb") as file:
        return [time for time, _ in dpkt.pcapng.Reader(file)]


joined, simple = times("joined.pcapng"), times("simple.pcapng")
print(f"dpkt {dpkt.__version__}: times of joined.pcapng {joined}, of the two frames in simple.pcapng {simple}")
if joined != [1_700_000_000.0, 1_700_000_000_000.0]:
    sys.exit("CHANGED: expected the time of the second interface a thousandfold")
if simple:
    sys.exit("CHANGED: simple packets are read")
print("PASS: the second interface is read by the first one's resolution, and simple packets are skipped")
PYTHON
