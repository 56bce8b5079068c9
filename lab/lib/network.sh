# Hosts and what joins them. A host is a network namespace; eth1 is its interface.

# on HOST COMMAND...: runs it there.
on() { nsenter --net="/run/netns/$1" "${@:2}"; }

# of HOST WHAT: an entry of addresses.sh (`of be1 mac`), nothing where there is none.
of() {
  local name=$1_$2
  printf '%s' "${!name-}"
}

# settings HOST KEY=VALUE...: sysctls.
settings() { on "$1" sysctl -qw "${@:2}"; }

hosts=()

new_host() {
  hosts+=("$1")
  ip netns add "$1"
  ip -n "$1" link set lo up
}

# interface HOST DEVICE MAC: brought up there. Frames are captured as they are on a wire: not joined to larger ones, and
# with their checksums.
interface() {
  ip -n "$1" link set "$2" address "$3"
  on "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null 2>&1 || true
  # A neighbour that was heard of is asked after 5 seconds for a confirmation: whether that falls into a capture must
  # not hang on how fast the machine is.
  settings "$1" "net.ipv4.neigh.$2.delay_first_probe_time=600" "net.ipv6.neigh.$2.delay_first_probe_time=600"
  ip -n "$1" link set "$2" up
}

# address HOST DEVICE [IPv4] [IPv6]: the networks are a /24, unless $prefix says otherwise, and a /64.
address() {
  if [[ -n ${3-} ]]; then ip -n "$1" addr add "$3/${prefix-24}" dev "$2"; fi
  if [[ -n ${4-} ]]; then ip -n "$1" addr add "$4/64" dev "$2" nodad; fi
}

# switch: the network's switch. Its own interface, br0, is the mirror port: it shows what passes between any two hosts.
switch() {
  ip netns add switch
  ip -n switch link add br0 type bridge mcast_snooping 0 "$@"
  ip -n switch link set br0 up
}

# port HOST DEVICE NAME: joins that interface of the host to the switch, at a port of that name; to $bridge where there
# is more than br0.
port() {
  ip -n switch link add "$3" type veth peer name "$2" netns "$1"
  ip -n switch link set "$3" master "${bridge-br0}" up
}

# plug HOST...: new hosts at the switch, at ports of their names.
plug() {
  local host
  for host; do
    new_host "$host"
    port "$host" eth1 "$host"
    interface "$host" eth1 "$(of "$host" mac)"
    address "$host" eth1 "$(of "$host" ip)" "$(of "$host" ip6)"
  done
}

# plug_bond HOST MODE [OPTION]...: a new host with two ports at the switch, HOST and HOST-2. Its eth1 is a bond of both,
# port1 and port2, whose MACs are `of HOST mac` and `of HOST mac2`.
plug_bond() {
  local host=$1 member
  new_host "$host"
  port "$host" port1 "$host"
  port "$host" port2 "$host-2"
  ip -n "$host" link add eth1 type bond mode "$2" miimon 50 "${@:3}"
  ip -n "$host" link set port1 address "$(of "$host" mac)"
  ip -n "$host" link set port2 address "$(of "$host" mac2)"
  for member in port1 port2; do
    on "$host" ethtool -K "$member" tx off rx off tso off gso off gro off >/dev/null 2>&1 || true
    ip -n "$host" link set "$member" master eth1
  done
  interface "$host" eth1 "$(of "$host" mac)"
  address "$host" eth1 "$(of "$host" ip)" "$(of "$host" ip6)"
}

# answers_leave_by PORT: asks the VIP until answers come in at that port of the switch, and takes care that afterwards no
# host knows another's MAC. For a bond in mode balance-alb deals out to its members whom it sends to, anew every ten
# seconds and by what it sent before; the first one that it sends to then gets the first member, the next the second.
answers_leave_by() {
  local host
  on switch tc qdisc add dev "$1" clsact
  on switch tc filter add dev "$1" ingress protocol ip flower ip_proto tcp src_ip "$VIP" src_port 80 action pass
  answered_by() {
    on client curl -s -m 4 -o /dev/null "http://$VIP/"
    on switch tc -s filter show dev "$1" ingress | grep -q 'Sent [1-9]'
  }
  wait_until "answers at the port $1" answered_by "$1"
  on switch tc qdisc del dev "$1" clsact
  for host in "${hosts[@]}"; do ip -n "$host" neigh flush dev eth1; done
}

