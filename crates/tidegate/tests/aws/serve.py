"""A server that stands in for AWS, with a small estate in some regions.

Prints its port on a line of its own when it is ready, and ends when its standard input does.

    serve.py REGION[,REGION…] [GROUPS]

GROUPS: how many further security groups each region has.
"""

import logging
import sys

import botocore.session
from moto.server import ThreadedMotoServer

ACCOUNT, OTHER = "123456789012", "210987654321"


def client(service, region, port):
    session = botocore.session.get_session()
    return session.create_client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="populate",
        aws_secret_access_key="populate",
    )


def populate(region, port):
    ec2 = client("ec2", region, port)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "main <&> \u00fc"}])
    public = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    private = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_egress_only_internet_gateway(VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=public)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    inner = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=inner, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.associate_route_table(RouteTableId=inner, SubnetId=private)
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3", RouteTableIds=[inner])
    own = ec2.create_managed_prefix_list(
        PrefixListName="partners",
        MaxEntries=3,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "203.0.113.0/24", "Description": "x"}, {"Cidr": "198.51.100.0/24"}],
    )["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": own}]},
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group}]},
        ],
    )
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for subnet in (public, private):
        ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=subnet, SecurityGroupIds=[group]
        )
    ec2.create_network_interface(SubnetId=private, Groups=[group], Description="alone")
    transit = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    attached = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=transit, VpcId=vpc, SubnetIds=[private])
    attachment = attached["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    routes = ec2.create_transit_gateway_route_table(TransitGatewayId=transit)["TransitGatewayRouteTable"]
    ec2.create_transit_gateway_route(
        TransitGatewayRouteTableId=routes["TransitGatewayRouteTableId"],
        DestinationCidrBlock="0.0.0.0/0",
        TransitGatewayAttachmentId=attachment,
    )


def crowd(region, groups):
    """Groups in numbers, straight into the server's memory."""
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[ACCOUNT][region]
    vpc = next(iter(backend.vpcs))
    for number in range(groups):
        backend.create_security_group(f"group-{number:05}", "one of many", vpc_id=vpc)


def main():
    regions = sys.argv[1].split(",")
    groups = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    organisation = client("organizations", "us-east-1", port)
    organisation.create_organization(FeatureSet="ALL")
    organisation.create_account(AccountName="payments", Email="payments@example.com")
    for region in regions:
        populate(region, port)
        crowd(region, groups)
    print(port, flush=True)
    sys.stdin.read()
    server.stop()


main()
