"""Questions about an estate, answered by Z3: whether a packet gets from an interface to an address.

    questions.py FOLDER < questions

FOLDER holds the answers of the AWS CLI. Each question is a line of JSON with `from`, `address`, `protocol` and `port`; each
answer is one with `to` (where it arrives, or null) and `seconds` (what stating the estate to the solver and solving took;
reading is not counted).
"""

import glob
import ipaddress
import json
import sys
import time

import z3

# The IANA special-purpose registry, and multicast.
SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]


def read(folder):
    found = {}
    for path in glob.glob(f"{folder}/*.json"):
        with open(path, encoding="utf-8") as file:
            for key, items in json.load(file).items():
                found.setdefault(key, []).extend(items if isinstance(items, list) else [items])
    return found


class Estate:
    def __init__(self, found):
        self.interfaces = {one["NetworkInterfaceId"]: one for one in found["NetworkInterfaces"]}
        self.groups = {one["GroupId"]: one for one in found["SecurityGroups"]}
        self.nats = {one["NatGatewayId"]: one for one in found["NatGateways"]}
        self.tables = {one["Associations"][0]["SubnetId"]: one for one in found["RouteTables"]}
        self.acl = found["NetworkAcls"][0]["Entries"]
        self.members = {}
        for one in found["NetworkInterfaces"]:
            for group in one["Groups"]:
                self.members.setdefault(group["GroupId"], []).append(one["PrivateIpAddress"])


class Packet:
    def __init__(self):
        self.address = z3.BitVec("address", 32)
        self.protocol = z3.BitVec("protocol", 8)
        self.port = z3.BitVec("port", 16)

    def within(self, block):
        network = ipaddress.ip_network(block)
        low, high = int(network[0]), int(network[-1])
        return z3.And(z3.UGE(self.address, low), z3.ULE(self.address, high))

    def rule(self, estate, rule):
        what = []
        if rule["IpProtocol"] != "-1":
            what.append(self.protocol == {"tcp": 6, "udp": 17, "icmp": 1}[rule["IpProtocol"]])
            what += [z3.UGE(self.port, rule["FromPort"]), z3.ULE(self.port, rule["ToPort"])]
        peers = [self.within(one["CidrIp"]) for one in rule["IpRanges"]]
        for pair in rule["UserIdGroupPairs"]:
            peers += [self.within(address) for address in estate.members.get(pair["GroupId"], [])]
        return z3.And(*what, z3.Or(*peers))

    def entries(self, estate):
        allowed = z3.BoolVal(False)
        entries = [entry for entry in estate.acl if entry["Egress"]]
        for entry in sorted(entries, key=lambda entry: -entry["RuleNumber"]):
            matches = self.within(entry["CidrBlock"])
            if entry["Protocol"] != "-1":
                matches = z3.And(matches, self.protocol == int(entry["Protocol"]))
            allowed = z3.If(matches, z3.BoolVal(entry["RuleAction"] == "allow"), allowed)
        return allowed


def ways(estate, packet, subnet, public, deep=0):
    """Where the routes of a subnet lead: a condition for each place."""
    routes = sorted(
        estate.tables[subnet]["Routes"], key=lambda one: -ipaddress.ip_network(one["DestinationCidrBlock"]).prefixlen
    )
    open_still = z3.BoolVal(True)
    found = {"vpc": z3.BoolVal(False), "internet": z3.BoolVal(False)}
    outside = z3.Not(z3.Or(*[packet.within(block) for block in SPECIAL]))
    for route in routes:
        takes = z3.And(open_still, packet.within(route["DestinationCidrBlock"]))
        open_still = z3.And(open_still, z3.Not(packet.within(route["DestinationCidrBlock"])))
        if route.get("GatewayId") == "local":
            found["vpc"] = z3.Or(found["vpc"], takes)
        elif route.get("GatewayId", "").startswith("igw-"):
            found["internet"] = z3.Or(found["internet"], z3.And(takes, outside, z3.BoolVal(public)))
        elif "NatGatewayId" in route and deep == 0:
            nat = estate.nats[route["NatGatewayId"]]
            translated = z3.Or(*[packet.protocol == number for number in (1, 6, 17)])
            further = ways(estate, packet, nat["SubnetId"], True, 1)
            beyond = z3.And(takes, translated, packet.entries(estate))
            found["internet"] = z3.Or(found["internet"], z3.And(beyond, further["internet"]))
    return found


def answer(estate, question):
    interface = estate.interfaces[question["from"]]
    packet = Packet()
    rules = [
        packet.rule(estate, rule)
        for group in interface["Groups"]
        for rule in estate.groups[group["GroupId"]]["IpPermissionsEgress"]
    ]
    public = "Association" in interface
    solver = z3.Solver()
    solver.add(z3.Or(*rules))
    solver.add(packet.address == int(ipaddress.ip_address(question["address"])))
    solver.add(packet.protocol == question["protocol"], packet.port == question["port"])
    same = ipaddress.ip_network(question["subnet"])
    # A network ACL is not asked within a subnet.
    solver.add(z3.Or(packet.within(str(same)), packet.entries(estate)))
    for place, condition in ways(estate, packet, interface["SubnetId"], public).items():
        if solver.check(condition) == z3.sat:
            return place
    return None


def main():
    estate = Estate(read(sys.argv[1]))
    for line in sys.stdin:
        question = json.loads(line)
        begun = time.perf_counter()
        place = answer(estate, question)
        print(json.dumps({"to": place, "seconds": time.perf_counter() - begun}), flush=True)


main()
