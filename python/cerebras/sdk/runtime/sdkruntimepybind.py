"""SdkRuntime and SdkLayout: run a compiled program and talk to it."""

import os

import numpy as np

from ..._wire import Session, WaferError
from ._enums import FP16TYPE, MemcpyDataType, MemcpyOrder, SdkTarget
from ._layout import (
    CodeRegion,
    Color,
    Edge,
    EdgeRouteInfo,
    PortHandle,
    Route,
    RoutingPosition,
    SdkLayout,
    get_edge_routing,
)
from ._platform import (
    SdkCompileArtifacts,
    SdkExecutionPlatform,
    SimfabConfig,
    get_platform,
    get_simulator,
    get_system,
)

__all__ = [
    "CodeRegion", "Color", "Edge", "EdgeRouteInfo", "FP16TYPE", "MemcpyDataType", "MemcpyOrder",
    "PortHandle", "Route", "RoutingPosition", "SdkCompileArtifacts", "SdkExecutionPlatform", "SdkLayout",
    "SdkRuntime", "SdkTarget", "SimfabConfig", "Task", "WaferError", "get_edge_routing", "get_platform",
    "get_simulator", "get_system",
]

# The last run of this process in each directory, so that debug_util finds the
# memory of a program after it was stopped and its runtime forgotten.
_runs = {}


class Task:
    """A command that was given; with nonblock=True it may still be open."""

    def __init__(self, runtime, number=None, take=None):
        self._runtime = runtime
        self._number = number  # None: over
        self._take = take

    def _finish(self, data):
        self._number = None
        if self._take is not None:
            self._take(data)
            self._take = None

    def wait(self):
        self._runtime.task_wait(self)

    def is_done(self):
        return self._runtime.is_task_done(self)


