#!/usr/bin/env bash
# tcprewrite 4.4.3 (tcpreplay of Debian 12) writes multicast MACs over both MACs of IPv6 packets that go to one station.
#
# Guess: it leaves MACs alone unless an option names new ones, and `--enet-dmac` sets the one that it names, with IPv6 as with IPv4.
# Seen:  of an IPv6 packet both MACs become 33:33 and four bytes of the address, whatever the option: with none, with --ttl,
#        and in place of the MAC of `--enet-dmac`. IPv4 and IPv6 with a fragment header keep theirs. It ends with 0.
# For us: who sent a reply can no longer be told. docs/capturing.md warns of it.
# Source: appneta/tcpreplay, issue 817; pull request 793 corrects it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q tcpreplay=4.4.3-1 libopts25 libdumbnet1 libpcap0.8 libdbus-1-3 >log 2>&1 ||
  { cat log >&2; echo "cannot download tcpreplay" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
python3 - <<'PYTHON'
import struct


def total(data):
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


def tcp(ends):
    segment = struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0)
    return segment[:16] + struct.pack("!H", total(ends + struct.pack("!II", len(segment), 6) + segment)) + segment[18:]


client, vip = bytes.fromhex("20010db8000000000000000000000001"), bytes.fromhex("20010db8000000000000000000000010")
old = bytes([192, 0, 2, 1, 192, 0, 2, 10])
head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + old
segment = tcp(client + vip)
packets = {
    "v4": "0800" + (head[:10] + struct.pack("!H", total(head)) + head[12:] + tcp(old)).hex(),
    "v6": "86dd" + (struct.pack("!IHBB", 6 << 28, 20, 6, 64) + client + vip + segment).hex(),
    "fragment": "86dd"
    + (struct.pack("!IHBB", 6 << 28, 28, 44, 64) + client + vip + struct.pack("!BBHI", 6, 0, 0, 1) + segment).hex(),
}
for name, packet in packets.items():
    frame = bytes.fromhex("020000000002 020000000001" + packet)
    with open(f"{name}.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        file.write(struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame)
PYTHON
mac() { od -An -tx1 -j "$1" -N 6 out.pcap | tr -d ' '; }
for name in v4 v6 fragment; do
  for option in '' --ttl=9 --enet-dmac=02:00:00:00:00:99; do
    LD_LIBRARY_PATH=$libraries root/usr/bin/tcprewrite -i $name.pcap -o out.pcap ${option:+"$option"} >log 2>&1 ||
      { cat log >&2; exit 2; }
    echo "$name ${option:-none} to $(mac 40) from $(mac 46)"
  done
done >said
echo "tcprewrite 4.4.3, frames to 020000000002 from 020000000001:"
cat said
diff said - <<'E' || { echo "CHANGED: tcprewrite wrote otherwise" >&2; exit 1; }
v4 none to 020000000002 from 020000000001
v4 --ttl=9 to 020000000002 from 020000000001
v4 --enet-dmac=02:00:00:00:00:99 to 020000000099 from 020000000001
v6 none to 333300000010 from 333300000001
v6 --ttl=9 to 333300000010 from 333300000001
v6 --enet-dmac=02:00:00:00:00:99 to 333300000010 from 333300000001
fragment none to 020000000002 from 020000000001
fragment --ttl=9 to 020000000002 from 020000000001
fragment --enet-dmac=02:00:00:00:00:99 to 020000000099 from 020000000001
E
echo "PASS: multicast MACs stand in place of both MACs of IPv6"
