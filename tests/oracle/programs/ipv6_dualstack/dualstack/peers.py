from aws_cdk.aws_ec2 import Peer, Port

ULA = Peer.ipv6("fd00::/8")
DOCUMENTATION = Peer.ipv6("2001:db8::/32")
PRIVATE = tuple(Peer.ipv4(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

WEB_PORTS = [Port.tcp(80), Port.tcp(443)]
QUIC = Port.udp(443)
NEIGHBOURS = Port.all_icmp_v6()
