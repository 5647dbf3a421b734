package pe

import (
	"math/bits"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
)

// How the next task is chosen: what is activated and not blocked, and what has a
// wavelet at the head of its queue. High-priority tasks go first; among equals
// the ids take turns, beginning behind the one that ran last. So ids decide
// where nothing else does, and no task can starve another. ASSUMED(task-order)
// A command of the host runs when no task is ready.

// choice is a task that could run.
type choice struct {
	fn    int32
	id    uint8
	queue int8 // whose head it takes, -1 none
	high  bool
}

// pick starts the next task of an idle core.
func (k *Cluster) pick(c *Core) {
	if c.active&^c.blocked == 0 && c.ramp.Filled == 0 {
		k.pickCommand(c)
		return
	}
	best, found := choice{}, false
	var n uint64
	consider := func(ch choice) {
		n++
		if !found || k.before(c, ch, best, n) {
			best, found = ch, true
		}
	}
	for m := c.active &^ c.blocked; m != 0; m &= m - 1 {
		id := uint8(bits.TrailingZeros64(m))
		if fn := c.prog.local[id]; fn >= 0 {
			consider(choice{fn, id, -1, c.high>>id&1 == 1})
		} else if id == machine.TaskTeardown && k.handler(c) >= 0 {
			consider(choice{k.handler(c), id, -1, c.high>>id&1 == 1})
		}
	}
	for m := c.ramp.Filled; m != 0; m &= m - 1 {
		if ch, ok := k.waveletTask(c, bits.TrailingZeros16(m)); ok {
			consider(ch)
		}
	}
	if found {
		k.begin(c, best)
		return
	}
	k.pickCommand(c)
}

// before orders choices.
func (k *Cluster) before(c *Core, a, b choice, n uint64) bool {
	if a.high != b.high {
		return a.high
	}
	if k.Seed != 0 {
		// Reservoir sampling: the n-th candidate replaces with probability 1/n.
		return mix(k.Seed^uint64(k.Now)<<20^uint64(c.y)<<10^uint64(c.x)+n*0x9e3779b97f4a7c15)%n == 0
	}
	turn := func(id uint8) uint8 { return (id - c.lastTask - 1) & (machine.MaxTasks - 1) }
	return turn(a.id) < turn(b.id)
}

// mix is a finaliser of splitmix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// waveletTask gives the task that the head of input queue q starts.
func (k *Cluster) waveletTask(c *Core, q int) (choice, bool) {
	it := c.ramp.In[q].Visible(uint32(k.Now))
	if it == nil {
		return choice{}, false
	}
	carrier := c.prog.data[q].id
	if c.prog.data[q].fn < 0 {
		carrier = uint8(q & (machine.MaxTasks - 1))
		if k.M.Arch == machine.WSE2 {
			carrier = it.Color
		}
	}
	if c.blocked>>(carrier&63)&1 == 1 {
		return choice{}, false
	}
	high := c.high>>(carrier&63)&1 == 1
	if !it.Ctrl {
		d := c.prog.data[q]
		if d.fn < 0 || k.reading(c, q) {
			return choice{}, false
		}
		if r := c.rotation(q); r >= 0 && c.rotated[r] == c.prog.Rotate[r].Limit {
			return choice{c.prog.Rotate[r].Func, d.id, int8(q), high}, true
		}
		return choice{d.fn, d.id, int8(q), high}, true
	}
	if k.relays(c, q) {
		return choice{}, false
	}
	id := uint8(it.Data >> 16 & fabric.EntryBits)
	if r := c.rotation(q); r >= 0 && id == 0 {
		return choice{c.prog.Rotate[r].Func, id, int8(q), high}, true
	}
	if fn := c.prog.ctrl[id]; fn >= 0 {
		// Where a local task has the same id the tables are apart (WSE-3), and
		// blocking the one does not block the other.
		if c.prog.local[id] < 0 && c.blocked>>id&1 == 1 {
			return choice{}, false
		}
		return choice{fn, id, int8(q), high}, true
	}
	// On a shared table a control wavelet can start a local task as well.
	if fn := c.prog.local[id]; fn >= 0 && c.blocked>>id&1 == 0 {
		return choice{fn, id, int8(q), high}, true
	}
	return choice{}, false
}

// begin lets the main thread run a task.
func (k *Cluster) begin(c *Core, ch choice) {
	if !k.enter(c, ch.fn, 0) {
		return
	}
	f := &c.prog.Funcs[ch.fn]
	if ch.queue >= 0 {
		it := *c.ramp.In[ch.queue].Head()
		if r := c.rotation(int(ch.queue)); r >= 0 && !it.Ctrl {
			c.rotate(r)
		}
		k.take(c, int(ch.queue))
		k.arguments(c, f, it)
	} else {
		c.active &^= 1 << ch.id
		if ch.id == machine.TaskTeardown {
			k.handled(c)
		}
	}
	c.lastTask = ch.id
	k.run(c, ch.fn, int16(ch.id))
}

// rotation gives the pair of rotating tasks of an input queue, -1 if it has none.
func (c *Core) rotation(q int) int {
	for i := range c.prog.Rotate {
		if int(c.prog.Rotate[i].Queue) == q {
			return i
		}
	}
	return -1
}

// rotate counts a start of a data task that rotates. Whether the wavelet that
// starts the alternate task is the alternate's, and whether the count is compared
// before it grows, is not published. ASSUMED(rotation)
func (c *Core) rotate(r int) {
	if c.rotated[r]++; c.rotated[r] > c.prog.Rotate[r].Limit {
		c.rotated[r] = 0
	}
}

