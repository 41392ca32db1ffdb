import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        task = ecs.FargateTaskDefinition(self, "TD")
        task.add_container("c", image=ecs.ContainerImage.from_registry("nginx"))
        group = ec2.SecurityGroup(self, "SG", vpc=vpc, allow_all_outbound=False)
        ecs.FargateService(
            self,
            "S",
            cluster=ecs.Cluster(self, "C", vpc=vpc),
            task_definition=task,
            security_groups=[group],
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
