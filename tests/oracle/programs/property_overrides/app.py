import aws_cdk as cdk

from overrides.databases import DatabaseStack
from overrides.workers import WorkerStack

app = cdk.App()
databases = DatabaseStack(app, "Databases")
WorkerStack(
    app,
    "Workers",
    vpc=databases.vpc,
    lock=app.node.try_get_context("overrides").get("lock_functions"),
)
app.synth()
