import aws_cdk as cdk

app = cdk.App()
cdk.Stack(app, "Probe")
app.synth()
