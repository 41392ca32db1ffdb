import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as ecs_patterns


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        ecs_patterns.ScheduledFargateTask(
            self,
            "S",
            vpc=vpc,
            schedule=appscaling.Schedule.expression("rate(1 day)"),
            scheduled_fargate_task_image_options=ecs_patterns.ScheduledFargateTaskImageOptions(
                image=ecs.ContainerImage.from_registry("nginx")
            ),
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