// run starts fn in the frame that enter made.
func (k *Cluster) run(c *Core, fn int32, id int16) {
	c.task, c.pc = id, c.prog.Funcs[fn].PC
	c.sp = c.prog.StackAt
	c.state = mainRun
	c.ready = max(k.Now+int64(k.M.Costs.TaskWake), c.lastEnd+int64(k.M.Costs.TaskSwitch))
	c.stats.Tasks++
	if id >= 0 {
		c.ran |= 1 << id
	}
	k.event(c, EventTask, int(id), fn)
}

// arguments fills the argument registers of a data or control task.
func (k *Cluster) arguments(c *Core, f *image.Func, it fabric.Item) {
	half := 0
	for i, rep := range f.ArgReps {
		v := uint64(it.Data)
		if rep.Words() < 2 {
			v >>= 16 * half
			half = 1
		}
		c.regs[i] = normal(rep, v)
	}
}

// endTask is the return from a task's function.
func (k *Cluster) endTask(c *Core) {
	c.state, c.lastEnd = mainIdle, k.Now
	k.event(c, EventTaskEnd, int(c.task), c.fn)
	c.stats.Instructions++
	if c.task == machine.TaskTeardown && (c.tornNew != 0 || c.flushNew != 0) && k.handler(c) >= 0 {
		c.active |= 1 << machine.TaskTeardown
	}
	c.task = -1
}

// handler gives the function for task 29 when the program has none of its own:
// the handler of the lowest colour whose teardown has just arrived, then that of
// the lowest queue whose flush has ended.
func (k *Cluster) handler(c *Core) int32 {
	for m := c.tornNew; m != 0; m &= m - 1 {
		if fn := c.prog.teardown[bits.TrailingZeros32(m)]; fn >= 0 {
			return fn
		}
	}
	for m := c.flushNew; m != 0; m &= m - 1 {
		if fn := c.prog.empty[queueKey(bits.TrailingZeros16(m))]; fn >= 0 {
			return fn
		}
	}
	return -1
}

// queueKey turns a bit of flushed (in 0–7, out 8–15) into a key of QueueEmpty
// (out 0–7, in 8–15).
func queueKey(bit int) int { return bit ^ machine.Queues }

// handled marks what handler chose as taken care of.
func (k *Cluster) handled(c *Core) {
	if c.prog.local[machine.TaskTeardown] >= 0 {
		c.tornNew, c.flushNew = 0, 0
		return
	}
	for m := c.tornNew; m != 0; m &= m - 1 {
		if b := bits.TrailingZeros32(m); c.prog.teardown[b] >= 0 {
			c.tornNew &^= 1 << b
			return
		}
	}
	for m := c.flushNew; m != 0; m &= m - 1 {
		if b := bits.TrailingZeros16(m); c.prog.empty[queueKey(b)] >= 0 {
			c.flushNew &^= 1 << b
			return
		}
	}
}

// pickCommand starts the next command of the host, one at a time.
func (k *Cluster) pickCommand(c *Core) {
	if c.owes || len(c.cmds) == 0 || c.cmds[0].Due > k.Now {
		return
	}
	cmd := c.cmds[0]
	c.cmds = c.cmds[1:]
	c.owes = true
	if !k.enter(c, cmd.Func, 0) {
		return
	}
	f := &c.prog.Funcs[cmd.Func]
	args := cmd.Args
	for i, rep := range f.ArgReps {
		var v uint64
		for w := range min(rep.Words(), len(args)) {
			v |= uint64(args[w]) << (16 * w)
		}
		args = args[min(rep.Words(), len(args)):]
		c.regs[i] = normal(rep, v)
	}
	k.run(c, cmd.Func, -1)
}

// hostDone is the end of the host's command on this core. Without one running it
// has no effect, as when a program unblocks the command stream twice.
func (k *Cluster) hostDone(c *Core) {
	if !c.owes {
		return
	}
	c.owes = false
	if len(c.cmds) == 0 {
		k.Owed--
	}
}

// take removes the head of input queue q.
func (k *Cluster) take(c *Core, q int) {
	iq := &c.ramp.In[q]
	k.Grid.TakeIn(c.tile, c.ramp, q)
	if iq.Flushing && iq.N == 0 {
		iq.Flushing = false
		k.flushEnd(c, q)
	}
}

// flush activates the teardown task once a queue is empty. key counts output
// queues 0–7, input queues 8–15.
func (k *Cluster) flush(c *Core, key int) {
	q := &c.ramp.Out[key&7]
	if key >= machine.Queues {
		q = &c.ramp.In[key&7]
	}
	if q.N == 0 {
		k.flushEnd(c, queueKey(key))
		return
	}
	q.Flushing = true
	c.flushing = true
}

func (k *Cluster) flushEnd(c *Core, bit int) {
	c.flushed |= 1 << bit
	c.flushNew |= 1 << bit
	c.active |= 1 << machine.TaskTeardown
}

// outFlushes notices output queues that have become empty.
func (k *Cluster) outFlushes(c *Core) {
	c.flushing = false
	for q := range c.ramp.Out {
		if oq := &c.ramp.Out[q]; oq.Flushing && oq.N == 0 {
			oq.Flushing = false
			k.flushEnd(c, machine.Queues+q)
		}
		c.flushing = c.flushing || c.ramp.Out[q].Flushing
	}
}
