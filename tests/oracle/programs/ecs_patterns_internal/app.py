#!/usr/bin/env python3
import aws_cdk as cdk

from internal.jobs import JobsStack
from internal.network import SharedNetwork
from internal.sites import SitesStack

app = cdk.App()
network = SharedNetwork(app, "SharedNetwork")
SitesStack(app, "InternalSites", network=network, apps=app.node.try_get_context("apps"))
JobsStack(app, "InternalJobs", network=network)
app.synth()
