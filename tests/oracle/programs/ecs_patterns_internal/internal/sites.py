import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from .network import SharedNetwork


class SitesStack(cdk.Stack):
    def __init__(self, scope, construct_id, *, network: SharedNetwork, apps, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.services = {}
        for name, port in apps.items():
            self.services[name] = patterns.ApplicationLoadBalancedFargateService(
                self,
                name.capitalize(),
                cluster=network.cluster,
                public_load_balancer=False,
                open_listener=False,
                security_groups=[network.behind_proxy(self, f"{name.capitalize()}Group")],
                task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(
                    image=ecs.ContainerImage.from_registry(f"example/{name}"),
                    container_port=port,
                ),
            )

        status = self.services["status"]
        status.target_group.configure_health_check(path="/healthz")
        status.service.connections.allow_to(
            self.services["wiki"].load_balancer,
            cdk.aws_ec2.Port.tcp(80),
            "status checks the wiki",
        )

        # An old service with the pattern's own group.
        patterns.NetworkLoadBalancedFargateService(
            self,
            "Ldap",
            cluster=network.cluster,
            public_load_balancer=False,
            listener_port=389,
            task_image_options=patterns.NetworkLoadBalancedTaskImageOptions(
                image=ecs.ContainerImage.from_registry("example/ldap"), container_port=389
            ),
        )

        balancer = elbv2.ApplicationLoadBalancer(self, "Shared", vpc=network.vpc)
        listener = balancer.add_listener("Http", port=80, open=False)
        listener.add_action("Default", action=elbv2.ListenerAction.fixed_response(404))
