import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_eks as eks
import aws_cdk.aws_lambda as lambda_


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    layer = lambda_.LayerVersion.from_layer_version_arn(
        stack, "L", "arn:aws:lambda:us-east-1:111111111111:layer:k:1"
    )
    eks.Cluster(
        stack, "E", version=eks.KubernetesVersion.V1_31, vpc=vpc, kubectl_layer=layer
    )
    app.synth()


if __name__ == "__main__":
    main()
