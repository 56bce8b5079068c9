#!/usr/bin/env bash
# softflowd 1.1.0 (Debian 12) exports the flows of a capture older than 49 days with times of other years, even of days to come.
#
# Guess: of a file (-r) a flow's first and last time are those of its frames, in NetFlow 5 and 9 and in IPFIX.
# Seen:  nfdump shows them later by a whole number of 2^32 ms (49.7 days), up to 49.7 days from now. What is exported are
#        32 bits of milliseconds since the first packet, and "now" is what the clock says. IPFIX with `-A milli` is right.
# For us: beside what dsrproof says of the same capture such flows meet by addresses and ports alone; or give `-v 10 -A milli`.
set -euo pipefail
folder=$(mktemp -d)
collector=
trap '[ -z "$collector" ] || kill "$collector" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q softflowd=1.1.0-1+b1 nfdump=1.7.1-2+deb12u1 libpcap0.8 libdbus-1-3 >log 2>&1 ||
  { cat log >&2; echo "cannot download softflowd and nfdump" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu):root/usr/lib/nfdump
env -u LD_LIBRARY_PATH python3 - <<'PYTHON'
import struct

packet = struct.pack("!BBHHHBBH4s4s", 69, 0, 40, 0, 0, 64, 6, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 10]))
packet += struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, 0, 0)
frame = bytes.fromhex("020000000002 020000000001 0800") + packet
with open("old.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    file.write(struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame)
PYTHON
port=$((20000 + $$ % 10000))
# The first time of the only flow, as nfdump reads it, in seconds since 1970.
first() {
  rm -rf flows
  mkdir flows
  root/usr/bin/nfcapd -w flows -p $port -b 127.0.0.1 -t 3600 >said 2>&1 &
  collector=$!
  sleep 1
  root/usr/sbin/softflowd -r old.pcap "$@" -n 127.0.0.1:$port -d -p pid -c control >>said 2>&1
  sleep 1
  kill "$collector"
  wait "$collector" 2>/dev/null || true
  collector=
  TZ=UTC root/usr/bin/nfdump -q -R flows -o 'fmt:%ts' >shown
  date -u -d "$(cat shown)" +%s
}
changed() { echo "CHANGED: $1" >&2; cat said >&2; exit 1; }
for options in '-v 5' '-v 9' '-v 10' '-v 10 -A milli'; do
  # shellcheck disable=SC2086
  seconds=$(first $options) || changed "softflowd $options: no flow"
  # 2^32 ms are 4294967.296 s; a few seconds are what softflowd takes to begin.
  turns=$(awk -v late=$((seconds - 1700000000)) 'BEGIN { turns = int(late / 4294967.296 + 0.5); rest = late - turns * 4294967.296
    print (rest * rest < 9 ? turns : "?") }')
  echo "softflowd $options: $(date -u -d "@$seconds" '+%F %T') in place of 2023-11-14 22:13:20, $turns times 49.7 days late"
  case $options:$turns in
    '-v 10 -A milli:0') ;;
    '-v 10 -A milli:'* | *:0 | *:'?' | *:-*) changed "softflowd $options is otherwise" ;;
  esac
done
echo "PASS: times of an old capture are later by whole turns of 2^32 ms"
