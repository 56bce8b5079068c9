"""The sending end of foo-over-UDP: fou.py CLONE DEVICE SOURCE DESTINATION PORT.

Makes the TUN device by the file CLONE, and wraps each IP packet that the kernel sends out of it in a UDP datagram, without a
header between the two (ip-fou(8)). The kernel of Debian's user-mode Linux opens such datagrams, and no device of it makes
them.
"""

import fcntl
import os
import socket
import struct
import sys

CLONE, DEVICE, SOURCE, DESTINATION, PORT = sys.argv[1:]
# linux/if_tun.h
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

tun = os.open(CLONE, os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((SOURCE, 0))
udp.connect((DESTINATION, int(PORT)))
while True:
    packet = os.read(tun, 65536)
    try:
        udp.send(packet)
    except ConnectionRefusedError:
        # ICMP about the datagram before; this one was not sent.
        udp.send(packet)