class SdkRuntime:
    """One run of a compiled program on the simulated wafer.

    The file sim.log is written in the working directory, as programs expect; the
    environment variable WAFER_SIM_LOG names another path, or "off".

    resume=FILE goes on from a checkpoint that save() or `wafer csl run --checkpoint`
    wrote, instead of from the beginning. This, save() and load(FILE) are our own; a
    script that uses them runs on this package alone.
    """

    def __init__(self, bindir, platform=None, **kwargs):
        self._session = None
        known = (
            "cmaddr", "suppress_simfab_trace", "simfab_numthreads", "msg_level", "memcpy_required",
            "simulator", "profile", "resume",
        )
        for name in kwargs:
            if name not in known:
                raise TypeError("SdkRuntime has no argument %r; it has %s" % (name, ", ".join(known)))
        if kwargs.get("cmaddr"):
            get_system(kwargs["cmaddr"])
        self._dir = os.path.realpath(os.fspath(bindir))
        self._config = platform.config if platform is not None else SimfabConfig()
        log = os.environ.get("WAFER_SIM_LOG", "sim.log")
        self._session = Session()
        self._image, _ = self._session.request(
            "open",
            dir=self._dir,
            sim_log="" if log == "off" else log,
            profile=kwargs.get("profile") or os.environ.get("WAFER_PROFILE", ""),
            threads=int(kwargs.get("simfab_numthreads") or 0),
            resume=_path(kwargs.get("resume")),
        )
        self._open = []  # tasks given with nonblock=True, in order
        self._started = False
        self._stopped = False
        self._ports = [p["name"] for p in self._image["ports"]]
        _runs[self._dir] = self

    # The run as a whole.

    def load(self, path=None):
        """The program is on the device since the constructor.

        With a path: puts the device back to where save() was called, also by another
        script. No command may be open.
        """
        if path is not None:
            self._session.request("load", path=_path(path))

    def save(self, path):
        """Writes a checkpoint of the run, for load() or resume=.

        Memory, wavelets on their way, and launches that are still open go along. A
        copy or a receive that is open does not: wait for it first.
        """
        self._session.request("save", path=_path(path))

    def run(self):
        if not self._started:
            self._session.request("run")
            self._started = True

    start = run

    def stop(self):
        """Waits for all commands. Memory stays readable afterwards."""
        if self._stopped:
            return
        self._stopped = True
        self._session.request("stop")
        for task in self._open:
            self._collect(task)
        self._open = []
        self._at_stop()
        # Without a path of its own a core file is not worth its room: read_symbol
        # and debug_util read the memory of the run itself.
        if self._config.dump_core and self._config.core_path is not None:
            self.dump_core(self._config.core_path)

    def _at_stop(self):
        """Runs the file that WAFER_AT_STOP names, with this object as `runtime`."""
        path = os.environ.get("WAFER_AT_STOP")
        if path:
            with open(path, encoding="utf-8") as f:
                exec(compile(f.read(), path, "exec"), {"runtime": self, "__name__": "at_stop"})

    def __enter__(self):
        self.load()
        self.run()
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        return False

    def dump_core(self, corefile):
        """Writes the memory of all cores to a file for debug_util."""
        self._session.request("dump", path=os.path.abspath(os.fspath(corefile)))

    dump_elf_core = dump_core

    # Names.

    def get_id(self, symbol):
        return self._session.request("id", name=str(symbol))[0]["id"]

    get_symbol = get_id

    def get_port_id(self, port_name):
        if port_name not in self._ports:
            raise WaferError("the program has no port %r; it has %s" % (port_name, ", ".join(self._ports)))
        return self._ports.index(port_name)

    def report_port_infos(self):
        for p in self._image["ports"]:
            way = "input" if p["input"] else "output"
            print("%s: %s, color %d, PE (%d, %d)" % (p["name"], way, p["color"], p["x"], p["y"]))

    def coord_logical_to_physical(self, logical_coords):
        x, y = logical_coords
        return (self._image["x"] + x, self._image["y"] + y)

    def is_simulation(self):
        return True

    # Commands.

    def launch(self, symbol, *args, nonblock=False, **kwargs):
        if kwargs:
            raise TypeError("launch has no argument %r" % next(iter(kwargs)))
        fields = {"name": str(symbol), "args": [_argument(a) for a in args]}
        return self._command("launch", fields, nonblock)

    def call(self, symbol, params=(), nonblock=False):
        """The older form of launch: arguments come as a list."""
        return self.launch(symbol, *params, nonblock=nonblock)

    def memcpy_h2d(self, dest, src, px, py, w, h, elem_per_pe, **kwargs):
        return self._copy_in(dest, src, (px, py, w, h, elem_per_pe), kwargs)

    def memcpy_h2d_rowbcast(self, dest, src, px, py, w, h, elem_per_pe, **kwargs):
        return self._copy_in(dest, src, (px, py, w, h, elem_per_pe), kwargs, spread="row")

    def memcpy_h2d_colbcast(self, dest, src, px, py, w, h, elem_per_pe, **kwargs):
        return self._copy_in(dest, src, (px, py, w, h, elem_per_pe), kwargs, spread="col")

    def memcpy_h2d_stride(self, dest, src, px, py, w, h, elem_per_pe, row_stride, col_stride, **kwargs):
        return self._copy_in(
            dest, src, (px, py, w, h, elem_per_pe), kwargs,
            spread="stride", stride_x=int(row_stride), stride_y=int(col_stride),
        )

    def memcpy_d2h(self, dest, src, px, py, w, h, elem_per_pe, **kwargs):
        streaming, nonblock, fields = _transfer((px, py, w, h, elem_per_pe), kwargs)
        fields["id"] = int(src)
        _container(dest, "dest")
        if dest.size != w * h * elem_per_pe:
            raise ValueError(
                "dest has %d elements and the region needs %d*%d*%d = %d"
                % (dest.size, h, w, elem_per_pe, w * h * elem_per_pe)
            )

        def take(data):
            dest.flat[:] = np.frombuffer(data, dest.dtype)

        return self._command("stream_out" if streaming else "copy_out", fields, nonblock, take=take)

    def _copy_in(self, dest, src, region, kwargs, **more):
        streaming, nonblock, fields = _transfer(region, kwargs)
        fields["id"] = int(dest)
        fields.update(more)
        src = np.asarray(src)
        _container(src, "src")
        data = np.ascontiguousarray(src)
        return self._command("stream_in" if streaming else "copy_in", fields, nonblock, data)

    def send(self, port, src, n_wavelets=None, nonblock=False):
        src = np.ascontiguousarray(src)
        data = _wavelets(src, n_wavelets)
        return self._command("send", {"name": self._port(port)}, nonblock, data)

    def receive(self, port, dest, n_wavelets, nonblock=False):
        n = int(n_wavelets)

        def take(data):
            _fill(dest, np.frombuffer(data, np.uint32), n)

        return self._command("receive", {"name": self._port(port), "n": n}, nonblock, take=take)

    def receive_tofile(self, port, outfile, n_wavelets=0, nonblock=False):
        def take(data):
            with open(outfile, "wb") as f:
                f.write(data)

        return self._command("receive", {"name": self._port(port), "n": int(n_wavelets)}, nonblock, take=take)

    def _port(self, port):
        return port if isinstance(port, str) else self._ports[port]

    def _command(self, op, fields, nonblock, data=b"", take=None):
        if self._stopped:
            raise WaferError("%s after stop()" % op)
        self.run()  # programs that forget run() mean it
        answer, body = self._session.request(op, data, nonblock=bool(nonblock), **fields)
        if nonblock:
            task = Task(self, answer["task"], take)
            self._open.append(task)
            return task
        task = Task(self, None, take)
        task._finish(body)
        return task

    def task_wait(self, task_handle):
        if task_handle._number is not None:
            self._collect(task_handle)

    def _collect(self, task):
        if task._number is None:
            return
        _, body = self._session.request("wait", task=task._number)
        task._finish(body)

    def is_task_done(self, task_handle):
        if task_handle._number is None:
            return True
        answer, body = self._session.request("poll", task=task_handle._number)
        if answer["done"]:
            task_handle._finish(body)
        return answer["done"]

    # Memory, also after stop().

    def read_symbol(self, x, y, symbol_name, dtype="uint8"):
        _, body = self._session.request("symbol", x=int(x), y=int(y), name=symbol_name)
        return np.frombuffer(body, np.uint8).copy().view(np.dtype(dtype))

    def _read_trace(self, x, y, name):
        return self._session.request("trace", x=int(x), y=int(y), name=name)[0]["values"]