# second_interface HOST: its eth2 is at the switch too, at port HOST-2, with `of HOST mac2` and `of HOST ip2`. Each
# interface answers ARP for its own address alone, and asks in its own name.
second_interface() {
  settings "$1" net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
  port "$1" eth2 "$1-2"
  interface "$1" eth2 "$(of "$1" mac2)"
  address "$1" eth2 "$(of "$1" ip2)"
}

# span PORT...: mirror is an interface of the switch that shows what comes in at these ports, of whatever network.
span() {
  ip -n switch link add mirror type dummy
  ip -n switch link set mirror up
  span_to mirror "$@"
}

# span_to DEVICE PORT...: that interface of the switch shows what comes in at these ports.
span_to() {
  local port
  for port in "${@:2}"; do
    on switch tc qdisc add dev "$port" clsact 2>/dev/null || true
    on switch tc filter add dev "$port" ingress matchall action mirred egress mirror dev "$1" continue
  done
}

# vrf HOST...: eth1 and the VIP are in a VRF of that host, whose table is 10, and servers there answer what comes in it.
vrf() {
  local host
  for host; do
    ip -n "$host" link add blue type vrf table 10
    ip -n "$host" link set blue up
    ip -n "$host" link set eth1 master blue
    ip -n "$host" addr add "$VIP/32" dev blue
    settings "$host" net.ipv4.tcp_l3mdev_accept=1
  done
}

# gateway HOST ADDRESS: its default route.
gateway() { ip -n "$1" route replace default via "$2"; }

# The usual topologies.

# one_network: client, balancer, which owns the VIP, and two backends at one switch.
one_network() {
  switch
  plug client lb be1 be2
  owns_vip lb
}

# networks_of_25_bits: two networks of 25 bits, of one /24. Client ─ router and router2, one each way ─ switch. The hosts
# that are plugged in after it are in the VIP's network.
networks_of_25_bits() {
  client_ip=10.1.10.200 client_ip6=
  prefix=25
  switch
  ip -n switch link add outside type bridge mcast_snooping 0
  ip -n switch link set outside up
  bridge=outside plug client
  plug router router2
  local host
  for host in router router2; do
    bridge=outside port "$host" eth2 "$host-out"
    interface "$host" eth2 "$(of "$host" outside_mac)"
    settings "$host" net.ipv4.ip_forward=1
  done
  address router eth2 10.1.10.129
  address router2 eth2 10.1.10.130
  gateway client 10.1.10.129
}

# client_behind_router: client ─ router ─ switch with balancer, which owns the VIP, and two backends. The router is the
# gateway of all three.
client_behind_router() {
  switch
  plug router lb be1 be2
  new_host client
  ip -n router link add eth2 type veth peer name eth1 netns client
  interface router eth2 "$router_outside_mac"
  interface client eth1 "$client_mac"
  address router eth2 "$router_outside_ip"
  address client eth1 "$remote_ip"
  settings router net.ipv4.ip_forward=1
  gateway client "$router_outside_ip"
  local host
  for host in lb be1 be2; do gateway "$host" "$router_ip"; done
  owns_vip lb
}

# owns_vip HOST: it answers for the VIP, as a balancer does, and forwards.
owns_vip() {
  ip -n "$1" addr add "$VIP/32" dev eth1
  settings "$1" net.ipv4.ip_forward=1
}

# vip_on_loopback HOST...: backends that take packets to the VIP for their own.
vip_on_loopback() {
  local host
  for host; do ip -n "$host" addr add "$VIP/32" dev lo; done
}

# silent HOST...: backends that neither answer ARP for the VIP nor ask with it as sender.
silent() {
  local host
  for host; do settings "$host" net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2; done
}

# no_redirects HOST...: neither tells nor hears of a shorter way, which ICMP redirects would.
no_redirects() {
  local host
  for host; do
    settings "$host" net.ipv4.conf.all.{send,accept}_redirects=0 net.ipv4.conf.eth1.{send,accept}_redirects=0
  done
}

# balance HOST SERVICE METHOD BACKEND...: a service of its IPVS, in turn, as `balance lb "-t $VIP:80" -g be1 be2`.
# SERVICE may bring more of ipvsadm's options for the service, METHOD for each backend.
balance() {
  local backend service method
  read -ra service <<<"$2"
  read -ra method <<<"$3"
  on "$1" ipvsadm -A "${service[@]}" -s rr
  for backend in "${@:4}"; do on "$1" ipvsadm -a "${service[@]:0:2}" -r "$(of "$backend" ip)" "${method[@]}"; done
}
