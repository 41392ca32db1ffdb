import aws_cdk as cdk
import aws_cdk.aws_bedrockagentcore as agentcore
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    agentcore.BrowserCustom(
        stack,
        "B",
        network_configuration=agentcore.BrowserNetworkConfiguration.using_vpc(
            stack, vpc=vpc, allow_all_outbound=False
        ),
    )
    app.synth()


if __name__ == "__main__":
    main()
