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



def sign_in(next, **more):
    return elbv2.ListenerAction.authenticate_oidc(
        authorization_endpoint="https://id.example.com/authorize",
        token_endpoint="https://id.example.com/token",
        user_info_endpoint="https://id.example.com/user",
        issuer="https://id.example.com",
        client_id="app",
        client_secret=cdk.SecretValue.secrets_manager("app"),
        next=next,
        **more,
    )


target_group = elbv2.ApplicationTargetGroup(
    stack, "T", vpc=vpc, port=8080, protocol=elbv2.ApplicationProtocol.HTTP, targets=[fleet("F")]
)
out = elbv2.ApplicationLoadBalancer(stack, "Out", vpc=vpc)
out.add_listener(
    "H", port=80, default_action=sign_in(elbv2.ListenerAction.forward([target_group]))
)
kept = elbv2.ApplicationLoadBalancer(stack, "Kept", vpc=vpc)
kept.add_listener(
    "H",
    port=80,
    default_action=sign_in(elbv2.ListenerAction.fixed_response(200), allow_https_outbound=False),
)
app.synth()
