from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        task = ecs.FargateTaskDefinition(self, "TD")
        task.add_container("c", image=ecs.ContainerImage.from_registry("nginx"))
        run = tasks.EcsRunTask(
            self,
            "T",
            cluster=ecs.Cluster(self, "C", vpc=vpc),
            task_definition=task,
            launch_target=tasks.EcsFargateLaunchTarget(
                platform_version=ecs.FargatePlatformVersion.LATEST
            ),
        )
        sfn.StateMachine(self, "M", definition_body=sfn.DefinitionBody.from_chainable(run))


app = App()
ProbeStack(app, "Probe")
app.synth()
