"""SdkLayout: programs put together from code regions.

This side only takes notes. Colours, paths between ports and the code are worked
out by the wafer binary when compile() hands the notes over (docs/spec/layout.md).
"""

import os
from enum import Enum

import numpy as np

from ..._wire import Session, WaferError
from ._enums import FP16TYPE, SdkTarget
from ._platform import SdkCompileArtifacts, SdkExecutionPlatform


class Route(Enum):
    RAMP = 0
    EAST = 1
    WEST = 2
    NORTH = 3
    SOUTH = 4


class Edge(Enum):
    TOP = 0
    BOTTOM = 1
    LEFT = 2
    RIGHT = 3


class RoutingPosition:
    """One switch position of a colour: where wavelets come from and go to."""

    def __init__(self):
        self._input = []
        self._output = []

    def set_input(self, routes):
        self._input = list(routes)
        return self

    def set_output(self, routes):
        self._output = list(routes)
        return self

    def add_input(self, route):
        self._input.append(route)
        return self

    def add_output(self, route):
        self._output.append(route)
        return self

    def get_input(self):
        return list(self._input)

    def get_output(self):
        return list(self._output)

    def _note(self):
        return {"rx": [r.name for r in self._input], "tx": [r.name for r in self._output]}


class EdgeRouteInfo:
    """Routing positions for the cores along one edge of a region."""

    def __init__(self, edge, routes):
        self.edge = edge
        self.routes = list(routes)


def get_edge_routing(edge, routes):
    return EdgeRouteInfo(edge, routes)


class Color:
    """A colour by name. Without a value it gets one when the layout is compiled."""

    def __init__(self, name, value=None):
        self._name = str(name)
        self._value = value
        self._region = None
        if value is not None and not 0 <= int(value) <= 23:
            raise ValueError("color %r has the value %s; values are 0 to 23" % (name, value))

    def get_global_name(self):
        return self._name if self._region is None else "%s_%s" % (self._region, self._name)

    def get_local_param_name(self):
        return self._name

    def get_value(self):
        return self._value


class PortHandle:
    """A port of a region, to be connected or streamed to."""

    def __init__(self, number, name, is_input, size):
        self._number = number
        self.name = name
        self._is_input = is_input
        self.size = size


def _positions(routes):
    return [r._note() for r in routes]


class CodeRegion:
    """A rectangle of cores that run one file with their own parameters."""

    def __init__(self, layout, number, source, name, width, height):
        self._layout = layout
        self._number = number
        self.name = name
        self.width = int(width)
        self.height = int(height)
        self._x = 0
        self._y = 0
        self._source = os.path.abspath(source)
        self._params = []
        self._paints = []
        self._symbols = []

    def color(self, name, value=None):
        c = Color(name, value)
        c._region = self.name
        return c

    def place(self, x, y):
        self._x, self._y = int(x), int(y)

    # Parameters: (name, value), (name, color) or (color).

    def set_param(self, coord, *param):
        self._param([coord.x, coord.y, 1, 1], param)

    def set_param_all(self, *param):
        self._param([0, 0, self.width, self.height], param)

    def set_param_range(self, rect, *param):
        self._param(self._cut(rect), param)

    def _param(self, rect, param):
        if len(param) == 1 and isinstance(param[0], Color):
            name, value = param[0].get_local_param_name(), param[0]
        elif len(param) == 2 and isinstance(param[0], str):
            name, value = param
        else:
            raise TypeError("a parameter is a color, or a name with a number or a color")
        note = {"rect": rect, "name": name}
        if isinstance(value, Color):
            note["color"] = self._layout._color(value)
        else:
            note["int"] = int(value)
        self._params.append(note)

    # Routes. Later calls replace earlier ones where they overlap.

    def paint(self, coord, color, routes):
        self._paint([coord.x, coord.y, 1, 1], color, routes)

    def paint_all(self, color, routes, edge_routes=()):
        self._paint([0, 0, self.width, self.height], color, routes)
        for info in edge_routes:
            self._paint(self._edge(info.edge), color, info.routes)

    def paint_range(self, rect, color, routes):
        self._paint(self._cut(rect), color, routes)

    def _paint(self, rect, color, routes):
        note = {"rect": rect, "color": self._layout._color(color), "positions": _positions(routes)}
        self._paints.append(note)

    def _cut(self, rect):
        x, y = rect.origin.x, rect.origin.y
        return [x, y, max(0, min(rect.dims.x, self.width - x)), max(0, min(rect.dims.y, self.height - y))]

    def _edge(self, edge):
        w, h = self.width, self.height
        return {
            Edge.TOP: [0, 0, w, 1],
            Edge.BOTTOM: [0, h - 1, w, 1],
            Edge.LEFT: [0, 0, 1, h],
            Edge.RIGHT: [w - 1, 0, 1, h],
        }[edge]

    # Ports.

    def create_input_port(self, color, edge, routes, data_size, prefix=""):
        return self._layout._port(self, color, edge, routes, data_size, prefix, True)

    def create_output_port(self, color, edge, routes, data_size, prefix=""):
        return self._layout._port(self, color, edge, routes, data_size, prefix, False)

    # Data.

    def set_symbol_all(self, symbol, data, width, height):
        data = np.ascontiguousarray(data)
        if data.dtype.name not in ("int32", "uint32", "float32", "int16", "uint16", "float16"):
            raise TypeError("symbol data must have 16- or 32-bit elements, not %s" % data.dtype)
        if data.size != width * height:
            raise ValueError("%r has %d elements, not %d*%d" % (symbol, data.size, height, width))
        if width % self.width or height % self.height:
            raise ValueError(
                "%r of %dx%d elements cannot be divided among %dx%d cores"
                % (symbol, width, height, self.width, self.height)
            )
        offset = self._layout._add_data(data.tobytes())
        self._symbols.append({
            "name": symbol, "width": int(width), "height": int(height),
            "words": data.dtype.itemsize // 2, "offset": offset,
        })

    def _note(self):
        return {
            "name": self.name, "file": self._source, "x": self._x, "y": self._y,
            "w": self.width, "h": self.height, "params": self._params, "paints": self._paints,
            "symbols": self._symbols,
        }


