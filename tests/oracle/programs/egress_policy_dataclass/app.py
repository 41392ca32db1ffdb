import aws_cdk as cdk

from egress.catalog import POLICIES
from egress.stack import PolicyStack

app = cdk.App()
PolicyStack(
    app,
    "Policies",
    policies=POLICIES,
    region_cidr=app.node.get_context("region_cidr"),
)
app.synth()
