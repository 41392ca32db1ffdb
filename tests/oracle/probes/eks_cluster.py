from aws_cdk import App, Stack
from aws_cdk import aws_eks as eks
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        eks.CfnCluster(
            self,
            "CfnOnly",
            role_arn="arn:aws:iam::123456789012:role/x",
            resources_vpc_config=eks.CfnCluster.ResourcesVpcConfigProperty(
                subnet_ids=["subnet-1", "subnet-2"]
            ),
        )


app = App()
ProbeStack(app, "Probe")
app.synth()
