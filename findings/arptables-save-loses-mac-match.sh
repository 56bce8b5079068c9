#!/usr/bin/env bash
# arptables-save 1.8.9 (iptables of Debian 12, nf_tables) leaves out a match on the first bytes of a MAC (a vendor's prefix).
#
# Guess: what arptables-save prints are the rules that the kernel has, so that arptables-restore brings them back.
# Seen:  `-d VIP --src-mac 02:00:5e:00:00:00/ff:ff:ff:00:00:00 -j DROP` is printed as `-j DROP -d VIP`. The kernel has the mask,
#        as `nft list ruleset` shows; after arptables-restore it has none, and the rule drops the question of every station.
#        `arptables -L` prints the same. A whole MAC is printed, and so is a mask that ends inside a byte.
# For us: a list of arptables may say that the VIP is silent where it answers most. docs/hosts.md names what tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q iptables=1.8.9-2 libxtables12=1.8.9-2 libip4tc2=1.8.9-2 libip6tc2=1.8.9-2 nftables=1.0.6-2+deb12u2 \
  libnftables1=1.0.6-2+deb12u2 libnftnl11 libmnl0 libjansson4 libedit2 libbsd0 libmd0 libgmp10 libnetfilter-conntrack3 \
  libnfnetlink0 >log 2>&1 || { cat log >&2; echo "cannot download iptables" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH XTABLES_LIBDIR
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu)
XTABLES_LIBDIR=$(echo root/usr/lib/*-linux-gnu/xtables)
# In a network of its own, which goes with it.
cat >rules <<'RULES'
set -e
tools=root/usr/sbin
for mac in 02:00:5e:00:00:00/ff:ff:ff:00:00:00 02:00:5e:00:00:0a 02:00:5e:00:00:00/ff:ff:ff:f0:00:00; do
  $tools/arptables-nft -A INPUT -d 192.0.2.10 --src-mac $mac -j DROP
done
kernel() { $tools/nft list ruleset | grep -o 'arp .*ip 192.0.2.10' | sed 's/.*plen 4 //'; }
$tools/arptables-nft-save >saved
grep -e ^-A saved >printed
$tools/arptables-nft -L -n | grep DROP >listed
kernel >before
$tools/arptables-nft-restore <saved
kernel >after
RULES
unshare --net bash rules 2>log || { cat log >&2; echo "cannot set rules of ARP here (needs root and nf_tables)" >&2; exit 2; }
changed() { echo "CHANGED: $1" >&2; exit 1; }
for name in printed listed before after; do
  echo "$name:"
  cat "$name"
done
[ "$(head -n 1 printed)" = "-A INPUT -j DROP -d 192.0.2.10" ] || changed "the mask is printed"
[ "$(head -n 1 listed)" = "-j DROP -d 192.0.2.10" ] || changed "the mask is listed"
[ "$(head -n 1 before)" = "arp saddr ether 02:00:5e:00:00:00/24 arp daddr ip 192.0.2.10" ] || changed "the kernel has no mask"
[ "$(head -n 1 after)" = "arp daddr ip 192.0.2.10" ] || changed "the restored rule has the mask"
[ "$(grep -c -e --src-mac printed)" = 2 ] || changed "not exactly the other two are printed"
echo "PASS: the match is lost in the list and by restoring it"
