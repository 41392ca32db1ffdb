from aws_cdk import aws_directoryservice as ds
from aws_cdk import aws_ec2 as ec2


def network(scope, *, azs=2):
    return ec2.Vpc(scope, "Vpc", ip_addresses=ec2.IpAddresses.cidr("10.60.0.0/16"), max_azs=azs)


def managed(scope, vpc, domain):
    return ds.CfnMicrosoftAD(
        scope,
        "Directory",
        name=domain,
        password="{{resolve:secretsmanager:directory:SecretString:password}}",
        vpc_settings=ds.CfnMicrosoftAD.VpcSettingsProperty(
            vpc_id=vpc.vpc_id, subnet_ids=[s.subnet_id for s in vpc.private_subnets[:2]]
        ),
    )
