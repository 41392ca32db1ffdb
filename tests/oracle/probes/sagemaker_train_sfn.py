import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
train = tasks.SageMakerCreateTrainingJob(
    stack,
    "T",
    training_job_name="x",
    algorithm_specification=tasks.AlgorithmSpecification(
        algorithm_name="a", training_input_mode=tasks.InputMode.FILE
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
    vpc_config=tasks.VpcConfig(vpc=vpc),
)
sfn.StateMachine(stack, "M", definition_body=sfn.DefinitionBody.from_chainable(train))
app.synth()
