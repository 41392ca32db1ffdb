import os

import aws_cdk as cdk

from runners import RunnerStack

app = cdk.App()
RunnerStack(
    app,
    "CiRunners",
    runners=app.node.try_get_context("runners"),
    artifact_hosts=app.node.try_get_context("artifact_hosts"),
    description=os.environ.get("CI_STACK_DESCRIPTION", "Self-hosted runners"),
)
app.synth()
