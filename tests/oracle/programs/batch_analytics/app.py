#!/usr/bin/env python3
import aws_cdk as cdk

from analytics.build import BuildStack
from analytics.compute import ComputeStack
from analytics.pipeline import PipelineStack

app = cdk.App()
options = app.node.try_get_context("analytics")

compute = ComputeStack(app, "AnalyticsCompute", spot=options["spot"], warehouse=options["warehouse_cidr"])
PipelineStack(app, "AnalyticsPipeline", vpc=compute.vpc, warehouse=options["warehouse_cidr"])
BuildStack(app, "AnalyticsBuild", vpc=compute.vpc)
app.synth()
