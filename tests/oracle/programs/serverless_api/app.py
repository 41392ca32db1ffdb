import aws_cdk as cdk

from api.stack import ApiStack

app = cdk.App()
ApiStack(app, "OrdersApi", functions=app.node.try_get_context("functions"))
app.synth()
