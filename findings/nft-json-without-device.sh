#!/usr/bin/env bash
# nft -j 1.0.6 (Debian 12) leaves out the interface of a netdev chain, and cannot read back what it printed.
#
# Guess: `nft -j list ruleset` has all that `nft list ruleset` has, and `nft -j -f` restores it.
# Seen:  of a chain at the ingress hook, as a balancer by nftables rewrites MACs and forwards with, the JSON has no "dev". Reading
#        it back fails with "Missing `device' in this chain definition", and nothing is restored. With "dev" put in, it is.
# For us: which link such a balancer serves is in the text alone; docs/hosts.md takes `nft list ruleset`.
# Source: libnftables-json(5): a chain's property "dev" is the interface of a netdev chain.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11 libmnl0 libjansson4 libedit2 libbsd0 libmd0 \
  libgmp10 libxtables12 libtinfo6 >log 2>&1 || { cat log >&2; echo "cannot download nftables" >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
cat >rules.nft <<'R'
table netdev balancer {
	chain requests {
		type filter hook ingress device "lo" priority filter; policy accept;
		ip daddr 192.0.2.10 ether daddr set 02:00:00:00:00:21 fwd to "lo"
	}
}
R
cat >add.py <<'P'
import json

with open("json") as file:
    rules = json.load(file)
for entry in rules["nftables"]:
    if "chain" in entry:
        entry["chain"]["dev"] = "lo"
with open("added", "w") as file:
    json.dump(rules, file)
P
# In a network of its own, which goes with it.
cat >run <<'R'
set -e
nft() { LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu):$(echo root/lib/*-linux-gnu) root/usr/sbin/nft "$@"; }
nft -f rules.nft
nft list ruleset >text
nft -j list ruleset >json
nft flush ruleset
nft -j -f json 2>refused && exit 3
nft list ruleset >left
python3 add.py
nft -j -f added
nft list ruleset >restored
R
unshare --net bash run 2>log || { cat log >&2; echo "no rules, or they were restored" >&2; [ ! -e refused ] && exit 2; exit 1; }
changed() { echo "CHANGED: $1" >&2; exit 1; }
echo "nft 1.0.6 as text:"
cat text
echo "as JSON:"
grep -o '{"chain": {[^}]*}}' json
echo "reading it back:"
grep . refused
diff text rules.nft || changed "the text is otherwise"
python3 -c 'import json; assert not [1 for e in json.load(open("json"))["nftables"] if "dev" in e.get("chain", {})]' ||
  changed "the chain has its device"
grep -q "Missing .device' in this chain definition" refused || changed "it was refused otherwise"
[ ! -s left ] || changed "a part was restored"
diff text restored || changed "with the device it is otherwise"
echo "PASS: the JSON of a netdev chain has no device and cannot be restored"
