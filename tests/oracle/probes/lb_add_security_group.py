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



extra = ec2.SecurityGroup(stack, "Extra", vpc=vpc, allow_all_outbound=False)
balancer = elbv2.ApplicationLoadBalancer(stack, "L", vpc=vpc)
balancer.add_security_group(extra)
balancer.add_listener("H", port=80).add_targets("T", port=8080, targets=[fleet("F")])
late = ec2.SecurityGroup(stack, "Late", vpc=vpc, allow_all_outbound=False)
connections = ec2.Connections(security_groups=[extra])
connections.add_security_group(late)
connections.allow_to(ec2.Peer.ipv4("10.20.0.0/16"), ec2.Port.tcp(5432))
app.synth()
