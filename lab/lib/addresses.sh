# Who has which addresses. Both sides read this file: the guest's shell, and lab/run for the variables of `expect`
# lines, so it holds nothing but NAME=value. The MACs are those of the article where it has the same station.
VIP=10.1.10.10
VIP6=fd00:10::10

client_ip=10.1.10.100
client_ip6=fd00:10::100
client_mac=06:ba:49:38:53:f0

# The client where it is behind the router.
remote_ip=10.2.20.100

router_ip=10.1.10.1
router_mac=06:0c:11:5e:00:01
router_outside_ip=10.2.20.1
router_outside_mac=06:0c:11:5e:00:02
# A second router.
router2_ip=10.1.10.2
router2_mac=06:0d:11:5e:00:01
router2_outside_mac=06:0d:11:5e:00:02

lb_ip=10.1.10.11
lb_ip6=fd00:10::11
lb_mac=06:1f:8a:6c:8e:d2
# Its second interface, or the second member of its bond.
lb_ip2=10.1.10.5
lb_mac2=06:1f:8a:6c:8e:aa
lb2_ip=10.1.10.12
lb2_ip6=fd00:10::12
lb2_mac=06:1f:8a:6c:8e:d3

be1_ip=10.1.10.21
be1_ip6=fd00:10::21
be1_mac=06:d2:0a:b1:14:20
be1_mac2=06:d2:0a:b1:14:bb
be2_ip=10.1.10.22
be2_ip6=fd00:10::22
be2_mac=06:d2:0a:b1:14:21
be3_ip=10.1.10.23
be3_ip6=fd00:10::23
be3_mac=06:d2:0a:b1:14:22

# Inside a tunnel between the balancer and a backend.
lb_inside_ip=10.3.0.11
lb_inside_mac=0e:1f:8a:6c:8e:d2
be1_inside_ip=10.3.0.21
be1_inside_mac=0e:d2:0a:b1:14:20
be2_inside_ip=10.3.0.22
be2_inside_mac=0e:d2:0a:b1:14:21
