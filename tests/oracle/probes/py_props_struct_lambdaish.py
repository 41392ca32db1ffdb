from aws_cdk import App, Stack
from aws_cdk.aws_ec2 import Peer as PX
from aws_cdk.aws_ec2 import Port
from aws_cdk.aws_ec2 import SecurityGroup as SGX
from aws_cdk.aws_ec2 import Vpc

app = App()
stack = Stack(app, "Probe")
vpc = Vpc(stack, "Vpc")
SGX(stack, "SG", vpc=vpc, allow_all_outbound=False).add_egress_rule(
    peer=PX.ipv4(cidr_ip="0.0.0.0/0"),
    connection=Port.tcp_range(0, 65535),
    description="d",
)
app.synth()
