extension Fixture {
  /// The rules of `docs/verdict.md` that decide: without any one of them the capture is judged otherwise. A line a fixture:
  /// path, arguments, rules. A test holds each line; what is not listed is not held.
  private static let decisions = """
    seed.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    seed-3frames.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/arp-leak-announce/client.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/arp-leak-announce/switch.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/arp-leak-announce/be2.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-gratuitous/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different
    lab/arp-leak-gratuitous/client.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-gratuitous/lb.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/arp-leak-gratuitous/lb.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known
    lab/arp-leak-gratuitous/be1.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-ignore/client.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-ignore/switch.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-ignore/be1.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/arp-leak-ignore/be1.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/arp-leak-ignore/be1-any.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/bond-active-backup/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/bond-active-backup/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/bond-active-backup/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/bond-backend-alb/client.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    lab/bond-backend-alb/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/bond-backend-alb/switch.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,seen-to-balance
    lab/bond-balancer-alb/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/bond-balancer-alb/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/bond-balancer-alb/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/bond-balancer-alb-masq/client.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/bond-balancer-alb-masq/switch.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/failover-vrrp/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/failover-vrrp/lb2.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/failover-vrrp/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/failover-vrrp-vmac/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/failover-vrrp-vmac/client.pcap | --vip 10.1.10.10:80 --backend 10.1.10.21=06:d2:0a:b1:14:20 --backend 10.1.10.22=06:d2:0a:b1:14:21 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/failover-vrrp-vmac/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/failover-vrrp-vmac/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/failover-vrrp-vmac/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/masq/client.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/masq/lb.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/masq/switch-lb-port.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/masq/switch.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/networks-of-25-bits-route/be1.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/networks-of-25-bits-route/mirror.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/node-masq/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,balancer-exists
    lab/node-masq/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/node-masq/switch-lb-port.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/node-masq/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,seen-to-balance
    lab/node-masq/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,seen-to-balance
    lab/offload-one-way/lb.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/offload-one-way/switch-lb-port.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/one-backend-no-listener/client.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/one-backend-no-listener/lb.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/persistent-idle-timeout/client.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/persistent-idle-timeout/lb.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/ping-health/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/ping-health/switch-lb-port.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/route/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route/switch-lb-port.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/route/be2.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/route/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/route/client.pcap | - | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/route-gateway-is-balancer/router-inside.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/route-gateway-is-balancer/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route-gateway-is-balancer/switch.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route-gateway-is-balancer/be1.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/route-one-backend-of-two/router-inside.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,balancer-exists
    lab/route-one-backend-of-two/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route-one-backend-of-two/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-balance
    lab/route-one-backend-of-two/be2.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    lab/route-remote-client/router-inside.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/route-remote-client/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/route-remote-client/be1.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/route-remote-client/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/second-interface/client.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    lab/second-interface/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    lab/second-interface/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/second-interface-masq/router-inside.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/second-interface-masq/lb.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/second-interface-masq/switch.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/second-interface-masq-out/client.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --balancer-mac 06:1f:8a:6c:8e:aa | balancer-known,seen-to-balance
    lab/second-interface-masq-out/switch.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --balancer-mac 06:1f:8a:6c:8e:aa | balancer-known,seen-to-balance
    lab/split-brain/client.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/split-brain/be1.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac
    lab/split-brain-vmac/client.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/static-neighbour/client.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    lab/static-neighbour/client.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,seen-to-balance
    lab/static-neighbour/client-late.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,seen-to-balance
    lab/static-neighbour/switch-late.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,seen-to-balance
    lab/static-neighbour/be1.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,seen-to-balance
    lab/tunnel-gre/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/tunnel-gre/be1.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/tunnel-gue/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/tunnel-gue/be1.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/tunnel-ipip/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/tunnel-ipip/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/tunnel-ipip/be1.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    lab/tunnel-ipip/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/tunnel-path-mtu-filtered/client.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/tunnel-path-mtu-filtered/lb.pcap | --vip 10.1.10.10:80 | balancer-known
    lab/two-nodes-swap/client.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/two-nodes-swap/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/use-vmac-pinged/client.pcap | --vip 10.1.10.10:80 --backend 10.1.10.21=06:d2:0a:b1:14:20 --backend 10.1.10.22=06:d2:0a:b1:14:21 | balancer-known,known-different,seen-to-leave,answered-by-another
    lab/use-vmac-pinged/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/use-vmac-pinged/switch.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    lab/vlan-trunk/client.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    lab/vlan-trunk/lb.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    lab/vlan-trunk/switch.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    traps/client-tcp-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/client-tcp-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/client-tcp-v4-bad-one-backend.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,balancer-exists
    traps/client-tcp-v4-bad-one-backend-unknown.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/client-tcp-v4-good-unresolved.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/client-tcp-v4-same-mac-unresolved.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/client-tcp-v4-translated.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/bypass-client-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/bypass-mirror-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/backend-tcp-v4-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/backend-tcp-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/backend-tcp-v4-bad-announced.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/balancer-tcp-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/balancer-tcp-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/balancer-tcp-v4-translated.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/mirror-tcp-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/mirror-tcp-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/mirror-tcp-v4-bad-one-backend.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-balance
    traps/mirror-tcp-v4-translated.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/unanswered-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/unanswered-one-of-two-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/one-backend-silent-mirror-v4.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/unanswered-at-the-end-v4.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/refused-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/reset-by-balancer-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/reset-by-balancer-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/reset-by-balancer-mirror-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/backend-changes-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/backend-changes-v4-stranger.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/backend-changes-mirror-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/port-reuse-v4.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/packet-too-big-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/packet-too-big-for-reply-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/stalled-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/defer-accept-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/packet-too-big-got-over-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/scanned-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave
    traps/errors-about-nothing-sent-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/arp-answer-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known
    traps/arp-answer-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/arp-answers-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend
    traps/arp-announce-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known
    traps/arp-announce-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/arp-sender-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known
    traps/arp-sender-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/owner-contested-v4-bad.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,balancer-exists
    traps/owner-failover-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/vrrp-virtual-mac-v4-good.pcap | --vip 10.1.10.10:80 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,known-different,named-backend,seen-to-leave,balancer-exists
    traps/vrrp-own-mac-v4-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/arp-announce-request-v4-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known
    traps/arp-announce-request-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/arp-probe-v4-good.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/vip-at-virtual-mac-direct.pcap | --vip 10.1.10.10:80 --backend 10.1.10.21=06:d2:0a:b1:14:20 | balancer-known,known-different,named-backend,seen-to-leave,balancer-exists
    traps/vip-at-virtual-mac-direct.pcap | --vip 10.1.10.10:80 --balancer-mac 00:00:5e:00:01:0a --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,named-backend,seen-to-leave,seen-to-balance
    traps/vip-at-virtual-mac-translated.pcap | --vip 10.1.10.10:80 --balancer-mac 00:00:5e:00:01:0a --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/routed-client-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/routed-client-balancer-good.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/routed-client-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/routed-client-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/mirror-both-sides-of-router.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/two-nics-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/two-nics-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/two-nics-client-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 --balancer-mac 06:1f:8a:6c:8e:d3 | balancer-known,seen-to-balance
    traps/backend-bond-alternates.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/alteon-mirror.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,seen-to-balance
    traps/middle-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/middle-bad.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/tunnel-ipip-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-ipip-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-ipip-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-ipip-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/tunnel-gre-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-gre-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-gre-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-gre-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/tunnel-gue-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-gue-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-gue-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-gue-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/tunnel-gue1-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-gue1-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-gue1-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-gue1-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/tunnel-ip-in-other-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-ip-in-other-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-ip-in-other-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-ip-in-other-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/tunnel-glb-v4-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/tunnel-glb-v4-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/tunnel-glb-v4-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/tunnel-glb-v4-mirror-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/cilium-client-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/cilium-client-bad.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/cilium-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave,seen-to-balance
    traps/katran-backend-good.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,seen-to-leave,balancer-exists
    traps/katran-backend-bad.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/sll-client-bad.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/sll2-client-bad.pcap | --vip 10.1.10.10:80 | balancer-known,balancer-exists
    traps/vlan-trunk-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    traps/vlan-trunk-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/qinq-trunk-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    traps/qinq-trunk-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/snaplen-54-v4.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/snaplen-68-v4.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/mirror-duplicates-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/mirror-duplicates-bad.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/id-zero-mirror-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/offload-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/random-client-macs-good.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/balancer-asks-itself.pcap | --vip 10.1.10.10:80 | balancer-known,known-different,seen-to-leave
    traps/backend-answers-health-check.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/remote-backend-replies.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,short-way,balancer-exists
    traps/one-backend-unproved.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/tunnel-through-router-mirror.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,seen-to-balance
    traps/virtual-mac-announced-backend-good.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave
    traps/syn-answered-by-two-backends.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/port-reuse-refused-then-reset.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,balancer-exists
    traps/port-reuse-first-syn-missed.pcap | --vip 10.1.10.10:80 | balancer-known,one-mac,seen-to-leave,balancer-exists
    traps/bypass-in-mid-flow.pcap | --vip 10.1.10.10:80 | balancer-known,seen-to-balance
    traps/flow-over-eighty-hops-via.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-balance
    traps/nodes-swap-silently.pcap | --vip 10.1.10.10:80 | balancer-known,known-different
    traps/owner-answers-unseen-requests.pcap | --vip 10.1.10.10:80 | balancer-known,known-different
    traps/vrrp-by-turns-bad.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/peer-takes-reply.pcap | --vip 10.1.10.10:80 | balancer-known
    traps/peer-asked-before-it-claims.pcap | --vip 10.1.10.10:80 | balancer-known,known-different
    traps/bond-claims-by-turns.pcap | --vip 10.1.10.10:80 | balancer-presumed,one-mac,balancer-exists
    traps/backend-moves-to-second-mac.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-leave
    traps/syn-retried-at-another-backend.pcap | --vip 10.1.10.10:80 --balancer-mac 06:1f:8a:6c:8e:d2 | balancer-known,seen-to-leave
    traps/reset-brought-by-balancer.pcap | --vip 10.1.10.10:80 | balancer-known
    """

  private static let rules: [String: [String]] = decisions.split(separator: "\n").reduce(into: [:]) { found, line in
    let columns = line.split(separator: "|").map { $0.trimmed }
    guard columns.count == 3 else { return }
    let arguments = columns[1] == "-" ? "" : columns[1]
    found["\(columns[0])\t\(arguments)"] = columns[2].split(separator: ",").map(String.init)
  }

  /// The rules without which it would be judged otherwise; empty where none alone decides, or where it is not stated.
  public var decidedBy: [String] { Self.rules["\(path)\t\(arguments)"] ?? [] }

  /// What is stated of no fixture.
  public static var strayDecisions: [String] {
    let known = Set(all.map { "\($0.path)\t\($0.arguments)" })
    return rules.keys.filter { !known.contains($0) }.sorted()
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
