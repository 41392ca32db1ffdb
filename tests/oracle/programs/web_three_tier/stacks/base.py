from typing import Any, Mapping

import aws_cdk as cdk
from constructs import Construct


class BaseStack(cdk.Stack):
    """Keeps the settings of the environment at hand."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Mapping[str, Any], **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.settings = settings

    @property
    def app_port(self) -> int:
        return int(self.settings["app_port"])

    @property
    def patch_mirror(self) -> str:
        return self.settings["patch_mirror"]
