import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .egress import build_group

BUILDS = {"wheel": ["python -m build"], "image": ["make image", "make push"]}


class BuildStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        shared = build_group(self, "SharedGroup", vpc=vpc)
        shared.add_egress_rule(ec2.Peer.ipv4("10.44.9.0/24"), ec2.Port.tcp(8081), "Package mirror")

        for name, commands in BUILDS.items():
            codebuild.Project(
                self,
                name.title(),
                vpc=vpc,
                security_groups=[shared],
                build_spec=codebuild.BuildSpec.from_object(
                    {"version": "0.2", "phases": {"build": {"commands": commands}}}
                ),
            )

        codebuild.Project(
            self,
            "Audit",
            vpc=vpc,
            allow_all_outbound=False,
            build_spec=codebuild.BuildSpec.from_object({"version": "0.2"}),
        )
