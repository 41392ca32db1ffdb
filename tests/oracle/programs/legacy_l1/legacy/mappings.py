import aws_cdk as cdk
from constructs import Construct


def add_region_mapping(scope: Construct) -> cdk.CfnMapping:
    return cdk.CfnMapping(
        scope,
        "RegionMap",
        mapping={
            "eu-west-1": {"logs": "10.100.1.0/24", "repo": "10.100.2.0/24"},
            "us-east-1": {"logs": "10.101.1.0/24", "repo": "10.101.2.0/24"},
        },
    )
