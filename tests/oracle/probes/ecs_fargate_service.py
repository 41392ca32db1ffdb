import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_ecs as ecs


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    task = ecs.FargateTaskDefinition(stack, "TD")
    task.add_container("c", image=ecs.ContainerImage.from_registry("nginx"))
    ecs.FargateService(
        stack, "S", cluster=ecs.Cluster(stack, "C", vpc=vpc), task_definition=task
    )
    app.synth()


if __name__ == "__main__":
    main()
