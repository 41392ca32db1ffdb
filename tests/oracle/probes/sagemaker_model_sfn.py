import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def model(id):
    return tasks.SageMakerCreateModel(
        stack,
        id,
        model_name=id,
        primary_container=tasks.ContainerDefinition(
            image=tasks.DockerImage.from_json_expression("$.image"),
            mode=tasks.Mode.SINGLE_MODEL,
            model_s3_location=tasks.S3Location.from_json_expression("$.model"),
        ),
        vpc=vpc,
    )


sfn.StateMachine(stack, "M", definition_body=sfn.DefinitionBody.from_chainable(model("Used")))
model("Unused")
app.synth()
