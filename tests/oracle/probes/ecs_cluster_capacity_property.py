import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
cluster = ecs.Cluster(
    stack,
    "C",
    vpc=vpc,
    capacity=ecs.AddCapacityOptions(
        instance_type=ec2.InstanceType("t3.micro"), allow_all_outbound=False
    ),
)
cluster.connections.allow_to(ec2.Peer.ipv4("10.20.0.0/16"), ec2.Port.tcp(443))
app.synth()
