import aws_cdk as cdk

from gateway import GatewayStack
from gateway.partners import Partner

app = cdk.App()
GatewayStack(app, "PartnerGateway", partners=list(Partner), tier=app.node.try_get_context("tier"))
app.synth()
