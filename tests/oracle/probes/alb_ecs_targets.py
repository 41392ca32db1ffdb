import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
task = ecs.FargateTaskDefinition(stack, "T")
task.add_container(
    "web",
    image=ecs.ContainerImage.from_registry("nginx"),
    port_mappings=[ecs.PortMapping(container_port=8080), ecs.PortMapping(container_port=9090)],
)
service = ecs.FargateService(
    stack, "S", cluster=ecs.Cluster(stack, "C", vpc=vpc), task_definition=task
)


def listener(id):
    return elbv2.ApplicationLoadBalancer(stack, id, vpc=vpc).add_listener("H", port=80)


listener("Default").add_targets("T", port=80, targets=[service])
chosen = service.load_balancer_target(container_name="web", container_port=9090)
listener("Chosen").add_targets("T", port=80, targets=[chosen])
service.register_load_balancer_targets(
    ecs.EcsTarget(
        container_name="web",
        container_port=9090,
        new_target_group_id="New",
        listener=ecs.ListenerConfig.application_listener(
            listener("Registered"), protocol=elbv2.ApplicationProtocol.HTTP
        ),
    )
)
app.synth()
