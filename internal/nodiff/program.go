package nodiff

import (
	"fmt"

	"wafer/internal/machine"
)

// Program is a generated program: what each core does, and how wavelets travel.
// Messages have an order. Every core takes part in them in that order, so the
// smallest unfinished message can always proceed and no program stands still.
type Program struct {
	Seed     uint64
	Arch     machine.Arch
	Profile  string // the machine it runs on
	W, H     int
	Launched bool // started by the host instead of by themselves
	Faulty   bool // some cores make a mistake: nothing is predicted but that
	cores    []*core
	channels []*channel
	messages []*message
}

// core is the program of one core.
type core struct {
	x, y    int
	names   int
	id      *variable
	vars    []*variable // globals
	views   []*view
	structs []structure
	fifos   []fifo
	funcs   []*function
	steps   []*step
	in      map[*channel]int // queues
	out     map[*channel]int
	ids     []int // local task ids of the steps
	data    []*dataTask
	talks   bool // prints
}

// step is a local task. It does its body, starts its operations in the background,
// does what is after them, and the next step begins when all have ended.
type step struct {
	body, after *block
	async       []*transfer
	data        *dataTask // a data task that must have ended too
	fan         []*fan    // tasks that run before the next step, in any order
}

// fan is a local task that runs a few times, each time activating itself. It writes
// to variables of its own only, so the order of such tasks does not matter.
type fan struct {
	id   int
	runs int
	seen *variable
	body *block
}

// channel is a colour with a source and a tree of routes to its takers.
type channel struct {
	color uint8
	from  *core
	to    []*core
	tiles map[int]*tile // by y*W+x
	// line are senders in a row behind each other, the nearest to the taker first.
	// Switches give each its turn; from is the nearest.
	line []*core
	// filter lets only some of the wavelets into a core; by core.
	filter map[*core]filter
	once   bool // carries one message: the state of switches and filters is used up
}

// filter lets some wavelets into a core: a counter filter counts from init to limit
// and lets through what comes while it is at most max. A range filter lets through
// what has an index from init to max; wavelets carry 0, 1, 2 … then.
type filter struct {
	ranged           bool
	init, max, limit int
}

func (f filter) text() string {
	if f.ranged {
		return fmt.Sprintf(".filter = .{ .kind = .{ .range = true }, .min_idx = %d, .max_idx = %d }", f.init, f.max)
	}
	return fmt.Sprintf(".filter = .{ .kind = .{ .counter = true }, .count_data = true, .init_counter = %d, .max_counter = %d, .limit1 = %d }",
		f.init, f.max, f.limit)
}

// indexed says whether the wavelets of a channel have to carry an index.
func (ch *channel) indexed() bool {
	for _, f := range ch.filter {
		if f.ranged {
			return true
		}
	}
	return false
}

// passes are the indexes of the wavelets, of n, that come through.
func (f filter) passes(n int) []int {
	var out []int
	if f.ranged {
		for i := f.init; i <= f.max && i < n; i++ {
			out = append(out, i)
		}
		return out
	}
	at := f.init
	for i := range n {
		if at <= f.max {
			out = append(out, i)
		}
		if at++; at > f.limit {
			at = 0
		}
	}
	return out
}

// tile is the route of a channel through a router.
type tile struct {
	rx    machine.Dir
	tx    machine.DirSet
	at    int
	after machine.Dir // rx of switch position 1, Ramp for none
}

// message is n elements along a channel.
type message struct {
	order int
	ch    *channel
	typ   Type
	n     int
	off   bool     // dropped by the minimiser
	ctl   int      // these are control wavelets for this task, 0: data
	next  *message // what a core makes of this one, element by element; they go together
}

// dropped says whether the minimiser has taken the message away.
func (m *message) dropped() bool { return m.off || m.next != nil && m.next.off }

// count is the number of elements that core c sends or takes.
func (m *message) count(c *core) int {
	if len(m.ch.line) > 0 && c == m.ch.to[0] {
		return m.n * len(m.ch.line)
	}
	if f, ok := m.ch.filter[c]; ok {
		return len(f.passes(m.n))
	}
	return m.n
}

// transfer is one side of a message: an operation between the core's buffer and a
// queue.
type transfer struct {
	m     *message
	send  bool
	buf   *variable
	add   bool // receive: add to the buffer; send: add the buffer to itself
	prio  string
	sync  bool
	ut    int // microthread on WSE-3, -1: of the queue
	queue int
	n     int // elements
	// out: what arrives is sent on, changed, in the same operation.
	out      *message
	outQueue int
	fifo     int // capacity of a FIFO between the two, each with its microthread
}

// dropped says whether the minimiser has taken the message away, or the one that
// is made of it.
func (t *transfer) dropped() bool {
	return t.m.dropped() || t.out != nil && t.out.dropped()
}

// dataTask takes a message one wavelet at a time.
type dataTask struct {
	m     *message
	name  string
	buf   *variable
	sum   *variable
	count *variable
	next  int // step that it lets go on
	n     int
}
