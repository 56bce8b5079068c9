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

# address HOST DEVICE [IPv4] [IPv6]: the networks are a /24 and a /64.
address() {
  if [[ -n ${3-} ]]; then ip -n "$1" addr add "$3/24" dev "$2"; fi
  if [[ -n ${4-} ]]; then ip -n "$1" addr add "$4/64" dev "$2" nodad; fi
}

# switch: the network's switch. Its own interface, br0, is the mirror port: it shows what passes between any two hosts.
switch() {
  ip netns add switch
  ip -n switch link add br0 type bridge mcast_snooping 0 "$@"
  ip -n switch link set br0 up
}

# plug HOST...: new hosts at the switch, at ports of their names.
plug() {
  local host
  for host; do
    new_host "$host"
    ip -n switch link add "$host" type veth peer name eth1 netns "$host"
    ip -n switch link set "$host" master br0 up
    interface "$host" eth1 "$(of "$host" mac)"
    address "$host" eth1 "$(of "$host" ip)" "$(of "$host" ip6)"
  done
}

# gateway HOST ADDRESS: its default route.
gateway() { ip -n "$1" route replace default via "$2"; }

# The usual topologies. In both the balancer owns the VIP.

# one_network: client, balancer and two backends at one switch.
one_network() {
  switch
  plug client lb be1 be2
  owns_vip lb
}

# client_behind_router: client ─ router ─ switch with balancer and two backends, all of whose gateway is the router.
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
