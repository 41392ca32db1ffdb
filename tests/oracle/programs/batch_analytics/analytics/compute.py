import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .egress import batch_group


class ComputeStack(cdk.Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, spot: bool, warehouse: str, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, ip_addresses=ec2.IpAddresses.cidr("10.44.0.0/20"))

        nodes = batch_group(self, "NodesGroup", vpc=self.vpc)
        nodes.add_egress_rule(ec2.Peer.ipv4(warehouse), ec2.Port.tcp(5439), "Warehouse")
        nodes.connections.allow_internally(ec2.Port.tcp_range(32768, 61000), "MPI")

        small = batch_group(self, "SmallGroup", vpc=self.vpc)
        small.add_egress_rule(ec2.Peer.ipv4(self.vpc.vpc_cidr_block), ec2.Port.tcp(443), "Endpoints")

        environments = [
            batch.ManagedEc2EcsComputeEnvironment(
                self,
                "Nodes",
                vpc=self.vpc,
                spot=spot,
                security_groups=[nodes],
                maxv_cpus=64,
            ),
            batch.FargateComputeEnvironment(
                self, "Small", vpc=self.vpc, security_groups=[small], maxv_cpus=16
            ),
        ]
        self.queue = batch.JobQueue(self, "Queue", priority=10)
        for order, environment in enumerate(environments[:1], 1):
            self.queue.add_compute_environment(environment, order)

        # Left as the library makes it until the vendor's license server has fixed addresses.
        batch.FargateComputeEnvironment(self, "Licensed", vpc=self.vpc)
