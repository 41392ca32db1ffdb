from runners.stack import RunnerStack
