package pe

import "wafer/internal/sim/fabric"

// EventKind says what an Event is.
type EventKind uint8

// The kinds. A task or operation begins at its event and ends at the next End
// event of the same core and slot.
const (
	EventTask    EventKind = iota // ID task id, -1 a host command; Arg function
	EventTaskEnd                  // ID task id; Arg function
	EventOp                       // ID slot: 0–7 microthread, 8 main; Arg image.DSDKindOp
	EventOpEnd
	EventMem // a synchronous operation on memory: ID its cycles, Arg image.DSDKindOp
	EventPrint
	EventFault
)

// Event is one thing that happened on a core.
type Event struct {
	Cycle int64
	X, Y  int32
	Kind  EventKind
	ID    int32
	Arg   int32
	// In and Out are the colours that an operation takes from and sends on, NoColor
	// for none; EventOp and EventOpEnd only.
	In, Out uint8
	Text    string
}

// NoColor stands for no colour in an Event.
const NoColor = fabric.NoColor

// event records an event if somebody listens.
func (k *Cluster) event(c *Core, kind EventKind, id int, arg int32) {
	if !k.Trace || k.Traced != nil && !k.Traced(c.x, c.y) {
		return
	}
	k.Events = append(k.Events, Event{
		Cycle: k.Now, X: int32(c.x), Y: int32(c.y), Kind: kind, ID: int32(id), Arg: arg, In: NoColor, Out: NoColor,
	})
}

// opEvent records the begin or the end of an operation with its colours.
func (k *Cluster) opEvent(c *Core, kind EventKind, o *op) {
	n := len(k.Events)
	k.event(c, kind, int(o.slot), int32(o.kind))
	if len(k.Events) == n {
		return
	}
	e := &k.Events[n]
	for i := range o.nsrc {
		if o.src[i].at == atIn {
			e.In = c.ramp.In[o.src[i].q].Color
		}
	}
	if o.dst.at == atOut {
		e.Out = o.dst.color
	}
}

// account books the time since the last visit under the state chosen then.
func (k *Cluster) account(c *Core) { c.book(k.Now) }

// book books the time up to cycle now. What it says does not depend on how often a
// core was visited: a wait for elements counts as work while the last one takes.
func (c *Core) book(now int64) {
	n := now - c.statSince
	if n < 0 {
		return // the core ran ahead
	}
	work := min(max(c.dsdUntil-c.statSince, 0), n)
	c.statSince = now
	switch c.statState {
	case statScalar:
		c.stats.Scalar += n
	case statDSD:
		c.stats.DSD += n
	case statWaiting:
		c.stats.DSD += work
		c.stats.Waiting += n - work
	default:
		c.stats.DSD += work
		c.stats.Idle += n - work
	}
}

// statKind gives the state under which the time until the next visit is booked.
func (c *Core) statKind() uint8 {
	switch {
	case c.state == mainHold:
		return statDSD
	case c.state == mainRun && !c.stall.on:
		return statScalar
	case c.busy != 0 || c.state == mainRun:
		return statWaiting
	}
	return statIdle
}

// Stats gives the counters of tile t up to cycle now.
func (k *Cluster) Stats(t int32, now int64) Stats {
	c := k.cores[t]
	if c == nil {
		return Stats{Idle: now}
	}
	k.Now = now
	k.account(c)
	return c.stats
}
