#!/usr/bin/env python3
import aws_cdk as cdk

from hub.hub_stack import HubStack

app = cdk.App()
HubStack(
    app,
    "NetworkHub",
    spokes=app.node.try_get_context("spokes"),
    corporate_prefix_list=app.node.try_get_context("corporate_prefix_list"),
)
app.synth()
