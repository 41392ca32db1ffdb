from aws_cdk import aws_ec2 as ec2


def add_endpoints(scope, vpc, *names):
    """One closed group for all interface endpoints."""
    group = ec2.SecurityGroup(
        scope, "EndpointsGroup", vpc=vpc, allow_all_outbound=False, description="Endpoints"
    )
    services = {
        "CLOUDWATCH_MONITORING": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
        "CLOUDWATCH_LOGS": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
        "XRAY": ec2.InterfaceVpcEndpointAwsService.XRAY,
        "STS": ec2.InterfaceVpcEndpointAwsService.STS,
    }
    for name in names:
        ec2.InterfaceVpcEndpoint(
            scope,
            f"Endpoint{name.title().replace('_', '')}",
            vpc=vpc,
            service=services[name],
            security_groups=[group],
            open=False,
        )
    return group
