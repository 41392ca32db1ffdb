import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_rds as rds


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    rds.OptionGroup(
        stack,
        "O",
        engine=rds.DatabaseInstanceEngine.oracle_se2(version=rds.OracleEngineVersion.VER_19),
        configurations=[rds.OptionConfiguration(name="OEM", port=1158, vpc=vpc)],
    )
    app.synth()


if __name__ == "__main__":
    main()
