#!/usr/bin/env python3
from aws_cdk import App

from streaming.brokers import BrokerStack
from streaming.clients import ClientStack

app = App()
brokers = BrokerStack(app, "Brokers")
ClientStack(app, "Clients", brokers=brokers)
app.synth()
