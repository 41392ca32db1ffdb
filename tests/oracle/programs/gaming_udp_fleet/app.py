#!/usr/bin/env python3
import aws_cdk as cdk

from arena import ArenaStack, GameTitle

app = cdk.App()
titles = [GameTitle.parse(raw) for raw in app.node.try_get_context("titles")]
ArenaStack(app, "Arena", titles=titles)
app.synth()
