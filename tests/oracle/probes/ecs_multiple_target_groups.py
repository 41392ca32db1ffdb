import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
image = ecs.ContainerImage.from_registry("nginx")
cluster = ecs.Cluster(stack, "C", vpc=vpc)
patterns.ApplicationMultipleTargetGroupsFargateService(
    stack,
    "One",
    cluster=cluster,
    task_image_options=patterns.ApplicationLoadBalancedTaskImageProps(
        image=image, container_ports=[8080, 9090]
    ),
)
patterns.ApplicationMultipleTargetGroupsFargateService(
    stack,
    "Two",
    cluster=cluster,
    task_image_options=patterns.ApplicationLoadBalancedTaskImageProps(image=image),
    load_balancers=[
        patterns.ApplicationLoadBalancerProps(
            name="public", listeners=[patterns.ApplicationListenerProps(name="web")]
        ),
        patterns.ApplicationLoadBalancerProps(
            name="inner",
            public_load_balancer=False,
            listeners=[patterns.ApplicationListenerProps(name="admin")],
        ),
    ],
    target_groups=[
        patterns.ApplicationTargetProps(container_port=80, listener="web"),
        patterns.ApplicationTargetProps(container_port=90, listener="admin"),
    ],
)
patterns.NetworkMultipleTargetGroupsFargateService(
    stack,
    "Network",
    cluster=cluster,
    task_image_options=patterns.NetworkLoadBalancedTaskImageProps(image=image),
)
app.synth()
