from functools import cached_property

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm


class Parameters:
    """What whoever deploys the template may choose."""

    def __init__(self, stack: cdk.Stack) -> None:
        self.stack = stack
        self.office = cdk.CfnParameter(
            stack,
            "OfficeCidr",
            default="203.0.113.0/28",
            description="Where the office's API is",
        )
        self.port = cdk.CfnParameter(
            stack, "ApiPort", type="Number", default=8443, allowed_values=["8443", "9443"]
        )
        self.sites = cdk.CfnParameter(
            stack, "SiteCidrs", type="CommaDelimitedList", default="10.81.0.0/16,10.82.0.0/16"
        )
        self.mode = cdk.CfnParameter(
            stack, "Mode", default="closed", allowed_values=["closed", "maintenance"]
        )

    @cached_property
    def maintenance(self) -> cdk.CfnCondition:
        return cdk.CfnCondition(
            self.stack,
            "Maintenance",
            expression=cdk.Fn.condition_equals(self.mode, "maintenance"),
        )

    @cached_property
    def repository(self) -> str:
        return ssm.StringParameter.value_for_string_parameter(self.stack, "/network/repository-cidr")
