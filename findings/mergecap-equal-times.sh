#!/usr/bin/env bash
# mergecap 4.0.17 (Debian 12) puts frames of the file that is named later first where times are equal.
#
# Guess: of frames with the same time those of the file that is named first come first, as a stable merge has them.
# Seen:  the last file's frames come first, all of them, then those of the one before it. Within a file the order stays.
# For us: of captures at two places times can be equal. A reply may then stand before its request, and frame numbers follow
#        from that. `-r` of dsrproof takes several files as captured.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=4.0.17-0+deb12u3
apt-get download -q wireshark-common=$version libwiretap13=$version libwsutil14=$version libglib2.0-0 libgnutls30 \
  libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download Wireshark $version" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
cat >frames.py <<'PYTHON'
import struct, sys


def write():
    for name in "abc":
        with open(f"{name}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for number, seconds in enumerate((1_700_000_000, 1_700_000_000, 1_700_000_001), 1):
                frame = bytes(12) + b"\x88\xb5" + f"{name}{number}".encode() + bytes(44)
                file.write(struct.pack("<IIII", seconds, 0, len(frame), len(frame)) + frame)


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    at, names = 24, []
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        names.append(data[at + 30 : at + 32].decode())
        at += 16 + length
    print(*names)


if sys.argv[1:]:
    show(sys.argv[1])
else:
    write()
PYTHON
python3 frames.py
for files in 'a.pcap b.pcap' 'b.pcap a.pcap' 'a.pcap b.pcap c.pcap'; do
  # shellcheck disable=SC2086
  LD_LIBRARY_PATH=$libraries root/usr/bin/mergecap -F pcap -w out.pcap $files 2>log || { cat log >&2; exit 2; }
  echo "$files: $(python3 frames.py out.pcap)"
done >said
echo "mergecap 4.0.17, times 0, 0 and 1 second in each file:"
cat said
diff said - <<'E' || { echo "CHANGED: mergecap wrote another order" >&2; exit 1; }
a.pcap b.pcap: b1 b2 a1 a2 b3 a3
b.pcap a.pcap: a1 a2 b1 b2 a3 b3
a.pcap b.pcap c.pcap: c1 c2 b1 b2 a1 a2 c3 b3 a3
E
echo "PASS: at equal times the later file comes first"
