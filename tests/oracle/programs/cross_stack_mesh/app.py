import aws_cdk as cdk

from mesh.foundation import Foundation
from mesh.registry import Registry
from mesh.service_stack import ServiceStack

app = cdk.App()
mesh = app.node.try_get_context("mesh")

foundation = Foundation(app, "Foundation")
registry = Registry()
for name, entry in mesh.items():
    stack = ServiceStack(app, f"Service-{name}", foundation=foundation, name=name, port=entry["port"])
    registry.register(name, stack)

for name, entry in mesh.items():
    for other in entry["uses"]:
        registry[name].use(registry[other])

print(f"{len(registry)} services")
app.synth()
