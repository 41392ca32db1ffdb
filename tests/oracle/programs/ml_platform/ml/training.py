from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from .base import FeatureClient, MlStack


class TrainingStack(FeatureClient, MlStack):
    def __init__(self, scope, construct_id, *, vpc, model_hub, gpu=False, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.job_group = self.new_group("JobGroup", vpc)
        self.job_group.add_egress_rule(ec2.Peer.ipv4(model_hub), ec2.Port.tcp(443))
        self.job_group.connections.allow_internally(ec2.Port.all_traffic(), "all-reduce")
        if gpu:
            self.job_group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "drivers")

        train = tasks.SageMakerCreateTrainingJob(
            self,
            "Train",
            training_job_name=sfn.JsonPath.string_at("$.name"),
            algorithm_specification=tasks.AlgorithmSpecification(
                algorithm_name="ranker", training_input_mode=tasks.InputMode.FILE
            ),
            input_data_config=[
                tasks.Channel(
                    channel_name="train",
                    data_source=tasks.DataSource(
                        s3_data_source=tasks.S3DataSource(
                            s3_location=tasks.S3Location.from_json_expression("$.input")
                        )
                    ),
                )
            ],
            output_data_config=tasks.OutputDataConfig(
                s3_output_location=tasks.S3Location.from_json_expression("$.output")
            ),
            vpc_config=tasks.VpcConfig(
                vpc=vpc, subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ),
        )
        sfn.StateMachine(self, "Machine", definition_body=sfn.DefinitionBody.from_chainable(train))
        # The task's own group is open; the job's traffic is bounded by the group below.
        train.add_security_group(self.job_group)

    @property
    def client_groups(self):
        return (self.job_group,)
