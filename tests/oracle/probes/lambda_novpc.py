import aws_cdk as cdk
import aws_cdk.aws_lambda as lambda_


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    lambda_.Function(
        stack,
        "F",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): pass"),
    )
    app.synth()


if __name__ == "__main__":
    main()
