from aws_cdk import App, Tags

from orbit.cluster import OrbitCluster
from orbit.pools import PoolSpec

app = App()
pools = [PoolSpec(**entry) for entry in app.node.try_get_context("node_pools")]
stack = OrbitCluster(app, app.node.try_get_context("cluster"), pools=pools)
Tags.of(stack).add("kubernetes", "true")
app.synth()
