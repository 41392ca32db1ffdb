import aws_cdk as cdk
from remote import *

app = cdk.App()
stack = RemoteAccess(app, "RemoteAccess")
stack.add_vendor("Siemplex", sites=["plant"], ports=(102, 44818))
stack.add_vendor("Labtron", sites=["plant", "lab"], ports=(104,), udp=True)
stack.add_staff()
app.synth()
