#!/usr/bin/env bash
# tcprewrite 4.4.3 (tcpreplay of Debian 12) makes the padding of short Ethernet frames a part of the IPv4 packet.
#
# Guess: without an option it writes what it read, and `--enet-dmac` or `--ttl` change that field and its checksum alone.
# Seen:  a SYN or ACK of 40 bytes, padded to 60 as it comes from a cable, gets a total length of 46 and new checksums: 6 bytes of data
#        that were never sent, whatever the option, with none too. tcpdump shows `seq 0:6`, checksum correct. It ends with 0.
# For us: MACs and addresses stay as they were; how many bytes a connection carried does not.
# Source: appneta/tcpreplay, issues 844 and 845: since 4.4.1; pull request 846 makes it an option.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q tcpreplay=4.4.3-1 libopts25 libdumbnet1 libpcap0.8 libdbus-1-3 >log 2>&1 ||
  { cat log >&2; echo "cannot download tcpreplay" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
cat >frames.py <<'PYTHON'
import struct, sys


def total(data):
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


def write():
    ends = bytes([192, 0, 2, 1, 192, 0, 2, 10])
    head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + ends
    segment = struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0)
    segment = segment[:16] + struct.pack("!H", total(ends + struct.pack("!HH", 6, 20) + segment)) + segment[18:]
    packet = head[:10] + struct.pack("!H", total(head)) + head[12:] + segment
    for name, padding in (("bare", b""), ("padded", bytes(6))):
        frame = bytes.fromhex("020000000002 020000000001 0800") + packet + padding
        with open(f"{name}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            file.write(struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame)


def show(path):
    with open(path, "rb") as file:
        packet = file.read()[24 + 16 + 14 :]
    length = struct.unpack_from("!H", packet, 2)[0]
    segment = packet[20:length]
    pseudo = packet[12:20] + struct.pack("!HH", 6, len(segment))
    right = total(packet[:20]) == 0 and total(pseudo + segment) == 0
    print(f"length {length}, data {len(segment) - 20}, checksums {'right' if right else 'wrong'}")


if sys.argv[1:]:
    show(sys.argv[1])
else:
    write()
PYTHON
python3 frames.py
for name in bare padded; do
  echo "$name as made: $(python3 frames.py $name.pcap)"
  for option in '' --ttl=9 --enet-dmac=02:00:00:00:00:99; do
    LD_LIBRARY_PATH=$libraries root/usr/bin/tcprewrite -i $name.pcap -o out.pcap ${option:+"$option"} >log 2>&1 ||
      { cat log >&2; exit 2; }
    echo "$name ${option:-none}: $(python3 frames.py out.pcap)"
  done
done >said
echo "tcprewrite 4.4.3:"
cat said
diff said - <<'E' || { echo "CHANGED: tcprewrite wrote otherwise" >&2; exit 1; }
bare as made: length 40, data 0, checksums right
bare none: length 40, data 0, checksums right
bare --ttl=9: length 40, data 0, checksums right
bare --enet-dmac=02:00:00:00:00:99: length 40, data 0, checksums right
padded as made: length 40, data 0, checksums right
padded none: length 46, data 6, checksums right
padded --ttl=9: length 46, data 6, checksums right
padded --enet-dmac=02:00:00:00:00:99: length 46, data 6, checksums right
E
echo "PASS: padding becomes data of the packet"
