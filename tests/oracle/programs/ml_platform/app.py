#!/usr/bin/env python3
import aws_cdk as cdk

from ml.feature_store import FeatureStoreStack
from ml.studio import StudioStack
from ml.training import TrainingStack

app = cdk.App()
ml = app.node.try_get_context("ml")

features = FeatureStoreStack(app, "FeatureStore")
studio = StudioStack(app, "Studio", vpc=features.vpc, users=ml["notebooks"], model_hub=ml["model_hub"])
training = TrainingStack(app, "Training", vpc=features.vpc, model_hub=ml["model_hub"], gpu=ml["gpu"])
studio.uses(features)
training.uses(features)

app.synth()
