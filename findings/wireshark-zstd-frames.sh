#!/usr/bin/env bash
# Wireshark 4.0.17 (Debian 12) reads a capture compressed with zstd only if it is one frame that stands at the beginning.
#
# Guess: a .pcap.zst of several frames is read as one, as a .pcap.gz of several members is: RFC 8878, section 3, has the frames
#        follow one another, and `zstd -d` joins them.
# Seen:  of two frames it stops in the middle of the capture, with a packet that is too long; what pzstd writes (its package is
#        zstd) is no capture at all, for it begins with a skippable frame. Of gzip it reads both members.
# For us: dsrproof reads all of them. For Wireshark: `zstd -dc FILE | tshark -r -`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=4.0.17-0+deb12u3
apt-get download -q zstd=1.5.4+dfsg2-5+deb12u1 wireshark-common=$version libwiretap13=$version libwsutil14=$version \
  libglib2.0-0 libgnutls30 libgcrypt20 libpcap0.8 libdbus-1-3 >log 2>&1 ||
  { cat log >&2; echo "cannot download Wireshark $version and zstd" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
env -u LD_LIBRARY_PATH python3 - <<'PYTHON'
import random, struct

random.seed(1)
with open("plain.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for number in range(10_000):
        file.write(struct.pack("<IIII", 1_700_000_000, number, 64, 64) + random.randbytes(64))
PYTHON
zstd=root/usr/bin/zstd
half=$(($(wc -c <plain.pcap) / 2))
head -c $half plain.pcap >first
tail -c +$((half + 1)) plain.pcap >second
$zstd -qc plain.pcap >one.zst
{ $zstd -qc first; $zstd -qc second; } >two.zst
{ gzip -c first; gzip -c second; } >two.gz
root/usr/bin/pzstd -q -p 2 plain.pcap -o pzstd.zst
for file in one.zst two.zst pzstd.zst two.gz; do
  case $file in *.gz) unpack=gzip ;; *) unpack=$zstd ;; esac
  $unpack -dc $file | cmp - plain.pcap || { echo "$file was not made right" >&2; exit 2; }
  root/usr/bin/capinfos -Mc $file >said 2>&1 || true
  echo "$file: $(grep -E 'Number of packets|packet, bigger|capture file' said | tail -n 1 | sed 's/  */ /g')" | tee $file.said
done
changed() { echo "CHANGED: $1" >&2; exit 1; }
for file in one.zst two.gz; do
  grep -q 'Number of packets: 10000' $file.said || changed "$file is not read whole"
done
for file in two.zst pzstd.zst; do
  ! grep -q 'Number of packets: 10000' $file.said || changed "$file is read"
done
grep -q "isn't a capture file" pzstd.zst.said || changed "pzstd's file is taken for a capture"
echo "PASS: one frame of zstd is read, two and pzstd's are not"
