# Balancers that take over from one another, by keepalived.

# vrrp HOST PRIORITY [LINE OF CONFIGURATION]...: the VIP is that host's as long as nobody with a higher priority is heard.
vrrp() {
  local files=/run/lab/$1.vrrp line
  {
    echo "vrrp_instance vip {"
    echo "  state BACKUP"
    echo "  interface eth1"
    echo "  virtual_router_id 51"
    echo "  priority $2"
    for line in "${@:3}"; do echo "  $line"; done
    echo "  virtual_ipaddress {"
    echo "    $VIP/32"
    echo "  }"
    echo "}"
  } >"$files.conf"
  # Its settings are a table like others.
  cp "$files.conf" "$OUT/$1.keepalived"
  settings "$1" net.ipv4.ip_forward=1
  nsenter --net="/run/netns/$1" keepalived --dont-fork --vrrp --log-console --use-file "$files.conf" \
    --pid "$files.pid" --vrrp_pid "$files.vrrp_pid" </dev/null >"$files.log" 2>&1 &
}

has_vip() { ip -n "$1" addr show | grep -q "inet $VIP/"; }

# owned_by HOST: it has the VIP where the network hears of it; a backend has it on lo.
owned_by() { ip -n "$1" addr show eth1 | grep -q "inet $VIP/"; }

# priority HOST PRIORITY: from now on.
priority() {
  sed -i "s/^  priority .*/  priority $2/" "/run/lab/$1.vrrp.conf"
  kill -HUP "$(<"/run/lab/$1.vrrp.pid")"
}

# deaf HOST...: VRRP reaches the host, and its firewall drops it.
deaf() {
  local host
  for host; do on "$host" iptables-legacy -A INPUT -p vrrp -j DROP; done
}

# unplug HOST: its port at the switch passes nothing any more. The link stays up, and the host notices nothing.
unplug() { bridge -n switch link set dev "$1" state 0; }
