import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
cluster = ecs.Cluster(stack, "C", vpc=vpc)
cluster.add_capacity("Capacity", instance_type=ec2.InstanceType("t3.micro"))
task = ecs.Ec2TaskDefinition(stack, "T", network_mode=ecs.NetworkMode.AWS_VPC)
task.add_container("web", image=ecs.ContainerImage.from_registry("nginx"), memory_limit_mib=128)
ecs.Ec2Service(stack, "S", cluster=cluster, task_definition=task)
app.synth()
