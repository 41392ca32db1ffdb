#!/usr/bin/env python3
"""A small bookshop: one network, one stack of workloads, one stack of jobs."""

import aws_cdk as cdk

from stacks.jobs import Jobs
from stacks.network import Network
from stacks.shop import Shop

app = cdk.App()
network = Network(app, "Network")
shop = Shop(app, "Shop", vpc=network.vpc)
Jobs(app, "Jobs", vpc=network.vpc, database=shop.database)
app.synth()
