import aws_cdk as cdk

from brownfield.network import BrownfieldNetwork
from brownfield.services import ServicesStack

app = cdk.App()
get = app.node.try_get_context
env = cdk.Environment(account=get("account"), region=get("region"))

network = BrownfieldNetwork(app, "BrownfieldNetwork", env=env)
ServicesStack(app, "BrownfieldServices", network=network, groups=get("groups"), env=env)
app.synth()
