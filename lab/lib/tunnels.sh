# Tunnels between the balancer and its backends, and from a mirror, by the kernel's own devices. IPVS hands requests to a
# device by Route: its destinations are the backends' addresses inside.

# tunnel BACKEND KIND OPTION...: the balancer's device is to-BACKEND, the backend's is inside, both of that KIND of `ip
# link` with these options. $outer=ip6 wraps in IPv6. The VIP stays where it is.
tunnel() {
  tunnel_end lb "to-$1" "$1" "${@:2}"
  tunnel_end "$1" inside lb "${@:2}"
}

# tunnel_end HOST DEVICE OTHER KIND OPTION...: one end alone.
tunnel_end() {
  local host=$1 device=$2 other=$3 here=(local "$(of "$1" "${outer-ip}")")
  # Geneve takes whatever source the route gives.
  if [[ $4 == geneve ]]; then here=(); fi
  ip -n "$host" link add "$device" type "$4" "${here[@]}" remote "$(of "$other" "${outer-ip}")" "${@:5}"
  # Where frames are inside, they have MACs; the balancer's devices share theirs.
  ip -n "$host" link set "$device" address "$(of "$host" inside_mac)" 2>/dev/null || true
  ip -n "$host" link set "$device" up
  ip -n "$host" addr add "$(of "$host" inside_ip)/32" dev "$device"
  ip -n "$host" route add "$(of "$other" inside_ip)/32" dev "$device" src "$(of "$host" inside_ip)"
}

# fou_tunnel BACKEND PORT: the same by foo-over-UDP, IP in UDP without a header. A program sends, the backend's kernel opens.
fou_tunnel() {
  local device=to-$1
  # User-mode Linux sees the host's /dev, which may have no such device.
  [[ -e /run/lab/tun ]] || mknod -m 600 /run/lab/tun c 10 200
  nsenter --net=/run/netns/lb python3 -ISB "$LAB/lib/fou.py" /run/lab/tun "$device" "$lb_ip" "$(of "$1" ip)" "$2" </dev/null &
  wait_until "the device $device" ip -n lb link show "$device"
  settings lb "net.ipv6.conf.$device.disable_ipv6=1"
  ip -n lb link set "$device" up
  ip -n lb addr add "$lb_inside_ip/32" dev "$device"
  ip -n lb route add "$(of "$1" inside_ip)/32" dev "$device" src "$lb_inside_ip"
  on "$1" ip fou add port "$2" ipproto 4
  ip -n "$1" link add inside type ipip
  ip -n "$1" link set inside up
  ip -n "$1" addr add "$(of "$1" inside_ip)/32" dev inside
}

# balance_inside BACKEND...: IPVS Route to their addresses inside the tunnels.
balance_inside() {
  local backend
  on lb ipvsadm -A -t "$VIP:80" -s rr
  for backend; do on lb ipvsadm -a -t "$VIP:80" -r "$(of "$backend" inside_ip)" -g; done
}

# collector HOST DEVICE KIND OPTION...: a new host that the switch's mirror sends its copies to, by that device of the
# switch. $outer=ip6 wraps in IPv6.
collector() {
  local host=$1 device=$2 version=${outer-ip} number=${#collectors[@]}
  local here=10.9.$number.1 there=10.9.$number.2 prefix=24
  if [[ $version == ip6 ]]; then here=fd00:9:$number::1 there=fd00:9:$number::2 prefix=64; fi
  collectors+=("$host")
  ip netns add "$host"
  ip -n switch link add "to-$host" type veth peer name eth1 netns "$host"
  interface switch "to-$host" "06:09:00:00:0$number:01"
  interface "$host" eth1 "06:09:00:00:0$number:02"
  ip -n switch addr add "$here/$prefix" dev "to-$host" nodad
  ip -n "$host" addr add "$there/$prefix" dev eth1 nodad
  ip -n switch link add "$device" type "$3" local "$here" remote "$there" "${@:4}"
  ip -n switch link set "$device" up
}

collectors=()
