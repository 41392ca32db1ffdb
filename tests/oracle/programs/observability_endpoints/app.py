import aws_cdk as cdk

from observability.agents import *
from observability.collectors import *
from observability.endpoints import add_endpoints

app = cdk.App()
stack = cdk.Stack(app, "Observability")
vpc = make_vpc(stack)
endpoints = add_endpoints(stack, vpc, "CLOUDWATCH_MONITORING", "CLOUDWATCH_LOGS", "XRAY", "STS")
agents = app.node.try_get_context("agents")

collector = Collector(stack, "Collector", vpc=vpc)
collector.export_to(endpoints)
for index in range(agents["count"]):
    Agent(stack, f"Agent{index}", vpc=vpc, collector=collector, scrape=agents["scrape"])

app.synth()
