import os
from aws_cdk import *
from aws_cdk.aws_ec2 import *
from aws_cdk.aws_autoscaling import AutoScalingGroup
import settings as cfg
from helpers import *

app = App()
stack = Stack(app, os.environ.get("STACK_NAME", "intranet"))

# --- network ---
vpc = Vpc(stack, "vpc", ip_addresses=IpAddresses.cidr(cfg.CIDR), max_azs=cfg.AZS, nat_gateways=0)

# --- groups ---
sg_lb = SecurityGroup(stack, "sg-lb", vpc=vpc, allow_all_outbound=False, description="lb")
sg_app = SecurityGroup(stack, "sg-app", vpc=vpc, allow_all_outbound=False, description="app")
sg_db = SecurityGroup(stack, "sg-db", vpc=vpc, allow_all_outbound=False, description="db")
sg_job = SecurityGroup(stack, "sg-job", vpc=vpc, allow_all_outbound=cfg.JOBS_OPEN, description="jobs")
sg_tmp = SecurityGroup(stack, "sg-tmp", vpc=vpc, description="to be removed")

sg_lb.add_ingress_rule(Peer.ipv4(cfg.OFFICE), Port.tcp(443))
sg_lb.add_egress_rule(sg_app, Port.tcp(cfg.APP_PORT))
sg_app.add_egress_rule(sg_db, Port.tcp(3306))
sg_app.add_ingress_rule(sg_lb, Port.tcp(cfg.APP_PORT))
sg_db.add_ingress_rule(sg_app, Port.tcp(3306))

for p in cfg.APP_OUT:
    open_to(sg_app, cfg.OFFICE, p)
for host, p in cfg.EXTRA.items():
    open_to(sg_app, host + "/32", p)
    if p != 25:
        open_to(sg_job, host + "/32", p)

i = 0
while i < len(cfg.NTP):
    sg_db.add_egress_rule(Peer.ipv4(cfg.NTP[i]), Port.udp(123), "ntp %d" % i)
    i += 1

sg_app.add_egress_rule(Peer.ipv4(cfg.MONITOR), Port.icmp_type(8), "ping")
sg_app.add_egress_rule(Peer.ipv4(cfg.MONITOR), Port.icmp_type_and_code(3, 4), "mtu")
sg_app.add_egress_rule(Peer.ipv4(cfg.MONITOR), Port.all_udp(), "syslog and friends")

# --- machines ---
image = MachineImage.latest_amazon_linux2023()
for n, (name, sg) in enumerate(zip(["app", "job"], [sg_app, sg_job])):
    AutoScalingGroup(
        stack,
        "asg-{}-{:02d}".format(name, n),
        vpc=vpc,
        vpc_subnets=SubnetSelection(subnet_type=SubnetType.PRIVATE_ISOLATED),
        instance_type=InstanceType("t3.small"),
        machine_image=image,
        security_group=sg,
    )

db = Instance(
    stack,
    "db",
    vpc=vpc,
    vpc_subnets=SubnetSelection(subnet_type=SubnetType.PRIVATE_ISOLATED),
    instance_type=InstanceType("r6i.large"),
    machine_image=image,
    security_group=sg_db,
)
tag_all(stack, **cfg.TAGS)

app.synth()
