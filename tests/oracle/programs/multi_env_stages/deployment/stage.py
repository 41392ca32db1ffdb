import aws_cdk as cdk
from constructs import Construct

from .environments import EnvironmentSettings
from .stacks import ApiStack, NetworkStack, WorkerStack


class ProductStage(cdk.Stage):
    def __init__(
        self, scope: Construct, construct_id: str, *, settings: EnvironmentSettings, proxy: str, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        network = NetworkStack(self, "Network", settings)
        api = ApiStack(self, "Api", settings, network=network, proxy=proxy)
        if settings.is_production:
            WorkerStack(self, "Worker", settings, network=network, api=api)
        cdk.Tags.of(self).add("production", str(settings.is_production).lower())
