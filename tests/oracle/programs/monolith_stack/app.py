import aws_cdk as cdk

from monolith.monolith_stack import MonolithStack

app = cdk.App()
MonolithStack(app, "monolith-" + app.node.try_get_context("env"), env_name=app.node.try_get_context("env"))
app.synth()
