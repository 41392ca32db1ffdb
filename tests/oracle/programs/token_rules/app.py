import aws_cdk as cdk

from tokens.parameters import Parameters
from tokens.stack import TokenStack

app = cdk.App()
stack = TokenStack(app, "TokenRules", analytics_reporting=False)
stack.build(Parameters(stack))
app.synth()
