from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        balancer = elbv2.ApplicationLoadBalancer(self, "L", vpc=vpc)
        target_group = elbv2.ApplicationTargetGroup(
            self, "TG", vpc=vpc, port=80, target_type=elbv2.TargetType.IP
        )
        balancer.add_listener("H", port=80).add_target_groups("T", target_groups=[target_group])


app = App()
ProbeStack(app, "Probe")
app.synth()
