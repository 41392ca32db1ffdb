import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
image = ecs.ContainerImage.from_registry("nginx")
cluster = ecs.Cluster(stack, "C", vpc=vpc)
cluster.add_capacity("Capacity", instance_type=ec2.InstanceType("t3.micro"))
patterns.ApplicationLoadBalancedEc2Service(
    stack,
    "Bridge",
    cluster=cluster,
    memory_limit_mib=128,
    task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(image=image),
)
task = ecs.Ec2TaskDefinition(stack, "T", network_mode=ecs.NetworkMode.AWS_VPC)
task.add_container(
    "web", image=image, memory_limit_mib=128, port_mappings=[ecs.PortMapping(container_port=8080)]
)
patterns.ApplicationLoadBalancedEc2Service(stack, "Own", cluster=cluster, task_definition=task)
patterns.QueueProcessingEc2Service(stack, "Queue", cluster=cluster, image=image, memory_limit_mib=128)
patterns.ScheduledEc2Task(
    stack,
    "Nightly",
    cluster=cluster,
    schedule=scaling.Schedule.expression("rate(1 day)"),
    scheduled_ec2_task_image_options=patterns.ScheduledEc2TaskImageOptions(
        image=image, memory_limit_mib=128
    ),
)
app.synth()
