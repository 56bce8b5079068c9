#!/usr/bin/env bash
# nfstream 6.6.0 (PyPI) takes packets in IP in IP for packets without a tunnel, also with decode_tunnels=False.
#
# Guess: decode_tunnels=True (so by itself) gives the flow inside of IP in IP, GRE, VXLAN and Geneve, False the tunnel's own.
# Seen:  the setting changes neither. IP in IP is always opened, and adds to the flow outside of it: a SYN that a mirror saw on
#        its way to the balancer, and from there in the tunnel, counts as two packets of one flow, with the MACs of the first.
#        GRE, VXLAN and Geneve are never opened.
# For us: a leg in a tunnel cannot be told from one without by nfstream's flows; dsrproof keeps each link apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check nfstream==6.6.0 >log 2>&1 || { cat log >&2; echo "cannot install nfstream" >&2; exit 2; }
cat >flows.py <<'P'
import struct, sys
from nfstream import NFStreamer

CLIENT, BALANCER, BACKEND = (bytes([2, 0, 0, 0, 0, number]) for number in (1, 2, 3))


def ethernet(source, destination, packet):
    return destination + source + b"\x08\x00" + packet


def ip(source, destination, protocol, payload):
    ends = bytes([192, 0, 2, source, 192, 0, 2, destination])
    fields = [0x4500, 20 + len(payload), 1, 0, 64 << 8 | protocol, *struct.unpack("!4H", ends)]
    total = sum(fields)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!5HH4H", *fields[:5], ~total & 0xFFFF, *fields[5:]) + payload


def udp(port, payload):
    return struct.pack("!HHHH", 5000, port, 8 + len(payload), 0) + payload


def main():
    request = ip(1, 10, 6, struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0))
    inner = ethernet(CLIENT, BALANCER, request)
    tunnels = {
        "ipip": (4, request),
        "gre": (47, struct.pack("!HH", 0, 0x0800) + request),
        "vxlan": (17, udp(4789, struct.pack("!II", 8 << 24, 7 << 8) + inner)),
        "geneve": (17, udp(6081, struct.pack("!BBHI", 0, 0, 0x6558, 7 << 8) + inner)),
    }
    for name, (protocol, payload) in tunnels.items():
        with open(f"{name}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for number, frame in enumerate((inner, ethernet(BALANCER, BACKEND, ip(2, 21, protocol, payload)))):
                file.write(struct.pack("<IIII", 1_700_000_000, number, len(frame), len(frame)) + frame)
        for decodes in (True, False):
            streamer = NFStreamer(source=f"{name}.pcap", decode_tunnels=decodes, n_meters=1)
            flows = sorted((flow.src_ip, flow.dst_ip, flow.protocol, flow.src_mac[-2:], flow.bidirectional_packets) for flow in streamer)
            print(name, decodes, *flows)


if __name__ == "__main__":
    main()
P
timeout 120 venv/bin/python3 flows.py >said 2>log || { cat log >&2; exit 2; }
cat said
diff said - <<'P' || { echo "CHANGED: nfstream 6.6.0 said otherwise" >&2; exit 1; }
ipip True ('192.0.2.1', '192.0.2.10', 6, '01', 2)
ipip False ('192.0.2.1', '192.0.2.10', 6, '01', 2)
gre True ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 47, '02', 1)
gre False ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 47, '02', 1)
vxlan True ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 17, '02', 1)
vxlan False ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 17, '02', 1)
geneve True ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 17, '02', 1)
geneve False ('192.0.2.1', '192.0.2.10', 6, '01', 1) ('192.0.2.2', '192.0.2.21', 17, '02', 1)
P
echo "PASS: IP in IP is always opened, the others never"
