import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from .function import ApiFunction


class ApiStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, functions: dict, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        api = apigateway.RestApi(self, "Api", deploy_options=apigateway.StageOptions(stage_name="v1"))

        self.database = rds.DatabaseInstance(
            self,
            "Orders",
            engine=rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_0),
            vpc=self.vpc,
            port=3307,
        )
        proxy_group = ec2.SecurityGroup(
            self, "ProxyGroup", vpc=self.vpc, allow_all_outbound=False, description="Database proxy"
        )
        proxy = self.database.add_proxy(
            "Proxy", secrets=[self.database.secret], vpc=self.vpc, security_groups=[proxy_group]
        )
        proxy_group.connections.allow_to(self.database, ec2.Port.tcp(3307), "to the database")

        for name, options in functions.items():
            function = ApiFunction(
                self,
                "".join(word.capitalize() for word in name.split("_")),
                vpc=self.vpc,
                destinations=options["egress"],
                dual_stack=options.get("dual_stack", False),
                memory_size=options.get("memory", 256),
            )
            function.connections.allow_to(proxy, ec2.Port.tcp(3306), "proxy")
            resource = api.root.add_resource(name.replace("_", "-"))
            resource.add_method("POST", apigateway.LambdaIntegration(function))
