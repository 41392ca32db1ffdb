import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        group = ec2.SecurityGroup(self, "SG", vpc=vpc, allow_all_outbound=False)
        ports = [
            ec2.Port.tcp(1),
            ec2.Port.tcp_range(1, 2),
            ec2.Port.all_tcp(),
            ec2.Port.udp(53),
            ec2.Port.udp_range(1, 2),
            ec2.Port.all_udp(),
            ec2.Port.icmp_ping(),
            ec2.Port.icmp_type(3),
            ec2.Port.icmp_type_and_code(3, 4),
            ec2.Port.all_icmp(),
            ec2.Port.all_icmp_v6(),
            ec2.Port.esp(),
            ec2.Port.ah(),
            ec2.Port.all_traffic(),
            ec2.Port.HTTPS,
            ec2.Port.SSH,
            ec2.Port.POSTGRES,
            ec2.Port.MYSQL_AURORA,
            ec2.Port.DNS_UDP,
            ec2.Port.NFS,
            ec2.Port.LDAP,
            ec2.Port.SMTP,
            ec2.Port(
                protocol=ec2.Protocol.TCP,
                from_port=9000,
                to_port=9100,
                string_representation="metrics",
            ),
            ec2.Port(protocol=ec2.Protocol.GRE, string_representation="gre"),
        ]
        for i, port in enumerate(ports):
            group.add_egress_rule(ec2.Peer.ipv4(f"10.1.{i}.0/24"), port, str(i))


app = cdk.App()
Probe(app, "Probe")
app.synth()
