from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import IpAddresses, Peer, Port, Vpc

from acme_constructs import *
from acme_constructs.network import RESOLVER_ADDRESS

app = App()
stack = Stack(app, "Payments")
vpc = Vpc(stack, "Vpc", ip_addresses=IpAddresses.cidr(app.node.try_get_context("vpc_cidr")))

api = ServiceGroup(stack, "ApiGroup", vpc=vpc, owner="payments")
api.add_egress_rule(Peer.ipv4("172.30.0.0/16"), Port.tcp(443), "VPC endpoints")

ledger = DatabaseGroup.for_engine(stack, "LedgerGroup", vpc, "postgres")
reports = DatabaseGroup.for_engine(stack, "ReportsGroup", vpc, "mysql", owner="reporting")
api.connect(ledger)
api.connect(reports)

settlement = PartnerGroup(
    stack,
    "SettlementGroup",
    vpc=vpc,
    owner="payments",
    partners={"acquirer": ["192.0.2.0/26", "192.0.2.128/26"], "bank": ["198.51.100.16/28"]},
)
settlement.connect(ledger)

legacy = ServiceGroup(stack, "LegacyGroup", vpc=vpc, owner="platform", allow_all_outbound=True)
legacy.connections.allow_from(api, Port.tcp(8009))

probe = ServiceGroup.isolated(stack, "ProbeGroup", vpc)
assert RESOLVER_ADDRESS.endswith("/32")

app.synth()
