from aws_cdk import Tags
from aws_cdk.aws_ec2 import Peer, Port


def open_to(group, cidr, port, note=None):
    group.add_egress_rule(Peer.ipv4(cidr), Port.tcp(port), note or f"{cidr} {port}")


def tag_all(scope, **tags):
    for key, value in tags.items():
        Tags.of(scope).add(key, value)
