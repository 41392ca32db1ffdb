import aws_cdk as cdk

from legacy.mappings import add_region_mapping
from legacy.security import LegacySecurity

app = cdk.App()
stack = cdk.Stack(app, "Legacy", description="Moved from a hand-written template in 2019")
mapping = add_region_mapping(stack)
LegacySecurity(stack, "Security", mapping=mapping)
app.synth()
