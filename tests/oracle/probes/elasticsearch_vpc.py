from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticsearch as elasticsearch
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        elasticsearch.Domain(
            self,
            "D",
            version=elasticsearch.ElasticsearchVersion.V7_10,
            vpc=vpc,
            zone_awareness=elasticsearch.ZoneAwarenessConfig(
                enabled=True, availability_zone_count=2
            ),
            capacity=elasticsearch.CapacityConfig(data_nodes=2),
        )


app = App()
ProbeStack(app, "Probe")
app.synth()
