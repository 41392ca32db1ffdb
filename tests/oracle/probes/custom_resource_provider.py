import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as cr

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def handler(id):
    return lambda_.Function(
        stack,
        id,
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): pass"),
    )


cr.Provider(stack, "Short", on_event_handler=handler("A"), vpc=vpc)
cr.Provider(stack, "Long", on_event_handler=handler("B"), is_complete_handler=handler("C"), vpc=vpc)
cr.Provider(stack, "Outside", on_event_handler=handler("D"))
app.synth()
