#!/usr/bin/env python3
import os

import aws_cdk as cdk

from stacks.data_stack import DataStack
from stacks.network_stack import NetworkStack
from stacks.web_stack import WebStack

app = cdk.App()

environment = app.node.try_get_context("environment")
settings = app.node.try_get_context("environments")[environment]

env = cdk.Environment(
    account=os.getenv("CDK_DEFAULT_ACCOUNT"),
    region=os.getenv("CDK_DEFAULT_REGION"),
)

network = NetworkStack(app, f"network-{environment}", settings=settings, env=env)

data = DataStack(
    app,
    f"data-{environment}",
    vpc=network.vpc,
    settings=settings,
    env=env,
)

web = WebStack(
    app,
    f"web-{environment}",
    vpc=network.vpc,
    database=data.database,
    cache_security_group=data.cache_security_group,
    settings=settings,
    env=env,
)
web.add_dependency(data)

cdk.Tags.of(app).add("team", "storefront")
cdk.Tags.of(app).add("environment", environment)

app.synth()
