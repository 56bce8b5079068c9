#!/usr/bin/env bash
# keepalived 2.2.7 (Debian 12) replaces $NAME only before a space, a comma, a parenthesis or the end of the line.
#
# Guess: after $VIP=192.0.2.10 an address $VIP/32 is 192.0.2.10/32, as in a shell.
# Seen:  "VRRP parsed invalid IP $VIP/32. skipping IP..." in the log, and the instance goes on without that address. ${VIP}/32 is
#        read. A comment may begin right behind a word (192.0.2.11#here), and braces need no space.
# For us: a node that lacks the VIP starts without an error. dsrproof names the line, takes the instance for a part, and reads
#        comments and braces as keepalived does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q keepalived=1:2.2.7-1+b2 libnl-3-200 libnl-genl-3-200 libnl-route-3-200 libsnmp40 libsnmp-base \
  libnftnl11 libmnl0 libglib2.0-0 libipset13 libpci3 libsensors5 libwrap0 >log 2>&1 ||
  { cat log >&2; echo "cannot download keepalived" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
# Prints what keepalived says of an instance with this address.
address() {
  # shellcheck disable=SC2016
  printf '%s\n' '$VIP=192.0.2.10' 'vrrp_instance web{# here' '  interface lo' '  virtual_router_id 51' \
    '  virtual_ipaddress {' "    $1" '  }' '}' >keepalived.conf
  root/usr/sbin/keepalived -t -f keepalived.conf >said 2>&1 || true
}
changed() { echo "CHANGED: $1" >&2; cat said >&2; exit 1; }
# shellcheck disable=SC2016
address '$VIP/32'
# shellcheck disable=SC2016
grep -qF 'invalid IP $VIP/32' said || changed '$VIP/32 is read'
# shellcheck disable=SC2016
for good in '${VIP}/32' '$VIP dev lo' '192.0.2.11#here' '~SEQ(X, 12, 13) 192.0.2.$X'; do
  address "$good"
  grep -q 'invalid IP\|Unknown keyword\|Missing' said && changed "$good is not read"
done
echo "PASS: \$VIP/32 is no address, and an instance starts without it"
