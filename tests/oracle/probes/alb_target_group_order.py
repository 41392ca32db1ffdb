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



def target_group(id, port, targets=None):
    return elbv2.ApplicationTargetGroup(
        stack,
        id,
        vpc=vpc,
        port=port,
        protocol=elbv2.ApplicationProtocol.HTTP,
        target_type=elbv2.TargetType.INSTANCE,
        targets=targets,
    )


first = elbv2.ApplicationLoadBalancer(stack, "First", vpc=vpc)
first.add_listener("H", port=80, default_target_groups=[target_group("A", 8081, [fleet("AF")])])
second = elbv2.ApplicationLoadBalancer(stack, "Second", vpc=vpc)
b = target_group("B", 8082)
second.add_listener("H", port=80, default_action=elbv2.ListenerAction.forward([b]))
b.add_target(fleet("BF"))
third = elbv2.ApplicationLoadBalancer(stack, "Third", vpc=vpc)
c = target_group("C", 8083)
fleet("CF").attach_to_application_target_group(c)
elbv2.ApplicationListener(stack, "H", load_balancer=third, port=80, default_target_groups=[c])
app.synth()
