"""The appliance's client classes, mapped to this machine."""

import os
import shlex
import shutil
import subprocess
import tempfile

from .._wire import WaferError, find_binary
from .runtime import sdkruntimepybind
from .runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, Task

__all__ = ["MemcpyDataType", "MemcpyOrder", "SdkCompiler", "SdkLauncher", "SdkRuntime", "Task"]


class SdkRuntime(sdkruntimepybind.SdkRuntime):
    """As SdkRuntime of sdkruntimepybind; entering it loads and runs the program."""

    def __init__(self, artifact_path, simulator=True, **kwargs):
        kwargs = {k: v for k, v in kwargs.items() if k in ("suppress_simfab_trace", "simfab_numthreads", "msg_level")}
        super().__init__(artifact_path, **kwargs)


class SdkCompiler:
    """Compiles on this machine; the artifact's name is the path of the output."""

    def __init__(self, **kwargs):
        self._options = kwargs

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        return False

    def compile(self, app_path, csl_main, options="", out_path="."):
        args = shlex.split(options)
        if not any(a == "-o" or a.startswith("-o=") for a in args):
            args += ["-o", "out"]
        at = next(i for i, a in enumerate(args) if a == "-o" or a.startswith("-o="))
        name = args[at + 1] if args[at] == "-o" else args[at][3:]
        target = os.path.abspath(os.path.join(out_path, name))
        args[at : at + (2 if args[at] == "-o" else 1)] = ["-o", target]
        command = [find_binary(), "csl", "build", csl_main] + args
        done = subprocess.run(command, cwd=app_path, check=False)
        if done.returncode != 0:
            raise WaferError("compiling %s ended with code %d" % (csl_main, done.returncode))
        return target


class SdkLauncher:
    """Runs commands in a scratch copy of the artifact's place."""

    def __init__(self, artifact_path, simulator=True, **kwargs):
        self._artifact = os.path.abspath(artifact_path)
        self._dir = None

    def __enter__(self):
        self._dir = tempfile.mkdtemp(prefix="wafer-launch-")
        return self

    def __exit__(self, kind, value, trace):
        shutil.rmtree(self._dir, ignore_errors=True)
        return False

    def stage(self, path):
        shutil.copy(path, self._dir)

    def run(self, *commands):
        return [self._run_one(c.replace("%CMADDR%", "")) for c in commands]

    def _run_one(self, command):
        link = os.path.join(self._dir, os.path.basename(self._artifact))
        if not os.path.exists(link):
            os.symlink(self._artifact, link)
        done = subprocess.run(
            command, shell=True, cwd=self._dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, check=False,
        )
        if done.returncode != 0:
            raise WaferError("%r ended with code %d:\n%s" % (command, done.returncode, done.stdout))
        return done.stdout

    def download_artifact(self, name, out_path):
        shutil.copy(os.path.join(self._dir, name), out_path)
