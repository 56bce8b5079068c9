#!/usr/bin/env bash
# keepalived 2.2.7 (Debian 12) takes a virtual server whose lvs_method it does not know, or that has none, for NAT.
#
# Guess: a method that is misspelt, as lvs_method DSR for DR, keeps keepalived from starting.
# Seen:  it logs "setting default NAT" and starts its health checker with that service; `keepalived -t` ends with 5. Of two
#        real servers alike it drops the second, and a port that DR cannot translate it sets back; it starts with these too.
# For us: one wrong word turns Direct Server Return into NAT. dsrproof reads a server without a method as Masq and says of an
#        unknown one that its return path is open.
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
# Prints what keepalived says of one virtual server, and how its test ends.
server() {
  printf '%s\n' 'virtual_server 192.0.2.10 80 {' '  lvs_sched rr' '  protocol TCP' "  $1" \
    "  real_server 192.0.2.21 $2 {" '    weight 1' '  }' "${@:3}" '}' >keepalived.conf
  set +e
  root/usr/sbin/keepalived -t -f keepalived.conf >said 2>&1
  echo "ends with $?" >>said
  set -e
  cat said
}
changed() { echo "CHANGED: $1" >&2; cat said >&2; exit 1; }
server 'lvs_method DR' 80
grep -q 'ends with 0' said || changed "a plain service is not accepted"
server 'lvs_method DSR' 80
grep -q 'unknown \[DSR\]' said && grep -q 'setting default NAT' said && grep -q 'ends with 5' said ||
  changed "an unknown method is not taken for NAT"
server '' 80
grep -q 'setting default NAT' said || changed "no method is not taken for NAT"
server 'lvs_method DR' 8080
grep -q "ports don't match - resetting" said || changed "the port is not set back"
server 'lvs_method DR' 80 '  real_server 192.0.2.21 80 {' '    weight 5' '  }'
grep -q 'removing second rs' said || changed "the second of two alike is not dropped"
# Not as a test: it goes on, and starts what checks and sets up the services. It sees a network of its own.
server 'lvs_method DSR' 80 >/dev/null
unshare --net timeout 5 root/usr/sbin/keepalived -n -l -C -f keepalived.conf -p "$folder/1" -c "$folder/2" >said 2>&1 || true
grep -q 'setting default NAT' said && grep -q 'Starting Healthcheck child process' said || changed "it does not start"
echo "PASS: an unknown method, or none, becomes NAT, and keepalived starts"
