import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
task = ecs.FargateTaskDefinition(stack, "TD")
task.add_container("c", image=ecs.ContainerImage.from_registry("nginx"))
rule = events.Rule(stack, "R", schedule=events.Schedule.expression("rate(1 day)"))
rule.add_target(
    targets.EcsTask(cluster=ecs.Cluster(stack, "C", vpc=vpc), task_definition=task)
)
app.synth()
