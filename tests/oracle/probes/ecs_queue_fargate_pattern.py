import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
image = ecs.ContainerImage.from_registry("worker")
patterns.QueueProcessingFargateService(stack, "Open", vpc=vpc, image=image)
group = ec2.SecurityGroup(stack, "G", vpc=vpc, allow_all_outbound=False)
patterns.QueueProcessingFargateService(stack, "Closed", vpc=vpc, image=image, security_groups=[group])
app.synth()
