from typing import Any, Mapping

from aws_cdk import aws_ec2 as ec2


def peer_of(entry: Mapping[str, Any]) -> ec2.IPeer:
    cidr = entry["cidr"]
    if ":" in cidr:
        return ec2.Peer.ipv6(cidr)
    return ec2.Peer.ipv4(cidr)


def port_of(entry: Mapping[str, Any]) -> ec2.Port:
    first = entry["port"]
    last = entry.get("last", first)
    if entry["protocol"] == "udp":
        return ec2.Port.udp_range(first, last)
    elif entry["protocol"] == "tcp":
        return ec2.Port.tcp_range(first, last)
    raise ValueError(f"protocol {entry['protocol']} is not supported")
