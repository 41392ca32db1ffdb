import aws_cdk as cdk


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        cdk.CfnResource(
            self,
            "SG",
            type="AWS::EC2::SecurityGroup",
            properties={
                "GroupDescription": "x",
                "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
            },
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
