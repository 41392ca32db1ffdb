import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "G", vpc=vpc, allow_all_outbound=False)
bastion = ec2.BastionHostLinux(stack, "B", vpc=vpc)
bastion.allow_ssh_access_from(group, ec2.Peer.ipv4("10.0.0.0/8"))
app.synth()
