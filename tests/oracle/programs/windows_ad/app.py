import aws_cdk as cdk

import directory
from directory import ports as p
from directory.servers import MemberServers

app = cdk.App()
stack = cdk.Stack(app, "Windows")
vpc = directory.network(stack)
controllers = [f"{address}/32" for address in app.node.get_context("controllers")]

members = MemberServers(
    stack,
    "Members",
    vpc=vpc,
    roles={"file": p.FILE, "print": p.PRINT, "sql": p.SQL},
    controllers=controllers,
)
members.join_domain()
members.let("sql", "file")
members.let("print", "file")
directory.managed(stack, vpc, app.node.get_context("domain"))

app.synth()
