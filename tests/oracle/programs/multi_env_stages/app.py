import aws_cdk as cdk

from deployment.environments import ENVIRONMENTS
from deployment.stage import ProductStage

app = cdk.App()
org = app.node.try_get_context("org")

for key in org["deploy"]:
    settings = ENVIRONMENTS[key]
    ProductStage(
        app,
        f"{org['name']}-{key}",
        settings=settings,
        proxy=org["proxies"][key],
        env=cdk.Environment(account=settings.account, region=settings.region),
    )

app.synth()
