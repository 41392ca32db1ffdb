import aws_cdk as cdk

from cde.acl import IsolationAcl
from cde.settings import Settings
from cde.stack import CardholderStack


def main() -> None:
    app = cdk.App()
    settings = Settings.from_context(app)
    stack = CardholderStack(app, "Cardholder", settings=settings)
    IsolationAcl(stack, "Isolation", vpc=stack.vpc, settings=settings)
    cdk.Tags.of(stack).add("scope", "pci")
    app.synth()
