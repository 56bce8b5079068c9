#!/usr/bin/env bash
# argus 3.0.8.2 and nfpcapd of nfdump 1.7.1 (Debian 12) do not read Linux cooked v2, what `tcpdump -i any` writes today.
#
# Guess: both read with libpcap, which knows the link type since 1.10 of 2020, so both read it as they read v1.
# Seen:  both name the link type 276 and stop. nfpcapd ends with 1; argus ends with 0, as if the file had no traffic.
# For us: `tcpdump -i any -y LINUX_SLL` writes v1, which all of them and dsrproof read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q argus-server=2:3.0.8.2-2.2 nfdump=1.7.1-2+deb12u1 libpcap0.8 libwrap0 libnsl2 libtirpc3 \
  libdbus-1-3 >log 2>&1 || { cat log >&2; echo "cannot download argus and nfdump" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu):root/usr/lib/nfdump
env -u LD_LIBRARY_PATH python3 - <<'PYTHON'
import struct

packet = struct.pack("!BBHHHBBH4s4s", 69, 0, 40, 0, 0, 64, 6, 0, bytes([192, 0, 2, 1]), bytes([198, 51, 100, 10]))
packet += struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0)
mac = bytes([2, 0, 0, 0, 0, 10, 0, 0])
headers = {113: struct.pack("!HHH8sH", 0, 1, 6, mac, 0x0800), 276: struct.pack("!HHIHBB8s", 0x0800, 0, 2, 1, 0, 6, mac)}
for kind, header in headers.items():
    frame = header + packet
    with open(f"{kind}.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, kind))
        file.write(struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame)
PYTHON
status() { set +e; "$@" >said 2>&1; echo $?; set -e; }
for kind in 113 276; do
  mkdir "flows$kind"
  nfpcapd=$(status root/usr/bin/nfpcapd -r "$kind.pcap" -w "flows$kind")
  cat said >"nfpcapd$kind"
  argus=$(status root/usr/sbin/argus -F /dev/null -r "$kind.pcap" -w "argus$kind.out")
  cat said >"argus$kind"
  echo "link type $kind: nfpcapd ends with $nfpcapd, argus with $argus"
  printf '%s %s\n' "$nfpcapd" "$argus" >"ends$kind"
done
changed() { echo "CHANGED: $1" >&2; cat nfpcapd* argus113 argus276 >&2; exit 1; }
[ "$(cat ends113)" = "0 0" ] && grep -q 'Processed: 1' nfpcapd113 || changed "v1 is not read"
[ "$(cat ends276)" = "1 0" ] || changed "the exit statuses are others"
grep -qi 'unsupported data link type 276' nfpcapd276 || changed "nfpcapd does not name the link type"
grep -qi 'unsupported device type 276' argus276 || changed "argus does not name the link type"
echo "PASS: v1 is read, v2 is refused, argus ends with 0"
