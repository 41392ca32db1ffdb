import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
provider = ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t3.micro"))
ec2.Vpc(stack, "V", max_azs=1, nat_gateway_provider=provider)
app.synth()
