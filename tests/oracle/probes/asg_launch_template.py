import aws_cdk as cdk
import aws_cdk.aws_autoscaling as autoscaling
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    template = ec2.LaunchTemplate(
        stack,
        "LT",
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    autoscaling.AutoScalingGroup(stack, "A", vpc=vpc, launch_template=template)
    app.synth()


if __name__ == "__main__":
    main()
