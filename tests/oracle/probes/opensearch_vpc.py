import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_opensearchservice as opensearch


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    opensearch.Domain(
        stack,
        "D",
        version=opensearch.EngineVersion.OPENSEARCH_2_11,
        vpc=vpc,
        zone_awareness=opensearch.ZoneAwarenessConfig(
            enabled=True, availability_zone_count=2
        ),
        capacity=opensearch.CapacityConfig(data_nodes=2),
    )
    app.synth()


if __name__ == "__main__":
    main()
