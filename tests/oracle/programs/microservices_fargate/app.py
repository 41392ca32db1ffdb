#!/usr/bin/env python3
from aws_cdk import App

from platform_stack import PlatformStack

app = App()
PlatformStack(app, "ShopPlatform")
app.synth()
