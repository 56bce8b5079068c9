#!/usr/bin/env bash
# argus 3.0.8.2 (Debian 12) marks flows whose frames bear more than one pair of MACs, the rule of thumb for DSR.
#
# Guess: no flow tool compares the MACs of both halves; each keeps those of the first packet and says no more.
# Seen:  with -m, ra shows the flag M for a reply from another MAC than the request went to. It shows M too where the replies
#        go back through the balancer and a mirror port saw both legs. Without -m, never.
# For us: an archive of argus finds flows worth a capture; M alone proves nothing, and on a mirror good and bad look the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q argus-server=2:3.0.8.2-2.2 argus-client=1:3.0.8.2-6.1+b3 libpcap0.8 libwrap0 libnsl2 libtirpc3 \
  libdbus-1-3 libgeoip1 >log 2>&1 || { cat log >&2; echo "cannot download argus" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
python3 - <<'PYTHON'
import struct

CLIENT, BALANCER, BACKEND = (bytes([2, 0, 0, 0, 0, number]) for number in (1, 2, 3))
USER, VIP = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 10])


def frame(source, destination, is_reply, flags, ttl=64):
    ends = (VIP, USER, 80, 40000) if is_reply else (USER, VIP, 40000, 80)
    tcp = struct.pack("!HHIIBBHHH", ends[2], ends[3], 1, 1, 0x50, flags, 1024, 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 69, 0, 20 + len(tcp), 0, 0, ttl, 6, 0, *ends[:2])
    return destination + source + b"\x08\x00" + ip + tcp


def write(name, frames):
    with open(f"{name}.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack("<IIII", 1_700_000_000, number * 1000, len(data), len(data)) + data)


SYN, SYN_ACK, ACK = 2, 18, 16
exchange = ((False, SYN), (True, SYN_ACK), (False, ACK))
# At the client: the reply comes from the backend, or from the balancer that the request went to.
write("direct", [frame(BACKEND, CLIENT, True, f) if r else frame(CLIENT, BALANCER, False, f) for r, f in exchange])
write("back", [frame(BALANCER, CLIENT, True, f) if r else frame(CLIENT, BALANCER, False, f) for r, f in exchange])
# On a mirror port: both legs of both halves.
legs = []
for is_reply, flags in exchange:
    ends = (BACKEND, CLIENT) if is_reply else (CLIENT, BACKEND)
    legs += [frame(ends[0], BALANCER, is_reply, flags), frame(BALANCER, ends[1], is_reply, flags, 63)]
write("mirror", legs)
PYTHON
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
changed() { echo "CHANGED: $1" >&2; exit 1; }
# The flags of the only flow of a capture.
flags() {
  root/usr/sbin/argus -F /dev/null "${@:2}" -r "$1.pcap" -w "$1.out"
  root/usr/bin/ra -F /dev/null -nn -r "$1.out" -s flgs:9 >shown
  rm "$1.out"
  tail -n +2 shown
}
for name in direct back mirror; do
  with=$(flags "$name" -m)
  without=$(flags "$name")
  echo "$name: with -m [$with], without [$without]"
  case $without in *M*) changed "$name is marked without -m" ;; esac
  case $name:$with in
    back:*M*) changed "a reply by the way of its request is marked" ;;
    back:* | direct:*M* | mirror:*M*) ;;
    *) changed "$name is not marked" ;;
  esac
done
echo "PASS: M where MACs differ, whatever the reason"
