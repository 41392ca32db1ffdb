import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def fleet(id):
    return autoscaling.AutoScalingGroup(
        stack,
        id,
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )



def target_group(id, port):
    return elbv2.ApplicationTargetGroup(
        stack,
        id,
        vpc=vpc,
        port=port,
        protocol=elbv2.ApplicationProtocol.HTTP,
        targets=[fleet(id + "Fleet")],
    )


def path(pattern):
    return [elbv2.ListenerCondition.path_patterns([pattern])]


balancer = elbv2.ApplicationLoadBalancer(stack, "L", vpc=vpc)
listener = balancer.add_listener("H", port=80, default_action=elbv2.ListenerAction.fixed_response(404))
elbv2.ApplicationListenerRule(
    stack,
    "R",
    listener=listener,
    priority=1,
    conditions=path("/a"),
    target_groups=[target_group("A", 8081)],
)
listener.add_target_groups(
    "B", priority=2, conditions=path("/b"), target_groups=[target_group("B", 8082)]
)
weighted = elbv2.WeightedTargetGroup(target_group=target_group("C", 8083), weight=1)
listener.add_action(
    "C",
    priority=3,
    conditions=path("/c"),
    action=elbv2.ListenerAction.weighted_forward([weighted]),
)
app.synth()
