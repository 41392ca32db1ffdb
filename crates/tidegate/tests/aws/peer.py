"""The same calls as `tidegate snapshot aws` makes, with the vendor's own library: what a careful script would do.

    peer.py ENDPOINT REGION[,REGION…] FOLDER [CALLS AT ONCE]
"""

import concurrent.futures
import datetime
import json
import pathlib
import sys

import botocore.config
import botocore.session
from botocore import xform_name

CALLS = """
SecurityGroups SecurityGroupRules ManagedPrefixLists NetworkInterfaces Instances Vpcs Subnets RouteTables NetworkAcls
InternetGateways NatGateways EgressOnlyInternetGateways VpcEndpoints VpcPeeringConnections TransitGateways
TransitGatewayAttachments TransitGatewayVpcAttachments TransitGatewayRouteTables
""".split()


def printed(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    raise TypeError(type(value))


def main():
    endpoint, regions, folder = sys.argv[1:4]
    at_once = int(sys.argv[4]) if len(sys.argv) > 4 else 32
    session = botocore.session.get_session()
    config = botocore.config.Config(max_pool_connections=at_once)

    def fetch(job):
        client, region, call = job
        name = xform_name(f"Describe{call}")
        answer = client.get_paginator(name).paginate().build_full_result()
        path = pathlib.Path(folder, region, f"{name}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(answer, default=printed, indent=4))

    clients = [
        (session.create_client("ec2", region_name=region, endpoint_url=endpoint, config=config), region)
        for region in regions.split(",")
    ]
    jobs = [(client, region, call) for client, region in clients for call in CALLS]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(fetch, jobs))


main()
