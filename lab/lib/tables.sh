# Each host's tables, kept beside its captures as HOST.TABLE.

# keep_tables: of every host, as they are now.
keep_tables() {
  local host
  for host in "${hosts[@]}"; do tables_of "$host"; done
}

tables_of() {
  local host=$1 to=$OUT/$1
  ip -n "$host" -d -j addr >"$to.addr.json"
  ip -n "$host" -j neigh >"$to.neigh.json"
  local table=main
  # A VRF has a table of its own, to which rules lead.
  if ip -n "$host" link show type vrf | grep -q .; then
    table=all
    ip -n "$host" -j rule >"$to.rule.json"
    ip -n "$host" -6 -j rule >"$to.rule6.json"
  fi
  ip -n "$host" -j route show table "$table" >"$to.route.json"
  ip -n "$host" -6 -j route show table "$table" >"$to.route6.json"
  on "$host" cat /proc/net/arp >"$to.proc_arp"
  # A router's or a balancer's settings for the way of packets, as `sysctl -a` prints them: a dot is / in its names. It
  # would look at all that there are, and take a third of a scenario's time.
  on "$host" bash -c '
    cd /proc/sys/net
    grep -s "" ipv4/{conf/*/*,icmp_*,ip_forward*,ip_nonlocal_bind,vs/*} ipv6/conf/*/forwarding
  ' | sed 'h; s/:.*//; y,/.,./,; s/^/net./; G; s/\n[^:]*:/ = /' | sort >"$to.sysctl"
  # The kernel of Debian's user-mode Linux has nftables for no family.
  on "$host" iptables-legacy-save >"$to.iptables"
  [[ -s $to.iptables ]] || rm "$to.iptables"
  if on "$host" ipvsadm -Sn | grep -q .; then ipvs_tables_of "$host"; fi
}

ipvs_tables_of() {
  local host=$1 to=$OUT/$1
  on "$host" ipvsadm -ln >"$to.ipvsadm"
  on "$host" ipvsadm -Sn >"$to.ipvsadm-save"
  on "$host" ipvsadm -lnc >"$to.ipvsadm-conn"
  on "$host" ipvsadm -ln --stats >"$to.ipvsadm-stats"
  on "$host" ipvsadm -ln --stats --exact >"$to.ipvsadm-exact"
  on "$host" ipvsadm -ln --rate >"$to.ipvsadm-rate"
  on "$host" cat /proc/net/ip_vs >"$to.proc_ip_vs"
  on "$host" cat /proc/net/ip_vs_conn >"$to.proc_ip_vs_conn"
}
