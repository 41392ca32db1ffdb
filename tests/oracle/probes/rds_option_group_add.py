import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
options = rds.OptionGroup(
    stack,
    "O",
    engine=rds.DatabaseInstanceEngine.oracle_se2(version=rds.OracleEngineVersion.VER_19),
    configurations=[rds.OptionConfiguration(name="LOCATOR")],
)
options.add_configuration(name="OEM", port=1158, vpc=vpc)
app.synth()
