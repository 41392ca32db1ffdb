import aws_cdk as cdk

from dualstack.network import DualStackNetwork
from dualstack.tiers import TierStack

app = cdk.App()
network = DualStackNetwork(app, "DualStackNetwork")
TierStack(app, "DualStackTiers", network.vpc, **app.node.try_get_context("dualstack"))
app.synth()
