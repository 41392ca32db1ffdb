import aws_cdk as cdk

from guardrails import DescriptionCheck, PublicEgressGuard, StackNaming
from workload.stack import WorkloadStack

app = cdk.App()
options = app.node.try_get_context("guardrails")

workload = WorkloadStack(app, "Workload")
sandbox = WorkloadStack(app, "Sandbox", strict=False)

cdk.Tags.of(app).add("cost-center", "4711")
cdk.Aspects.of(app).add(DescriptionCheck())
cdk.Aspects.of(app).add(StackNaming(allowed=["Workload", "Sandbox"]))
if options["enforce"]:
    cdk.Aspects.of(sandbox).add(PublicEgressGuard(replacement="10.0.0.0/8"))

app.synth()
