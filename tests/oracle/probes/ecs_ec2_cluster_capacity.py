import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
cluster = ecs.Cluster(stack, "C", vpc=vpc)
cluster.add_capacity("Cap", instance_type=ec2.InstanceType("t3.micro"))
app.synth()