def _transfer(region, kwargs):
    """Checks the arguments that all copies share."""
    kwargs = dict(kwargs)
    streaming = bool(kwargs.pop("streaming", False))
    nonblock = bool(kwargs.pop("nonblock", False))
    order = kwargs.pop("order", MemcpyOrder.ROW_MAJOR)
    data_type = kwargs.pop("data_type", MemcpyDataType.MEMCPY_32BIT)
    if kwargs:
        raise TypeError(
            "a copy has no argument %r; it has streaming, data_type, order, nonblock" % next(iter(kwargs))
        )
    x, y, w, h, n = (int(v) for v in region)
    bits = 16 if getattr(data_type, "name", "") == "MEMCPY_16BIT" else 32
    fields = {
        "x": x, "y": y, "w": w, "h": h, "l": n,
        "bits": 32 if streaming else bits,  # in streams every element is a whole wavelet
        "col_major": getattr(order, "name", "") == "COL_MAJOR",
    }
    return streaming, nonblock, fields


def _container(arr, what):
    if not isinstance(arr, np.ndarray) or arr.dtype.itemsize != 4:
        raise TypeError(
            "%s must be a numpy array with 32-bit elements (uint32, int32, float32), also for 16-bit data; "
            "got %s: see sdk_utils.input_array_to_u32" % (what, getattr(arr, "dtype", type(arr).__name__))
        )


def _path(name):
    return "" if name is None else os.path.abspath(os.fspath(name))


_TYPES = {
    "bool": "bool", "int8": "i8", "uint8": "u8", "int16": "i16", "uint16": "u16", "int32": "i32",
    "uint32": "u32", "int64": "i64", "uint64": "u64", "float16": "f16", "float32": "f32",
}


def _argument(a):
    if isinstance(a, (bool, np.bool_)):
        return {"t": "bool", "i": int(a)}
    if isinstance(a, np.ndarray) and a.size == 1:
        a = a.reshape(-1)[0]
    if isinstance(a, np.generic):
        kind = _TYPES.get(a.dtype.name)
        if a.dtype.name == "float64":
            return {"t": "float", "f": float(a)}
        if kind is None:
            raise TypeError("a launch argument cannot be %s" % a.dtype)
        if kind[0] == "f":
            return {"t": kind, "f": float(a)}
        return {"t": kind, "i": _signed(int(a))}
    if isinstance(a, int):
        return {"t": "int", "i": _signed(a)}
    if isinstance(a, float):
        return {"t": "float", "f": a}
    raise TypeError("a launch argument must be a number, not %s" % type(a).__name__)


def _signed(n):
    return n - (1 << 64) if n >= 1 << 63 else n


def _wavelets(src, n):
    """The 32-bit words of a stream: 16-bit elements take one wavelet each."""
    if src.dtype.itemsize == 4:
        data = src.reshape(-1).view(np.uint32)
    elif src.dtype.itemsize == 2 and (n is None or n == src.size):
        data = src.reshape(-1).view(np.uint16).astype(np.uint32)
    elif src.nbytes % 4 == 0:
        data = src.reshape(-1).view(np.uint8).view(np.uint32)
    else:
        raise TypeError("a stream takes 16- or 32-bit elements, not %s" % src.dtype)
    if n is None:
        return data
    if n > data.size:
        raise ValueError("src has %d wavelets, not %d" % (data.size, n))
    return np.ascontiguousarray(data[:n])


def _fill(dest, words, n):
    if dest.dtype.itemsize == 4:
        dest.flat[:n] = words.view(dest.dtype)
    elif dest.dtype.itemsize == 2 and n == dest.size:
        dest.flat[:n] = words.astype(np.uint16).view(dest.dtype)
    else:
        values = words.view(np.uint8).view(dest.dtype)
        dest.flat[: values.size] = values
