#!/usr/bin/env bash
# Wireshark 4.0.17 (Debian 12) takes frames of the second section of a pcapng file for frames of the first one's interface.
#
# Guess: interfaces are those of a frame's own section, so files joined with cat tell by which one a frame came.
# Seen:  capinfos counts both frames for eth0 and none for eth1. What editcap and mergecap write has the second frame on eth0 too,
#        and its nanoseconds cut to eth0's microseconds. Is the second section's link type another one (cooked behind
#        Ethernet), editcap ends with "An internal error occurred". Read as it is, the frame's time is right.
# For us: docs/capturing.md: give the files one by one, or the joined one as it is; dsrproof keeps sections apart.
# Source: pcapng draft, section 4.2: an interface's identifier is unique within its section only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=4.0.17-0+deb12u3
apt-get download -q wireshark-common=$version libwiretap13=$version libwsutil14=$version libglib2.0-0 libgnutls30 \
  libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download Wireshark $version" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
tool() {
  local name=$1
  shift
  LD_LIBRARY_PATH=$libraries "root/usr/bin/$name" "$@"
}
cat >sections.py <<'PYTHON'
import struct, sys


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def section(name, link, digits, time, frame):
    header = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack("<HH4s", 2, 4, name) + struct.pack("<HHB3x", 9, 1, digits) + bytes(4)
    packet = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + frame
    return header + block(1, struct.pack("<HHI", link, 0, 65535) + options) + block(6, packet)


def write():
    ethernet = bytes.fromhex("020000000002 020000000001 88b5") + bytes(46)
    cooked = bytes.fromhex("0000 0001 0006 020000000001 0000 88b5") + bytes(46)
    first = section(b"eth0", 1, 6, 1_700_000_000_123_456, ethernet)
    for path, link, frame in (("same.pcapng", 1, ethernet), ("cooked.pcapng", 113, cooked)):
        with open(path, "wb") as file:
            file.write(first + section(b"eth1", link, 9, 1_700_000_001_123_456_789, frame))


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    at, interfaces = 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 0x0A0D0D0A:
            interfaces = []
        if kind == 1:
            name, digits, option = "", 6, at + 16
            while option < at + length - 4:
                code, size = struct.unpack_from("<HH", data, option)
                value = data[option + 4 : option + 4 + size]
                name, digits = (value.decode() if code == 2 else name), (value[0] if code == 9 else digits)
                option += 4 + size + -size % 4
            interfaces.append((name, digits))
        if kind == 6:
            number, high, low = struct.unpack_from("<III", data, at + 8)
            name, digits = interfaces[number]
            seconds, rest = divmod(high << 32 | low, 10**digits)
            print(f"  {name} {seconds}.{rest:0{digits}}")
        at += length


if sys.argv[1:]:
    show(sys.argv[1])
else:
    write()
PYTHON
python3 sections.py
{
  echo "as made:"
  python3 sections.py same.pcapng
  echo "capinfos of it:"
  tool capinfos -S same.pcapng 2>log |
    sed -n '/^Section 1/,$d; s/^ *\(Name\|Number of packets\) = /  /p; s/^Last packet time: */  last /p'
  for program in editcap mergecap; do
    case $program in
      editcap) tool editcap same.pcapng out.pcapng 2>log ;;
      mergecap) tool mergecap -w out.pcapng same.pcapng 2>log ;;
    esac || { cat log >&2; exit 2; }
    echo "$program of it:"
    python3 sections.py out.pcapng
  done
  echo "editcap of a cooked second section:"
  if tool editcap cooked.pcapng out.pcapng 2>log; then echo "  ends with 0"; fi
  sed -n 's/.*\(An internal error occurred\).*/  \1/p' log
} >said
echo "Wireshark 4.0.17"
cat said
diff said - <<'E' || { echo "CHANGED: it says otherwise" >&2; exit 1; }
as made:
  eth0 1700000000.123456
  eth1 1700000001.123456789
capinfos of it:
  last 1700000001.123456789
  eth0
  2
  eth1
  0
editcap of it:
  eth0 1700000000.123456
  eth0 1700000001.123456
mergecap of it:
  eth0 1700000000.123456
  eth0 1700000001.123456
editcap of a cooked second section:
  An internal error occurred
E
echo "PASS: the second section's frames are laid to the first one's interface"
