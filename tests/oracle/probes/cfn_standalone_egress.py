import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
ec2.CfnSecurityGroupEgress(
    stack, "E", group_id="sg-1", ip_protocol="-1", cidr_ip="0.0.0.0/0"
)
app.synth()
