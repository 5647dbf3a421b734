"""Where a program runs. There is one kind of place here: the simulator."""

from ._enums import SdkTarget
from ..._wire import WaferError


class SimfabConfig:
    """Settings of a simulator run."""

    def __init__(self, num_threads=16, suppress_trace=False, dump_core=False, core_path=None):
        self.num_threads = num_threads
        self.suppress_trace = suppress_trace
        self.dump_core = dump_core
        self.core_path = core_path


class SdkExecutionPlatform:
    """The simulator with its settings and the machine that it shows."""

    def __init__(self, config=None, target=SdkTarget.WSE3):
        self.config = config if config is not None else SimfabConfig()
        self.target = target

    def is_simulation(self):
        return True

    def is_system(self):
        return False


class SdkCompileArtifacts:
    """The path that a compilation wrote to."""

    def __init__(self, artifacts_path):
        self.artifacts_path = str(artifacts_path)

    def __str__(self):
        return self.artifacts_path

    def __fspath__(self):
        return self.artifacts_path


def get_simulator(config=None, target=SdkTarget.WSE3):
    return SdkExecutionPlatform(config, target)


def get_system(cmaddr):
    raise WaferError(
        "cannot reach the system at %s: Wafer runs programs on its simulated machine; "
        "leave cmaddr out" % cmaddr
    )


def get_platform(cmaddr=None, config=None, target=SdkTarget.WSE3):
    if cmaddr:
        return get_system(cmaddr)
    return get_simulator(config, target)
