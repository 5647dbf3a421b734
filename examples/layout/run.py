"""A program of regions: the host's stream is dealt out to a row of cores, each
multiplies its part by weights of its own, and every core answers on a stream."""

import argparse

import numpy as np

from cerebras.geometry.geometry import IntVector
from cerebras.sdk.runtime.sdkruntimepybind import (
    Color,
    Edge,
    Route,
    RoutingPosition,
    SdkLayout,
    SdkRuntime,
    SdkTarget,
    SimfabConfig,
    get_edge_routing,
    get_platform,
)

parser = argparse.ArgumentParser()
parser.add_argument("--arch", choices=["wse2", "wse3"], default="wse3")
args = parser.parse_args()

size, parts = 8, 3
target = SdkTarget.WSE3 if args.arch == "wse3" else SdkTarget.WSE2
platform = get_platform(None, SimfabConfig(), target)
layout = SdkLayout(platform)
to_core = RoutingPosition().set_output([Route.RAMP])
from_core = RoutingPosition().set_input([Route.RAMP])

feed = layout.create_code_region("feed.csl", "feed", 1, 1)
rx, tx = feed.color("rx"), feed.color("tx")
feed.set_param_all("size", size)
feed.set_param_all("parts", parts)
feed.set_param_all(rx)
feed.set_param_all(tx)
feed_in = feed.create_input_port(rx, Edge.LEFT, [to_core], size * parts)
feed_out = feed.create_output_port(tx, Edge.RIGHT, [from_core], size * parts)
feed.place(1, 1)

deal = layout.create_code_region("deal.csl", "deal", parts, 1)
rx, tx = deal.color("rx"), deal.color("tx")
deal.set_param_all("size", size)
deal.set_param_all(rx)
deal.set_param_all(tx)
take = RoutingPosition().set_input([Route.WEST]).set_output([Route.RAMP])
let_by = RoutingPosition().set_input([Route.WEST]).set_output([Route.EAST])
deal.paint_all(rx, [take, let_by], [get_edge_routing(Edge.RIGHT, [take])])
past = RoutingPosition().set_output([Route.EAST])
deal_in = deal.create_input_port(rx, Edge.LEFT, [to_core, past], size * parts)
deal_out = deal.create_output_port(tx, Edge.BOTTOM, [from_core], size * parts)
deal.place(4, 1)

# The workers stand aside, so that their paths have to turn.
scale = layout.create_code_region("scale.csl", "scale", parts, 1)
rx, tx = Color("in", 7), scale.color("tx")
scale.set_param_all("size", size)
scale.set_param_all("rx", rx)
scale.set_param_all(tx)
scale_in = scale.create_input_port(rx, Edge.TOP, [to_core], size * parts)
weights = np.random.default_rng(5).random((1, parts * size), dtype=np.float32)
scale.set_symbol_all("weights", weights, parts * size, 1)
scale_out = scale.create_output_port(tx, Edge.BOTTOM, [from_core], size * parts)
scale.place(5, 5)

layout.connect(feed_out, deal_in)
layout.connect(deal_out, scale_in)
sinks = []
collect = layout.create_code_region("scale.csl", "collect", parts, 1)
rx, tx = collect.color("rx"), collect.color("tx")
collect.set_param_all("size", size)
collect.set_param_all(rx)
collect.set_param_all(tx)
collect.set_symbol_all("weights", np.ones((1, parts * size), np.float32), parts * size, 1)
layout.connect(scale_out, collect.create_input_port(rx, Edge.TOP, [to_core], size * parts))
collect.place(5, 8)

# One stream for each core of the last row: its colour leaves to the south.
for i in range(parts):
    collect.paint(IntVector(i, 0), tx, [RoutingPosition().set_input([Route.RAMP]).set_output([Route.SOUTH])])
end = [layout.create_code_region("scale.csl", "end%d" % i, 1, 1) for i in range(parts)]
for i, region in enumerate(end):
    rx = region.color("rx")
    out = region.color("tx")
    region.set_param_all("size", size)
    region.set_param_all("rx", tx)
    region.set_param_all("tx", out)
    region.set_symbol_all("weights", np.full((1, size), i + 1, np.float32), size, 1)
    region.paint_all(tx, [RoutingPosition().set_input([Route.NORTH]).set_output([Route.RAMP])])
    region.place(5 + i, 9)
    sinks.append(layout.create_output_stream(region.create_output_port(out, Edge.BOTTOM, [from_core], size)))

source = layout.create_input_stream(feed_in)
artifacts = layout.compile(out_prefix="out")

runtime = SdkRuntime(artifacts, platform, memcpy_required=False)
runtime.load()
runtime.run()
data = np.random.default_rng(6).random(size * parts, dtype=np.float32)
got = [np.zeros(size, np.float32) for _ in sinks]
runtime.send(source, data, nonblock=True)
for stream, array in zip(sinks, got):
    runtime.receive(stream, array, size, nonblock=True)
runtime.stop()

want = (data * weights[0]).reshape(parts, size) * np.arange(1, parts + 1, dtype=np.float32)[:, None]
np.testing.assert_array_equal(np.array(got), want)
held = np.array([runtime.read_symbol(5 + i, 5, "weights", "float32") for i in range(parts)])
np.testing.assert_array_equal(held.ravel(), weights[0])
print("SUCCESS!")