class SdkLayout:
    """A program made of code regions and connections between their ports."""

    def __init__(self, platform, **kwargs):
        for name in kwargs:
            if name != "msg_level":
                raise TypeError("SdkLayout has no argument %r" % name)
        if isinstance(platform, SdkTarget):
            platform = SdkExecutionPlatform(target=platform)
        if not isinstance(platform, SdkExecutionPlatform):
            raise TypeError("SdkLayout needs a platform from get_platform() or a target")
        self._platform = platform
        self._regions = []
        self._colors = []
        self._color_numbers = {}
        self._ports = []
        self._connections = []
        self._streams = []
        self._data = bytearray()

    def create_code_region(self, source, name, width, height):
        if any(r.name == name for r in self._regions):
            raise WaferError("there are two code regions named %r" % name)
        region = CodeRegion(self, len(self._regions), source, name, width, height)
        self._regions.append(region)
        return region

    def connect(self, tx, rx):
        if tx._is_input or not rx._is_input:
            raise WaferError("connect takes an output port and an input port, in this order")
        if tx.size != rx.size:
            raise WaferError(
                "port %r sends %d wavelets and port %r takes %d" % (tx.name, tx.size, rx.name, rx.size)
            )
        self._connections.append([tx._number, rx._number])

    def create_input_stream(self, port, io_loc=None, io_buffer_size=1024):
        if not port._is_input:
            raise WaferError("an input stream needs an input port; %r is an output port" % port.name)
        return self._stream(port.name + "_stream", {"port": port._number, "input": True})

    def create_output_stream(self, port, io_loc=None, io_buffer_size=1024):
        if port._is_input:
            raise WaferError("an output stream needs an output port; %r is an input port" % port.name)
        return self._stream(port.name + "_stream", {"port": port._number, "input": False})

    def create_input_stream_from_loc(self, loc, color, prefix=""):
        return self._stream_at(loc, color, prefix, True)

    def create_output_stream_from_loc(self, loc, color, prefix=""):
        return self._stream_at(loc, color, prefix, False)

    def _stream_at(self, loc, color, prefix, is_input):
        name = prefix + color.get_global_name() + "_stream"
        note = {"port": -1, "x": loc.x, "y": loc.y, "color": self._color(color), "input": is_input}
        return self._stream(name, note)

    def _stream(self, name, note):
        if any(s["name"] == name for s in self._streams):
            raise WaferError("there are two streams named %r: give one a prefix" % name)
        note["name"] = name
        self._streams.append(note)
        return name

    def hstack(self, children, origin=None):
        x, y = self._origin(children, origin)
        start = x
        for c in children:
            c.place(x, y)
            x += c.width
        return x - start

    def vstack(self, children, origin=None):
        x, y = self._origin(children, origin)
        start = y
        for c in children:
            c.place(x, y)
            y += c.height
        return y - start

    @staticmethod
    def _origin(children, origin):
        if origin is not None:
            return origin.x, origin.y
        return children[0]._x, children[0]._y

    def compile(self, out_prefix, libs=(), cslc_prefix="", save_port_map=False, f16_type=FP16TYPE.F16):
        spec = {
            "arch": self._platform.target.name.lower(),
            "out": os.path.abspath(os.fspath(out_prefix)),
            "libs": [os.path.abspath(p) for p in libs],
            "fp16": f16_type.value,
            "regions": [r._note() for r in self._regions],
            "colors": self._colors,
            "ports": self._ports,
            "connections": self._connections,
            "streams": self._streams,
            "port_map": bool(save_port_map),
        }
        session = Session()
        try:
            session.request("layout", bytes(self._data), spec=spec)
        finally:
            session.close()
        return SdkCompileArtifacts(spec["out"])

    # Numbers for what the notes name.

    def _color(self, color):
        name = color.get_global_name()
        if name not in self._color_numbers:
            self._color_numbers[name] = len(self._colors)
            self._colors.append({"name": name, "value": -1})
        number = self._color_numbers[name]
        if color._value is not None:
            self._colors[number]["value"] = int(color._value)
        return number

    def _port(self, region, color, edge, routes, size, prefix, is_input):
        name = "%s_%s%s" % (region.name, prefix, color.get_local_param_name())
        if any(p["name"] == name for p in self._ports):
            raise WaferError("there are two ports named %r: give one a prefix" % name)
        self._ports.append({
            "name": name, "region": region._number, "color": self._color(color), "edge": edge.name,
            "positions": _positions(routes), "size": int(size), "input": is_input,
        })
        return PortHandle(len(self._ports) - 1, name, is_input, int(size))

    def _add_data(self, data):
        offset = len(self._data)
        self._data += data
        return offset
