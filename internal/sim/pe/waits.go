package pe

import (
	"fmt"
	"math/bits"
	"strings"

	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// Wait is something that a core waits for.
type Wait struct {
	What  string
	Place string // "file:line" of the operation
	Task  int    // running task, -1 none
	Queue int    // queue waited for, -1 none
	Color uint8  // its colour, 31 none
	Out   bool   // an output queue
}

// Waits lists what the core of tile t waits for.
func (k *Cluster) Waits(t int32, now int64) (ws []Wait) {
	c := k.cores[t]
	if c == nil || c.dead {
		return nil
	}
	k.Now = now
	for m := c.busy; m != 0; m &= m - 1 {
		ws = append(ws, k.opWait(c, c.ops[bits.TrailingZeros16(m)]))
	}
	if c.state == mainRun && c.stall.on {
		w := Wait{What: "@map waits for a wavelet", Place: c.prog.Place(c.pc), Task: int(c.task), Queue: int(c.stall.queue), Out: c.stall.out}
		w.Color = c.ramp.In[c.stall.queue].Color
		if c.stall.out {
			w.What, w.Color = "@map waits for room in its output queue", c.ramp.Out[c.stall.queue].Color
		}
		ws = append(ws, w)
	}
	for m := c.active & c.blocked; m != 0; m &= m - 1 {
		id := bits.TrailingZeros64(m)
		ws = append(ws, Wait{What: fmt.Sprintf("task %d %s is activated but blocked", id, c.prog.TaskName(id)), Task: id, Queue: -1, Color: fabric.NoColor})
	}
	for q := range c.ramp.In {
		if w, ok := k.headWait(c, q); ok {
			ws = append(ws, w)
		}
	}
	if len(ws) == 0 && c.owes {
		ws = append(ws, Wait{What: c.unfinished(), Task: -1, Queue: -1, Color: fabric.NoColor})
	}
	return ws
}

// unfinished describes a core that has nothing left to do but owes the end of a
// launch: which of its tasks were never started is where its author will look.
func (c *Core) unfinished() string {
	var idle []string
	for _, t := range c.prog.Tasks {
		if c.ran>>t.ID&1 == 0 {
			idle = append(idle, fmt.Sprintf("%d %s", t.ID, c.prog.TaskName(int(t.ID))))
		}
	}
	if len(idle) == 0 {
		return "has run all its tasks, and none called unblock_cmd_stream"
	}
	return "has nothing to do and has not called unblock_cmd_stream; never started: task " + strings.Join(idle, ", task ")
}

// opWait says what an operation waits for.
func (k *Cluster) opWait(c *Core, o *op) Wait {
	name := opName(o.kind)
	if o.slot < mainSlot {
		name = fmt.Sprintf("microthread %d, %s", o.slot, name)
	}
	if !o.endless {
		name += fmt.Sprintf(" (%d of %d elements done)", o.done, o.n)
	}
	w := Wait{Place: c.prog.Place(o.pc), Task: int(c.task), Queue: -1, Color: fabric.NoColor}
	for i := range o.nsrc {
		x := &o.src[i]
		if x.at == atIn && !x.half && k.whenSource(c, o, x) == never {
			w.Queue, w.Color = int(x.q), c.ramp.In[x.q].Color
			w.What = fmt.Sprintf("%s waits for a wavelet in input queue %d, color %d", name, x.q, w.Color)
			if it := c.ramp.In[x.q].Head(); it != nil {
				w.What = fmt.Sprintf("%s waits behind a control wavelet (task %d) in input queue %d, color %d", name, it.Data>>16&fabric.EntryBits, x.q, w.Color)
				w.Queue = -1
			}
			return w
		}
		if x.at == atFifo && !c.fifoData(x) {
			w.What = fmt.Sprintf("%s waits for data in FIFO %d", name, x.q)
			return w
		}
	}
	switch {
	case o.dst.at == atOut && c.ramp.Out[o.dst.q].Full():
		w.Queue, w.Color, w.Out = int(o.dst.q), o.dst.color, true
		w.What = fmt.Sprintf("%s waits for room in output queue %d, color %d", name, o.dst.q, o.dst.color)
	case o.dst.at == atFifo && !c.fifoRoom(&o.dst):
		w.What = fmt.Sprintf("%s waits for room in FIFO %d", name, o.dst.q)
	case c.utBlocked>>o.slot&1 == 1 && o.slot < mainSlot:
		w.What = name + " is blocked"
	default:
		w.What = name + " is at work"
	}
	return w
}

// headWait says why the wavelet at the head of an input queue is not taken.
func (k *Cluster) headWait(c *Core, q int) (Wait, bool) {
	iq := &c.ramp.In[q]
	it := iq.Head()
	if it == nil || k.reading(c, q) && !it.Ctrl {
		return Wait{}, false
	}
	w := Wait{Task: int(c.task), Queue: -1, Color: fabric.NoColor}
	d := c.prog.data[q]
	id := d.id
	switch {
	case it.Ctrl:
		id = uint8(it.Data >> 16 & fabric.EntryBits)
		w.What = fmt.Sprintf("a control wavelet of color %d for task %d %s waits", iq.Color, id, c.prog.TaskName(int(id)))
	case d.fn < 0:
		w.What = fmt.Sprintf("%d wavelets of color %d wait in input queue %d; no task or operation takes them", iq.N, iq.Color, q)
		return w, true
	default:
		w.What = fmt.Sprintf("%d wavelets of color %d wait for data task %d %s", iq.N, iq.Color, id, c.prog.TaskName(int(id)))
	}
	switch {
	case c.blocked>>(id&63)&1 == 1 || d.fn >= 0 && c.blocked>>(d.id&63)&1 == 1 || k.M.Arch == machine.WSE2 && c.blocked>>(iq.Color&63)&1 == 1:
		w.What += ", which is blocked"
	case c.state != mainIdle:
		w.What += ", while the main thread is busy"
	}
	return w, true
}
