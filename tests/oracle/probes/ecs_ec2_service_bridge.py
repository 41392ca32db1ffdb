import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
cluster = ecs.Cluster(stack, "C", vpc=vpc)
cluster.add_capacity(
    "Capacity",
    instance_type=ec2.InstanceType("t3.micro"),
    allow_all_outbound=False,
)
task = ecs.Ec2TaskDefinition(stack, "T")
task.add_container(
    "web",
    image=ecs.ContainerImage.from_registry("nginx"),
    memory_limit_mib=128,
    port_mappings=[ecs.PortMapping(container_port=80)],
)
service = ecs.Ec2Service(stack, "S", cluster=cluster, task_definition=task)
service.connections.allow_to(ec2.Peer.ipv4("10.20.0.0/16"), ec2.Port.tcp(5432))
balancer = elbv2.ApplicationLoadBalancer(stack, "L", vpc=vpc)
balancer.add_listener("H", port=80).add_targets("T", port=80, targets=[service])
app.synth()
