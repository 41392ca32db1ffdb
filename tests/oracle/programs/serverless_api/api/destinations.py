"""Where functions may talk to, by name."""
from collections import namedtuple

from aws_cdk import aws_ec2 as ec2

Destination = namedtuple("Destination", ["peer", "ports"])

DESTINATIONS = {
    "payments": Destination(ec2.Peer.ipv4("10.61.0.0/22"), (8443,)),
    "carrier": Destination(ec2.Peer.ipv4("198.51.100.200/29"), (443, 8883)),
    "any-https": Destination(ec2.Peer.any_ipv4(), (443,)),
}


def lookup(name):
    try:
        return DESTINATIONS[name]
    except KeyError:
        raise SystemExit(f"unknown destination {name}") from None
